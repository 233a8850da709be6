import { Authsignal } from '@authsignal/node'
import { AuthsignalClient, type ActionClient, type AuthsignalError } from 'authsignal-express'
import { startRecordingServer, type RecordingServer } from '../helpers/recording-server'

/* The published SDK and this client, side by side against one server that writes down what it is sent. */

const apiSecretKey = 'sécret/+=%41'

type Calls = Record<string, (request: object) => Promise<unknown>>

let server: RecordingServer
let ours: AuthsignalClient
let sdk: Authsignal

beforeAll(async () => {
  server = await startRecordingServer()
  ours = new AuthsignalClient({ apiSecretKey, apiUrl: server.apiUrl })
  sdk = new Authsignal({ apiSecretKey, apiUrl: server.apiUrl })
})
beforeEach(() => {
  server.reset()
})
afterAll(() => server.close())

/** The one request that the call sent, and its answer. */
async function recorded(client: AuthsignalClient | Authsignal, name: string, request: object) {
  server.requests.length = 0
  const call = (client as unknown as Calls)[name]
  if (!call) throw new Error(`there is no ${name}`)
  const answer = await call.call(client, request)
  expect(server.requests).toHaveLength(1)
  const { method = '', path = '', query = '', headers = {}, body } = server.requests[0] ?? {}
  return { answer, sent: { method, path, query, authorization: headers.authorization, body }, headers }
}

async function errorOf(promise: Promise<unknown>): Promise<AuthsignalError> {
  return promise.then(
    () => {
      throw new Error('nothing was thrown')
    },
    (error: unknown) => error as AuthsignalError,
  )
}

const alice = { userId: 'alice' }
const action = { ...alice, action: 'transfer', idempotencyKey: '0c1d-2e3f' }
const everyTrackAttribute = {
  idempotencyKey: 'k1',
  redirectUrl: 'https://bank.example/back?a=b',
  redirectToSettings: true,
  ipAddress: '203.0.113.7',
  userAgent: 'Mozilla/5.0',
  deviceId: 'd1',
  scope: 'add:authenticators',
  email: 'alice@example.com',
  phoneNumber: '+6421000000',
  username: 'Älice',
  custom: { amount: 10, payee: 'Bob “B” 😀\u2028', premium: false },
  challengeId: 'c1',
  locale: 'de',
  customDomain: 'mfa.bank.example',
  later: 'a field of a later version',
}

const calls: [name: string, request: object][] = [
  ['track', { ...alice, action: 'transfer', attributes: everyTrackAttribute }],
  ['track', { ...alice, action: 'a-Z_9', attributes: { idempotencyKey: 'k1', email: undefined } }],
  ['getAction', action],
  ['updateAction', { ...action, attributes: { state: 'REVIEW_SUCCEEDED' } }],
  ['queryUserActions', alice],
  [
    'queryUserActions',
    { ...alice, fromDate: '2026-01-02T03:04:05+13:00', actionCodes: ['transfer', 'signIn'], state: 'ALLOW' },
  ],
  ['getUser', alice],
  ['queryUsers', {}],
  ['queryUsers', { username: 'Älice & co', email: 'a+b@example.com', phoneNumber: '+6421', token: 'a=b' }],
  ['queryUsers', { limit: 5, lastEvaluatedUserId: 'a/b?c' }],
  ['updateUser', { ...alice, attributes: { email: 'alice@example.com', emailVerified: true, custom: { tier: 1 } } }],
  ['deleteUser', alice],
  ['getAuthenticators', alice],
  ['enrollVerifiedAuthenticator', { ...alice, attributes: { verificationMethod: 'SMS', phoneNumber: '+6421' } }],
  ['deleteAuthenticator', { ...alice, userAuthenticatorId: 'a1' }],
  ['validateChallenge', { token: 'ey.J.x' }],
  ['validateChallenge', { token: 'ey.J.x', userId: 'alice', action: 'transfer' }],
  ['claimChallenge', { challengeId: 'c1', userId: 'alice', skipVerificationCheck: true }],
  ['challenge', { verificationMethod: 'EMAIL_OTP', action: 'signUp', email: 'a@example.com', custom: { plan: 'x' } }],
  ['verify', { challengeId: 'c1', verificationCode: '012345' }],
  ['getChallenge', {}],
  ['getChallenge', { challengeId: 'c 1', userId: 'a&b', action: 'signUp', verificationMethod: 'EMAIL_OTP' }],
  ['createSession', { clientId: 'web', token: 'ey.J.x', action: 'signIn' }],
  ['validateSession', { accessToken: 'ey.J.y', clientIds: ['web', 'app'] }],
  ['refreshSession', { refreshToken: 'r1' }],
  ['revokeSession', { accessToken: 'ey.J.y' }],
  ['revokeUserSessions', alice],
]

