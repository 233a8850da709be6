import { inspect } from 'node:util'
import { startEmulator, type Emulator } from 'authsignal-emulator'
import { AuthsignalClient, AuthsignalError } from 'authsignal-express'
import axios from 'axios'

let emulator: Emulator
let client: AuthsignalClient

beforeAll(async () => {
  emulator = await startEmulator()
  const { apiUrl, apiSecretKey } = emulator
  client = new AuthsignalClient({ apiUrl, apiSecretKey })
})
beforeEach(() => {
  emulator.reset()
})
afterAll(() => emulator.close())

async function errorOf(promise: Promise<unknown>): Promise<AuthsignalError> {
  return promise.then(
    () => {
      throw new Error('nothing was thrown')
    },
    (error: unknown) => error as AuthsignalError,
  )
}

describe('the calls', () => {
  it('track begins an action, and again under its key the same', async () => {
    emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
    const attributes = { email: 'a@example.com', custom: { amount: 10 } }
    const first = await client.track({ userId: 'alice', action: 'transfer', attributes })
    expect(first).toMatchObject({ state: 'CHALLENGE_REQUIRED', url: expect.stringContaining(emulator.url) as string })
    const again = await client.track({
      userId: 'alice',
      action: 'transfer',
      attributes: { ...attributes, idempotencyKey: first.idempotencyKey },
    })
    expect(again.idempotencyKey).toBe(first.idempotencyKey)
    expect(emulator.actions).toHaveLength(1)
  })

  it('getAction tells how it stands', async () => {
    emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
    const { idempotencyKey } = await client.track({ userId: 'alice', action: 'transfer' })
    await emulator.challenges.succeed(idempotencyKey, { verificationMethod: 'PASSKEY' })
    expect(await client.getAction({ userId: 'alice', action: 'transfer', idempotencyKey })).toMatchObject({
      state: 'CHALLENGE_SUCCEEDED',
      verificationMethod: 'PASSKEY',
      stateUpdatedAt: expect.any(String) as string,
    })
  })

  it('getUser, identify and enrollVerifiedAuthenticator know a user', async () => {
    expect(await client.getUser({ userId: 'new' })).toMatchObject({ isEnrolled: false })
    expect(await client.identify({ userId: 'new', attributes: { email: 'new@example.com' } })).toMatchObject({
      email: 'new@example.com',
    })
    const { authenticator, recoveryCodes } = await client.enrollVerifiedAuthenticator({
      userId: 'new',
      attributes: { verificationMethod: 'SMS', phoneNumber: '+6421000000' },
    })
    expect(authenticator).toMatchObject({ userId: 'new', verificationMethod: 'SMS' })
    expect(recoveryCodes?.length).toBeGreaterThan(0)
    expect(await client.getUser({ userId: 'new', redirectUrl: 'https://bank.example/' })).toMatchObject({
      isEnrolled: true,
      email: 'new@example.com',
      enrolledVerificationMethods: ['SMS'],
    })
  })
})

describe('a path segment', () => {
  it.each(['a/b', '../x', 'a?b', 'a#b', 'a%2fb', 'ü ', '%', 'a\\b', '...'])(
    '%p reaches its own user',
    async (userId) => {
      await client.track({ userId, action: 'transfer' })
      expect(emulator.actions.map((action) => action.userId)).toEqual([userId])
    },
  )

  it.each(['.', '..', '', '\ud800', undefined, null, 7])('%p is refused before anything is sent', async (userId) => {
    const error = await errorOf(client.track({ userId: userId as string, action: 'transfer' }))
    expect(error).toMatchObject({ code: 'ERR_AUTHSIGNAL_MISCONFIGURED' })
    expect(emulator.requests).toEqual([])
  })

  it.each(['.', '../x', 'a b', '', 'x'.repeat(65)])('the action %p is refused', async (action) => {
    expect(await errorOf(client.track({ userId: 'alice', action }))).toMatchObject({
      code: 'ERR_AUTHSIGNAL_MISCONFIGURED',
    })
    expect(emulator.requests).toEqual([])
  })
})

describe('an error', () => {
  it.each([401, 400, 429, 500, 302])('after %i shows neither secret nor body', async (status) => {
    const echoing = `{"errorCode":"x","errorDescription":"Basic ${emulator.apiSecretKey}"}`
    emulator.faults.next({ status, body: echoing, headers: { location: 'https://evil.example' } }, 10)
    const custom = { payee: 'a private payee' }
    const error = await errorOf(client.track({ userId: 'alice', action: 'transfer', attributes: { custom } }))
    const shown = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + String(error.stack)
    const basic = Buffer.from(`${emulator.apiSecretKey}:`).toString('base64')
    for (const hidden of [emulator.apiSecretKey, basic, 'a private payee']) expect(shown).not.toContain(hidden)
  })

  it('shows no code that is the secret', async () => {
    emulator.faults.next({ status: 400, body: JSON.stringify({ errorCode: emulator.apiSecretKey }) })
    const error = await errorOf(client.track({ userId: 'alice', action: 'transfer' }))
    expect([error.code, error.apiErrorCode]).toEqual(['ERR_AUTHSIGNAL_MISCONFIGURED', undefined])
    expect(error.message).not.toContain(emulator.apiSecretKey)
  })

  it('of a wrong key says what to check', async () => {
    const wrong = new AuthsignalClient({ apiUrl: emulator.apiUrl, apiSecretKey: 'not-the-key' })
    const error = await errorOf(wrong.track({ userId: 'alice', action: 'transfer' }))
    expect(error).toMatchObject({ code: 'ERR_AUTHSIGNAL_MISCONFIGURED', apiStatus: 401, apiErrorCode: 'unauthorized' })
    expect(error.message).toContain('apiSecretKey')
  })

  it('comes within the deadline where the API hangs', async () => {
    // One of its own: what it was asked and given up on must not reach the emulator of the next test.
    const hanging = await startEmulator()
    const { apiUrl, apiSecretKey } = hanging
    hanging.faults.next({ hang: true }, 10)
    const hasty = new AuthsignalClient({ apiUrl, apiSecretKey, timeout: 50 })
    expect(await errorOf(hasty.track({ userId: 'alice', action: 'transfer' }))).toMatchObject({
      code: 'ERR_AUTHSIGNAL_UNAVAILABLE',
    })
    await hanging.close()
  })
})

it('asks again under the same idempotency key, and no second action begins', async () => {
  emulator.faults.next({ truncate: true })
  emulator.faults.next({ status: 503 })
  const { idempotencyKey, state } = await client.track({ userId: 'alice', action: 'transfer' })
  expect(state).toBe('ALLOW')
  const keys = emulator.requests.map(({ body }) => (body as { idempotencyKey: string }).idempotencyKey)
  expect(keys).toEqual([idempotencyKey, idempotencyKey, idempotencyKey])
  expect(emulator.actions).toHaveLength(1)
})

it("leaves the app's own axios as it was", async () => {
  const { interceptors, defaults } = axios
  const before = inspect([interceptors, defaults], { depth: 5 })
  await client.track({ userId: 'alice', action: 'transfer' })
  expect(inspect([axios.interceptors, axios.defaults], { depth: 5 })).toBe(before)
})
