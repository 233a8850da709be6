import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { startEmulator, type Emulator } from 'authsignal-emulator'
import { AuthsignalClient } from 'authsignal-express'
import express from 'express'
import request from 'supertest'
import { listen } from '../helpers/listen'
import { headedSnippets, run } from '../helpers/snippets'

/* Each snippet of docs/client.md runs as it is printed, under the heading that it stands under. */

const page = headedSnippets('docs/client.md')

let emulator: Emulator
let client: AuthsignalClient

beforeAll(async () => {
  emulator = await startEmulator()
  process.env.AUTHSIGNAL_API_SECRET_KEY = emulator.apiSecretKey
  process.env.AUTHSIGNAL_API_URL = emulator.apiUrl
  client = new AuthsignalClient()
})
beforeEach(() => {
  emulator.reset()
})
afterAll(() => emulator.close())

type Run = (names: string[], given?: Record<string, unknown>) => Promise<Record<string, unknown>>

/** What is true after the snippets under a heading, each of which `snippet` runs in its turn. */
const sections: Record<string, (...snippets: Run[]) => Promise<void>> = {
  'Making one': async (snippet) => {
    const made = (await snippet(['client'])).client as AuthsignalClient
    expect(await made.track(transfer)).toMatchObject({ state: 'ALLOW' })
  },

  track: async (snippet) => {
    emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
    const { state, url, idempotencyKey } = await snippet(['state', 'url', 'idempotencyKey'])
    expect([state, url]).toEqual(['CHALLENGE_REQUIRED', expect.stringContaining(emulator.url)])
    expect(emulator.actions).toMatchObject([
      { ...alice, idempotencyKey, attributes: { custom: { amount: 10, payee: 'Bob' } } },
    ])
  },
  getAction: async (snippet) => {
    const idempotencyKey = await challenged()
    await emulator.challenges.succeed(idempotencyKey, { verificationMethod: 'PASSKEY' })
    expect(await snippet(['passed', 'verificationMethod'], { idempotencyKey })).toEqual({
      passed: true,
      verificationMethod: 'PASSKEY',
    })
  },
  updateAction: async (snippet) => {
    emulator.rules.set('transfer', 'REVIEW_REQUIRED')
    const { idempotencyKey } = await client.track(transfer)
    expect(await snippet(['state'], { idempotencyKey })).toEqual({ state: 'REVIEW_SUCCEEDED' })
    expect(emulator.actions).toMatchObject([{ state: 'REVIEW_SUCCEEDED' }])
  },
  queryUserActions: async (snippet) => {
    for (const action of ['transfer', 'signIn', 'withdraw']) await client.track({ ...alice, action })
    const { actions } = await snippet(['actions'])
    expect(actions).toMatchObject([{ actionCode: 'transfer' }, { actionCode: 'withdraw' }])
  },
  validateChallenge: async (snippet) => {
    emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
    const { token, idempotencyKey } = await client.track(transfer)
    expect((await snippet(['isValid'], { token })).isValid).toBe(false)
    await emulator.challenges.succeed(idempotencyKey)
    expect(await snippet(['isValid', 'userId', 'action'], { token })).toEqual({ isValid: true, ...transfer })
  },

  getUser: async (snippet) => {
    expect(await snippet(['isEnrolled', 'url'])).toEqual({
      isEnrolled: false,
      url: expect.stringContaining(emulator.url) as string,
    })
    await enrolled()
    expect(await snippet(['isEnrolled', 'enrolledVerificationMethods'])).toEqual({
      isEnrolled: true,
      enrolledVerificationMethods: ['EMAIL_OTP'],
    })
  },
  queryUsers: async (snippet) => {
    const userIds = ['ann', 'ben', 'cy', 'dee', 'eve']
    for (const userId of userIds) await client.identify({ userId, attributes: { email: 'family@example.com' } })
    expect((await snippet(['found'])).found).toMatchObject(userIds.map((userId) => ({ userId })))
    expect(emulator.requests.filter(({ method }) => method === 'GET')).toHaveLength(3)
  },
  identify: async (snippet) => {
    await client.updateUser({ ...alice, attributes: { username: 'al' } })
    expect((await snippet(['user'])).user).toMatchObject({ email, displayName: 'Alice', username: 'al' })
  },
  deleteUser: async (snippet) => {
    await enrolled()
    await snippet([])
    expect(emulator.users).toEqual([])
  },

  getAuthenticators: async (snippet) => {
    await enrolled()
    expect((await snippet(['authenticators'])).authenticators).toMatchObject([{ verificationMethod: 'EMAIL_OTP' }])
  },
  enrollVerifiedAuthenticator: async (snippet) => {
    const { authenticator, recoveryCodes } = await snippet(['authenticator', 'recoveryCodes'])
    expect(authenticator).toMatchObject({ ...alice, verificationMethod: 'SMS' })
    expect(recoveryCodes).toContainEqual(expect.any(String))
  },
  deleteAuthenticator: async (snippet) => {
    const { userAuthenticatorId } = await enrolled()
    await snippet([], { userAuthenticatorId })
    expect(emulator.users).toMatchObject([{ ...alice, authenticators: [] }])
  },

  challenge: async (snippet) => {
    const { challengeId, expiresAt } = await snippet(['challengeId', 'expiresAt'])
    expect(emulator.outbox).toMatchObject([{ to: email }])
    expect(await client.getChallenge({ challengeId: String(challengeId) })).toMatchObject({ expiresAt })
    expect(new Date(Number(expiresAt) * 1000).getFullYear()).toBe(new Date().getFullYear())
  },
  verify: async (snippet) => {
    const { challengeId, verificationCode } = await sentCode()
    const names = ['isVerified', 'failureReason']
    expect(await snippet(names, { challengeId, verificationCode: 'wrong' })).toEqual({
      isVerified: false,
      failureReason: 'CODE_INVALID_OR_EXPIRED',
    })
    expect(await snippet(names, { challengeId, verificationCode })).toEqual({ isVerified: true })
  },
  claimChallenge: async (snippet) => {
    const sent = await sentCode()
    await client.verify(sent)
    const { token, verificationMethod } = await snippet(['token', 'verificationMethod'], sent)
    expect(verificationMethod).toBe('EMAIL_OTP')
    expect(await client.validateChallenge({ token: String(token) })).toMatchObject({ isValid: true, ...alice })
  },
  getChallenge: async (snippet) => {
    const sent = await sentCode()
    expect(await snippet(['canTypeTheCode'], sent)).toEqual({ canTypeTheCode: true })
    await client.verify(sent)
    expect(await snippet(['canTypeTheCode', 'waiting'], sent)).toEqual({ canTypeTheCode: false, waiting: {} })
  },

  createSession: async (snippet) => {
    const { accessToken } = await snippet(['accessToken', 'refreshToken'], { token: await passedToken() })
    expect((await client.validateSession({ accessToken: String(accessToken) })).user).toMatchObject(alice)
  },
  validateSession: async (snippet, orUndefined) => {
    const { accessToken } = await session()
    expect((await snippet(['user', 'expiresAt'], { accessToken })).user).toMatchObject(alice)
    const userOf = (await orUndefined(['userOf'])).userOf as (token: string) => Promise<unknown>
    expect(await userOf(accessToken)).toMatchObject(alice)
    await client.revokeSession({ accessToken })
    expect(await userOf(accessToken)).toBeUndefined()
    emulator.faults.next({ status: 401, body: '{"errorCode":"unauthorized"}' })
    await expect(userOf(accessToken)).rejects.toMatchObject({ apiStatus: 401 })
  },
  refreshSession: async (snippet) => {
    const { refreshToken: kept } = await session()
    const { accessToken, refreshToken } = await snippet(['accessToken', 'refreshToken'], { kept })
    expect(refreshToken).not.toBe(kept)
    expect((await client.validateSession({ accessToken: String(accessToken) })).user).toMatchObject(alice)
  },
  revokeSession: async (snippet) => {
    const { accessToken } = await session()
    await snippet([], { accessToken })
    await expect(client.validateSession({ accessToken })).rejects.toMatchObject({ apiErrorCode: 'invalid_credential' })
  },
  revokeUserSessions: async (snippet) => {
    const sessions = [await session(), await session()]
    await snippet([])
    for (const { accessToken } of sessions)
      await expect(client.validateSession({ accessToken })).rejects.toMatchObject({ apiStatus: 400 })
  },

  Errors: async (snippet) => {
    const forget = (await snippet(['forget'])).forget as (userId: string) => Promise<void>
    await client.identify({ ...alice, attributes: { email } })
    await forget('alice')
    expect(emulator.users).toEqual([])
    await forget('alice')
    emulator.faults.next({ status: 400 })
    await expect(forget('alice')).rejects.toMatchObject({ code: 'ERR_AUTHSIGNAL_MISCONFIGURED', apiStatus: 400 })
  },
  'An axios of your own': async (snippet) => {
    const made = (await snippet(['client'], { AuthsignalClient })).client as AuthsignalClient
    expect(await made.track(transfer)).toMatchObject({ state: 'ALLOW' })
    expect(await made.getUser(alice)).toMatchObject({ isEnrolled: false })
  },

  Webhooks: async (receiver, withTolerance) => {
    const app = express()
    const sendText = jest.fn()
    const archive = jest.fn()
    await receiver([], { app, sendText, archive })
    const post = (event: object, signature: string = signed(event)) =>
      request(app).post('/hooks/authsignal').type('json').set('x-signature-v2', signature).send(JSON.stringify(event))
    const silently = jest.spyOn(console, 'error').mockReturnValue(undefined)
    await post({ type: 'sms.created', data: { to: '+6421', code: '012345' } }).expect(204)
    expect(sendText).toHaveBeenCalledWith('+6421', 'Your code is 012345')
    const logged = { type: 'action.log_created', data: { records: [{ type: 'action', record: { id: 1 } }] } }
    await post(logged).expect(204)
    expect(archive).toHaveBeenCalledWith({ id: 1 })
    await post(logged, signed({ ...logged, id: 'another' })).expect(400)
    expect(archive).toHaveBeenCalledTimes(1)
    silently.mockRestore()

    const rawBody = JSON.stringify(logged)
    const signature = signed(logged, Math.floor(Date.now() / 1000) - 9 * 60)
    expect((await withTolerance(['event'], { rawBody, signature })).event).toEqual(logged)
    expect(() => client.webhook.constructEvent(rawBody, signature)).toThrow('too far from now')
  },
}