const named = calls.map(([name, request]) => [name, Object.keys(request).join(', ') || 'nothing', request] as const)

describe('same on the wire', () => {
  it.each(named)('%s with %s', async (name, _fields, request) => {
    const here = await recorded(ours, name, request)
    const there = await recorded(sdk, name, request)
    expect(here.sent).toEqual(there.sent)
    expect(here.headers['content-type']).toBe(there.headers['content-type'])
    expect(here.answer).toEqual(there.answer)
  })

  it('covers every call that the SDK has', () => {
    const theirs = Object.getOwnPropertyNames(Authsignal.prototype)
    const helpers = ['constructor', 'getRequestConfig']
    const compared = new Set(calls.map(([name]) => name))
    expect(theirs.filter((name) => !helpers.includes(name)).sort()).toEqual([...compared].sort())
  })

  it('leaves what the caller passed as it was', async () => {
    for (const [name, request] of calls) {
      const before = JSON.stringify(request)
      await recorded(ours, name, request)
      expect(JSON.stringify(request)).toBe(before)
    }
  })

  it('the SDK can stand in for the client, by its types too', () => {
    const client: ActionClient = sdk
    expect(client).toBe(sdk)
  })
})

describe('other than the SDK, on purpose', () => {
  it.each([
    ['alice@example.com', '/v1/users/alice@example.com', '/v1/users/alice%40example.com'],
    ['auth0|ü 1', '/v1/users/auth0|%C3%BC%201', '/v1/users/auth0%7C%C3%BC%201'],
  ])('the user id %j: the same path, encoded by the client throughout', async (userId, theirs, encoded) => {
    expect((await recorded(sdk, 'getUser', { userId })).sent.path).toBe(theirs)
    expect((await recorded(ours, 'getUser', { userId })).sent.path).toBe(encoded)
    expect(decodeURIComponent(encoded)).toBe(decodeURIComponent(theirs))
  })

  it.each([
    ['a/b', '/v1/users/a/b/actions/transfer', ''],
    ['../../v2', '/v2/actions/transfer', ''],
    ['a/../bob', '/v1/users/bob/actions/transfer', ''],
    ['a?b', '/v1/users/a', '?b/actions/transfer'],
    ['a#b', '/v1/users/a', ''],
    ['a%2fb', '/v1/users/a%2fb/actions/transfer', ''],
    ['a\\b', '/v1/users/a/b/actions/transfer', ''],
  ])('the user id %j reaches another path by the SDK, and its own by the client', async (userId, path, query) => {
    const request = { userId, action: 'transfer' }
    expect((await recorded(sdk, 'track', request)).sent).toMatchObject({ path, query })
    const { sent } = await recorded(ours, 'track', request)
    const [, segment] = /^\/v1\/users\/([^/]+)\/actions\/transfer$/.exec(sent.path) ?? []
    expect([decodeURIComponent(segment ?? ''), sent.query]).toEqual([userId, ''])
  })

  it('an idempotency key and an authenticator id are encoded as well', async () => {
    const key = { ...alice, action: 'transfer', idempotencyKey: '../other/k' }
    expect((await recorded(sdk, 'getAction', key)).sent.path).toBe('/v1/users/alice/actions/other/k')
    expect((await recorded(ours, 'getAction', key)).sent.path).toBe('/v1/users/alice/actions/transfer/..%2Fother%2Fk')
    const id = { ...alice, userAuthenticatorId: '../../bob' }
    expect((await recorded(sdk, 'deleteAuthenticator', id)).sent).toMatchObject({
      method: 'DELETE',
      path: '/v1/users/bob',
    })
    expect((await recorded(ours, 'deleteAuthenticator', id)).sent.path).toBe(
      '/v1/users/alice/authenticators/..%2F..%2Fbob',
    )
  })

  it.each([
    ['.', '/v1/users/'],
    ['..', '/v1/'],
  ])('the user id %j deletes at another path by the SDK, and is refused by the client', async (userId, path) => {
    expect((await recorded(sdk, 'deleteUser', { userId })).sent).toMatchObject({ method: 'DELETE', path })
    server.reset()
    expect(await errorOf(ours.deleteUser({ userId }))).toMatchObject({ code: 'ERR_AUTHSIGNAL_MISCONFIGURED' })
    expect(server.requests).toEqual([])
  })

  it.each(['..', 'a/b', 'a b', '', 'ü'])(
    'the action %j is sent by the SDK, and refused by the client',
    async (code) => {
      await sdk.track({ userId: 'alice', action: code })
      server.reset()
      expect(await errorOf(ours.track({ userId: 'alice', action: code }))).toMatchObject({
        code: 'ERR_AUTHSIGNAL_MISCONFIGURED',
      })
      expect(server.requests).toEqual([])
    },
  )

  it('track always sends an idempotency key, a new one for each action', async () => {
    const request = { ...alice, action: 'transfer', attributes: { email: 'alice@example.com' } }
    expect((await recorded(sdk, 'track', request)).sent.body).toEqual({ email: 'alice@example.com' })
    const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]+$/) as string
    const first = (await recorded(ours, 'track', request)).sent.body
    const second = (await recorded(ours, 'track', request)).sent.body
    expect(first).toEqual({ email: 'alice@example.com', idempotencyKey: uuid })
    expect(second).toEqual({ email: 'alice@example.com', idempotencyKey: uuid })
    expect(first).not.toEqual(second)
  })

  it('getUser sends redirectUrl, which the SDK no longer knows', async () => {
    const request = { ...alice, redirectUrl: 'https://bank.example/?a=b&c' }
    expect((await recorded(sdk, 'getUser', request)).sent.query).toBe('')
    const { query } = (await recorded(ours, 'getUser', request)).sent
    expect(new URLSearchParams(query).get('redirectUrl')).toBe(request.redirectUrl)
  })

  it('says by its user agent which client it is', async () => {
    const version = expect.any(String) as string
    expect((await recorded(sdk, 'getUser', alice)).headers).toMatchObject({
      'user-agent': 'authsignal-node',
      'x-authsignal-version': version,
    })
    const { headers } = await recorded(ours, 'getUser', alice)
    expect(headers).toMatchObject({ 'user-agent': 'authsignal-express' })
    expect(headers).not.toHaveProperty('x-authsignal-version')
  })

  it('identify is updateUser', async () => {
    const request = { ...alice, attributes: { email: 'alice@example.com' } }
    expect((await recorded(ours, 'identify', request)).sent).toEqual((await recorded(sdk, 'updateUser', request)).sent)
  })
})

describe("the app's own axios", () => {
  const busyOnce = () => {
    server.next({ status: 503, body: {} })
  }

  it('keeps its interceptors and retries nothing beside the client; the SDK changes both', async () => {
    await jest.isolateModulesAsync(async () => {
      const { default: axios } = await import('axios')
      const handlers = () => {
        const { request, response } = axios.interceptors
        return [request, response].map((of) => (of as unknown as { handlers: unknown[] }).handlers.length)
      }
      const url = `${server.apiUrl}/users`
      const before = handlers()

      const { AuthsignalClient: Client } = await import('authsignal-express')
      const client = new Client({ apiSecretKey, apiUrl: server.apiUrl })
      busyOnce()
      await client.track({ userId: 'alice', action: 'transfer' })
      expect(server.requests).toHaveLength(2)
      expect(handlers()).toEqual(before)
      server.reset()
      busyOnce()
      await expect(axios.get(url)).rejects.toMatchObject({ response: { status: 503 } })
      expect(server.requests).toHaveLength(1)

      const { Authsignal: Sdk } = await import('@authsignal/node')
      new Sdk({ apiSecretKey, apiUrl: server.apiUrl })
      expect(handlers()).not.toEqual(before)
      server.reset()
      busyOnce()
      expect((await axios.get(url)).status).toBe(200)
      expect(server.requests).toHaveLength(2)
    })
  })
})