it('every snippet of docs/client.md is run here', () => {
  expect([...new Set(page.map(({ heading }) => heading))]).toEqual(Object.keys(sections))
})

it('every call of the client has its snippet', () => {
  const methods = Object.getOwnPropertyNames(AuthsignalClient.prototype)
  const unnamed = methods.filter((name) => !['constructor', 'updateUser'].includes(name) && !(name in sections))
  expect(unnamed).toEqual([])
})

it.each(Object.entries(sections))('docs/client.md: %s', async (heading, check) => {
  const printed = page.filter((snippet) => snippet.heading === heading)
  const given = (code: string, more: Record<string, unknown>) =>
    code.includes('const client =') ? more : { client, ...more }
  const runs = printed.map(
    ({ code }): Run =>
      (names, more = {}) =>
        run(code, given(code, more), names),
  )
  await check(...runs)
})

describe('docs/client.md: Proxies', () => {
  it('to an https API they see the host and not the secret', async () => {
    const tunnels: IncomingMessage[] = []
    const proxy = createServer()
    proxy.on('connect', (req: IncomingMessage, socket) => {
      tunnels.push(req)
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    })
    const server = await listen(proxy)
    const env = jest.replaceProperty(process, 'env', { ...process.env, HTTPS_PROXY: server.url, NO_PROXY: '' })
    try {
      const proxied = new AuthsignalClient({ apiUrl: 'https://api.authsignal.example/v1', retries: 0 })
      await expect(proxied.track(transfer)).rejects.toMatchObject({ code: 'ERR_AUTHSIGNAL_UNAVAILABLE' })
    } finally {
      env.restore()
      await server.close()
    }
    expect(tunnels.map(({ url: target }) => target)).toEqual(['api.authsignal.example:443'])
    expect(tunnels[0]?.headers).not.toHaveProperty('authorization')
  })
})

const alice = { userId: 'alice' }
const email = 'alice@example.com'
const transfer = { ...alice, action: 'transfer' }

async function challenged(): Promise<string> {
  emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
  return (await client.track(transfer)).idempotencyKey
}

async function enrolled() {
  const attributes = { verificationMethod: 'EMAIL_OTP', email } as const
  return (await client.enrollVerifiedAuthenticator({ ...alice, attributes })).authenticator
}

async function sentCode() {
  const { challengeId } = await client.challenge({ verificationMethod: 'EMAIL_OTP', action: 'signUp', email })
  return { challengeId, verificationCode: emulator.outbox.at(-1)?.code ?? '' }
}

async function passedToken(): Promise<string> {
  const { challengeId, verificationCode } = await sentCode()
  await client.verify({ challengeId, verificationCode })
  return (await client.claimChallenge({ ...alice, challengeId })).token
}

async function session() {
  return client.createSession({ clientId: 'web', token: await passedToken() })
}

function signed(event: object, t = Math.floor(Date.now() / 1000)): string {
  const of = `${t}.${JSON.stringify(event)}`
  return `t=${t},v2=${createHmac('sha256', emulator.apiSecretKey).update(of).digest('base64').replace('=', '')}`
}