describe('old answers', () => {
  const track = (body: object) => {
    server.next({ body: { idempotencyKey: 'mine', ...body } })
    return ours.track({ userId: 'alice', action: 'transfer', attributes: { idempotencyKey: 'mine' } })
  }

  it('challengeUrl is url', async () => {
    const state = 'CHALLENGE_REQUIRED'
    expect(await track({ state, challengeUrl: 'https://old.example/?t' })).toMatchObject({
      url: 'https://old.example/?t',
    })
    const both = { state, url: 'https://new.example/?t', challengeUrl: 'https://old.example/?t' }
    expect(await track(both)).toMatchObject({ url: 'https://new.example/?t' })
  })

  it('CHALLENGE_INITIATED is CHALLENGE_REQUIRED, in track and getAction', async () => {
    expect((await track({ state: 'CHALLENGE_INITIATED' })).state).toBe('CHALLENGE_REQUIRED')
    server.next({ body: { state: 'CHALLENGE_INITIATED' } })
    expect((await ours.getAction(action)).state).toBe('CHALLENGE_REQUIRED')
  })

  it("getUser's url is the self-service page", async () => {
    server.next({ body: { isEnrolled: false, url: 'https://mfa.example/settings?t' } })
    expect(await ours.getUser({ userId: 'alice', redirectUrl: 'https://bank.example/' })).toEqual({
      isEnrolled: false,
      url: 'https://mfa.example/settings?t',
    })
  })

  it.each([
    [{ errorCode: 'invalid_request', errorDescription: 'email is malformed' }, 'invalid_request'],
    [{ error: 'invalid_request', errorDescription: 'email is malformed' }, 'invalid_request'],
    [{ errorCode: 'invalid_request', error: 'Bad Request', errorDescription: 'email is malformed' }, 'invalid_request'],
    [{ message: 'email is malformed' }, undefined],
  ])('the error %j is read', async (body, apiErrorCode) => {
    server.next({ status: 400, body })
    const error = await errorOf(ours.track({ userId: 'alice', action: 'transfer' }))
    expect(error).toMatchObject({ code: 'ERR_AUTHSIGNAL_MISCONFIGURED', apiStatus: 400 })
    expect(error.apiErrorCode).toBe(apiErrorCode)
    // A description may quote what was sent.
    expect(error.message).not.toContain('malformed')
  })

  it('validateChallenge reads the action by either name, as the SDK does', async () => {
    const valid = { isValid: true, state: 'CHALLENGE_SUCCEEDED' }
    for (const body of [
      { ...valid, actionCode: 'transfer' },
      { ...valid, action: 'transfer' },
      { ...valid, action: 'transfer', actionCode: 'other' },
    ]) {
      server.next({ body }, { body })
      const answer = await ours.validateChallenge({ token: 't' })
      expect(answer).toEqual({ ...valid, action: 'transfer' })
      expect(answer).toEqual(await sdk.validateChallenge({ token: 't' }))
    }
  })

  it.each(['CHALLENGE_FAILED', 'ALLOW', undefined])('validateChallenge takes %s for not valid', async (state) => {
    server.next({ body: { isValid: true, state } })
    expect(await ours.validateChallenge({ token: 't' })).toMatchObject({ isValid: false })
  })

  it.each(named.filter(([name]) => !/^(delete|revoke)|^query|^getAuthenticators/.test(name)))(
    '%s with %s keeps fields that this version does not know',
    async (name, _fields, request) => {
      const known = (await recorded(ours, name, request)).answer as object
      const later = { later: { nested: [1, null] }, laterStill: 'x' }
      server.next({ body: { ...known, ...later } })
      expect((await recorded(ours, name, request)).answer).toEqual({ ...known, ...later })
    },
  )

  it.each([
    ['getUser', { isEnrolled: 'yes' }],
    ['queryUsers', { users: null }],
    ['queryUserActions', { 0: {} }],
    ['getAuthenticators', {}],
    ['enrollVerifiedAuthenticator', { authenticator: null }],
    ['validateChallenge', {}],
    ['challenge', {}],
    ['verify', {}],
    ['claimChallenge', {}],
    ['createSession', {}],
    ['validateSession', {}],
    ['refreshSession', {}],
  ])('%s takes no answer without what it asks for: %j', async (name, body) => {
    const [, , request] = named.find(([call]) => call === name) ?? []
    server.next({ body })
    const calls = ours as unknown as Record<string, (given: unknown) => Promise<unknown>>
    expect(await errorOf(calls[name]?.(request) ?? Promise.resolve())).toMatchObject({
      code: 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE',
    })
  })

  it('lists keep them as well', async () => {
    const list = [{ later: { nested: 1 } }]
    server.next({ body: list }, { body: list }, { body: { users: list, later: 1 } })
    expect(await ours.queryUserActions(alice)).toEqual(list)
    expect(await ours.getAuthenticators(alice)).toEqual(list)
    expect(await ours.queryUsers({})).toEqual({ users: list, later: 1 })
  })
})

describe('what can not be sent or read', () => {
  it('an attribute that JSON cannot hold is an AuthsignalError', async () => {
    const attributes = { custom: { amount: 10n } }
    expect(await errorOf(ours.track({ userId: 'alice', action: 'transfer', attributes }))).toMatchObject({
      code: 'ERR_AUTHSIGNAL_MISCONFIGURED',
    })
  })

  it.each([
    [255, 'x', 'ALLOW'],
    [257, 'x', 'ERR_AUTHSIGNAL_MISCONFIGURED'],
    [257, '€', 'ERR_AUTHSIGNAL_MISCONFIGURED'],
  ])('attributes of %i KB of %p end with %s', async (kilobytes, letter, ends) => {
    server.reset()
    server.next({ body: { state: 'ALLOW', idempotencyKey: 'k' } })
    const attributes = { custom: { note: letter.repeat((kilobytes * 1024) / Buffer.byteLength(letter)) } }
    const ended = await ours.track({ userId: 'alice', action: 'transfer', attributes }).then(
      ({ state }) => state,
      (error: unknown) => (error as AuthsignalError).code,
    )
    expect(ended).toBe(ends)
    expect(server.requests).toHaveLength(ends === 'ALLOW' ? 1 : 0)
    server.reset()
  })

  it.each([
    ['queryUsers', { email: '' }],
    ['queryUsers', { token: '' }],
    ['queryUserActions', { userId: 'alice', fromDate: '' }],
    ['queryUserActions', { userId: 'alice', actionCodes: [] }],
    ['queryUserActions', { userId: 'alice', actionCodes: ['transfer', ''] }],
  ] as const)('%s with an empty filter (%j) is refused, and does not answer with all', async (name, request) => {
    server.reset()
    await expect(ours[name](request as never)).rejects.toMatchObject({ code: 'ERR_AUTHSIGNAL_MISCONFIGURED' })
    expect(server.requests).toEqual([])
  })

  it('an empty idempotency key is not sent: getAction could not ask for it', async () => {
    const request = { ...alice, action: 'transfer', attributes: { idempotencyKey: '' } }
    const sent = await recorded(ours, 'track', request).then(
      ({ sent: { body } }) => (body as { idempotencyKey: string }).idempotencyKey,
      (error: unknown) => (error as AuthsignalError).code,
    )
    expect(sent).not.toBe('')
  })

  it.each([undefined, null, 5])('an answer whose idempotency key is %p is none', async (idempotencyKey) => {
    server.next({ body: { state: 'ALLOW', idempotencyKey } })
    await expect(ours.track({ userId: 'alice', action: 'transfer' })).rejects.toMatchObject({
      code: 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE',
    })
  })

  it.each([NaN, Infinity, -Infinity, new Number(NaN), new Date('soon')])(
    '%p is refused, of which rules would be told null',
    async (amount) => {
      server.reset()
      const attributes = { custom: { payments: [{ amount }] } }
      await expect(ours.track({ userId: 'alice', action: 'transfer', attributes })).rejects.toMatchObject({
        code: 'ERR_AUTHSIGNAL_MISCONFIGURED',
        message: expect.stringContaining('a number that is NaN or infinite') as string,
      })
      expect(server.requests).toEqual([])
      server.next({ body: { state: 'ALLOW', idempotencyKey: 'k' } })
      await ours.track({ userId: 'alice', action: 'transfer', attributes: { custom: { payee: null, amount: 1 } } })
      expect(server.requests[0]?.body).toMatchObject({ custom: { payee: null, amount: 1 } })
      server.reset()
    },
  )
})
