import { setTimeout as delay } from 'node:timers/promises'
import { Authsignal as PublishedSdk } from '@authsignal/node'
import { AuthsignalClient } from 'authsignal-express'
import { generate } from 'selfsigned'
import { keepProcessBusy } from '../helpers/busy'
import { sendJson, startFaultyServer } from '../helpers/faulty-server'
import { startWorld } from '../helpers/world'

const toAlice = { payee: 'Alice', amount: '10' }
const secret = 'a secret of thirty-two characters'

/** Whose errors are of another class than ours. */
function anotherCopy(): typeof AuthsignalClient {
  let copy = AuthsignalClient
  jest.isolateModules(() => {
    copy = jest.requireActual<{ AuthsignalClient: typeof AuthsignalClient }>('authsignal-express').AuthsignalClient
  })
  return copy
}

describe('a client of the app’s own', () => {
  it.each([
    ['no answer', undefined],
    ['an answer without a state', { idempotencyKey: 'x' }],
    ['an answer without an idempotency key', { state: 'ALLOW' }],
    ['an answer for another action', { state: 'ALLOW', idempotencyKey: 'other' }],
  ])('that gives %s lets nothing pass', async (_name, answer) => {
    const client = { track: async () => answer as never, getAction: jest.fn() }
    const world = await startWorld({ authsignal: { client, secret }, guard: { failure: 'open' } })
    await world.customer().post('/transfers', toAlice).expect(502)
    expect(world.booked).toEqual([])
  })

  it('that throws what it likes shows nothing of it', async () => {
    const client = {
      track: () =>
        Promise.reject(
          Object.assign(new Error('Basic secret'), { config: { auth: 'secret' }, errorCode: 'Basic secret' }),
        ),
      getAction: jest.fn(),
    }
    const world = await startWorld({ authsignal: { client, secret }, guard: { failure: 'open' } })
    await world.customer().post('/transfers', toAlice).expect(502)
    expect(JSON.stringify(world.errors) + String(world.errors[0]?.stack)).not.toContain('Basic secret')
  })

  it.each([
    ['ECONNREFUSED', 200],
    ['ENOTFOUND', 200],
    ['EAI_AGAIN', 200],
    ['EHOSTUNREACH', 200],
    ['ENETUNREACH', 200],
    ['EPIPE', 200],
    ['EPROTO', 502],
    ['EACCES', 502],
    [undefined, 502],
  ])("that throws %s under failure: 'open' is answered %i", async (code, status) => {
    const client = { track: () => Promise.reject(Object.assign(new Error(), { code })), getAction: jest.fn() }
    const world = await startWorld({ authsignal: { client, secret }, guard: { failure: 'open' } })
    await world.customer().post('/transfers', toAlice).expect(status)
  })

  it.each([
    [429, 503],
    [503, 200],
    [400, 500],
  ])("that throws an answer's status %i under failure: 'open' is answered %i", async (statusCode, status) => {
    const client = { track: () => Promise.reject(Object.assign(new Error(), { statusCode })), getAction: jest.fn() }
    const world = await startWorld({ authsignal: { client, secret }, guard: { failure: 'open' } })
    await world.customer().post('/transfers', toAlice).expect(status)
  })

  it('that throws words which only speak of a timeout is not down', async () => {
    const errorDescription = 'timeout of 5ms exceeded, or so says somebody'
    const error = Object.assign(new Error(), { errorCode: 'unexpected_error', errorDescription, statusCode: 500 })
    const client = { track: () => Promise.reject(error), getAction: jest.fn() }
    const world = await startWorld({ authsignal: { client, secret }, guard: { failure: 'open' } })
    await world.customer().post('/transfers', toAlice).expect(502)
    expect(world.booked).toEqual([])
  })

  it('may be an instance of the published SDK', async () => {
    const world = await startWorld({
      authsignal: ({ apiUrl, apiSecretKey }) => ({ client: new PublishedSdk({ apiUrl, apiSecretKey }), secret }),
    })
    world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    const page = await customer.passAndReturn()
    await customer.sendAgain(page).expect(200)
    await customer.sendAgain(page).expect(409)
    expect(world.booked).toHaveLength(1)
  })

  it('that hangs ends within timeout', async () => {
    const client = { track: () => new Promise<never>(() => undefined), getAction: jest.fn() }
    const world = await startWorld({ authsignal: { client, secret, timeout: 100 } })
    await world.customer().post('/transfers', toAlice).expect(503)
  })

  it.each([
    ['hangs', () => new Promise<never>(() => undefined)],
    ['gives up', () => delay(20).then(() => Promise.reject(Object.assign(new Error(), { code: 'ECONNABORTED' })))],
  ])("that %s while this process is busy opens no guard under failure: 'open'", async (_how, track) => {
    const authsignal = { client: { track, getAction: jest.fn() }, secret, timeout: 100 }
    const world = await startWorld({ authsignal, guard: { failure: 'open' } })
    const letGo = keepProcessBusy()
    try {
      await world.customer().post('/transfers', toAlice).expect(503)
    } finally {
      letGo()
    }
    expect(world.errors[0]?.cause).toMatchObject({ code: 'OWN_DELAY' })
  })

  it.each([
    ['of another copy of this package', anotherCopy()],
    ['of this one', AuthsignalClient],
  ])('%s keeps a deadline of its own', async (_whose, Client) => {
    expect(new Client({ apiSecretKey: 'x' }) instanceof AuthsignalClient).toBe(Client === AuthsignalClient)
    const world = await startWorld({
      authsignal: (emulator) => ({ client: new Client({ ...keyOf(emulator), timeout: 100 }), secret }),
    })
    world.emulator.faults.next({ hang: true })
    await world.customer().post('/transfers', toAlice).expect(503)
  })

  it('that extends ours is given no more time than another', async () => {
    class Slow extends AuthsignalClient {
      override track = () => new Promise<never>(() => undefined)
    }
    const world = await startWorld({ authsignal: { client: new Slow({ apiSecretKey: 'x' }), secret } })
    await world.customer().post('/transfers', toAlice).expect(503)
  })

  it.each([{ errors: {} }, { errors: 'none' }, { errors: [null] }])(
    'that throws %j with a 503 is down',
    async (more) => {
      const client = {
        track: () => Promise.reject(Object.assign(new Error(), { statusCode: 503 }, more)),
        getAction: jest.fn(),
      }
      const world = await startWorld({ authsignal: { client, secret }, guard: { failure: 'open' } })
      await world.customer().post('/transfers', toAlice).expect(200)
    },
  )

  it('that is one of this package is given more than two seconds where it was told so', async () => {
    const world = await startWorld({
      authsignal: (emulator) => ({ client: new AuthsignalClient({ ...keyOf(emulator), timeout: 10_000 }), secret }),
    })
    world.emulator.faults.next({ latencyMs: 2_200 })
    await world.customer().post('/transfers', toAlice).expect(200)
  })
})

describe.each([
  ['the published SDK', PublishedSdk],
  ['another copy of this package', anotherCopy()],
])("failure: 'open' with %s", (_name, Client) => {
  it.each([
    ['a 503', { status: 503 }, 200],
    ['a 503 without a body', { status: 503, body: '' }, 200],
    ['a lost connection', { drop: true }, 200],
    ['a 429', { status: 429 }, 503],
    ['a 429 without a body', { status: 429, body: '' }, 503],
    ['a 400 without a body', { status: 400, body: '' }, 500],
    ['a 401 without a body', { status: 401, body: '' }, 500],
    ['a 413 without a body', { status: 413, body: '' }, 500],
    ['HTML', { status: 200, body: '<html>' }, 502],
    ['no state', { status: 200, body: '{}' }, 502],
  ] as const)('answers %s right', async (_what, fault, status) => {
    const world = await startWorld({
      authsignal: (emulator) => ({ client: new Client(keyOf(emulator)), secret }),
      guard: { failure: 'open' },
    })
    world.emulator.faults.next(fault, 20)
    await world.customer().post('/transfers', toAlice).expect(status)
    expect(world.booked).toHaveLength(status === 200 ? 1 : 0)
  })

  it.each<[string, Record<string, string>]>([
    ['256 KB', { payee: 'Alice', note: 'x'.repeat(60_000) }],
    ['an id of 1,000 characters', { payee: 'é'.repeat(1_001) }],
  ])('sends nothing above %s, where a server may hang up', async (_bound, fields) => {
    const world = await startWorld({
      authsignal: (emulator) => ({ client: new Client(keyOf(emulator)), secret }),
      guard: {
        failure: 'open',
        userId: ({ body }) => (body as typeof fields).payee,
        attributes: ({ body }) => ({
          custom: { notes: Array.from({ length: 5 }, () => (body as typeof fields).note) },
        }),
      },
    })
    await world.customer().post('/transfers', fields).expect(500)
    expect([world.booked, world.emulator.requests]).toEqual([[], []])
  })

  it('lets pass where nobody listens', async () => {
    const api = await startFaultyServer(() => undefined)
    await api.close()
    const client = new Client({ apiUrl: api.apiUrl, apiSecretKey: 'x' })
    const world = await startWorld({ authsignal: { client, secret }, guard: { failure: 'open' } })
    await world.customer().post('/transfers', toAlice).expect(200)
  })

  it('lets nothing pass where the certificate is not accepted', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'elsewhere' }])
    const api = await startFaultyServer(
      (res) => {
        sendJson(res, 200, { state: 'ALLOW' })
      },
      { key, cert },
    )
    const client = new Client({ apiUrl: api.apiUrl, apiSecretKey: 'x' })
    const world = await startWorld({ authsignal: { client, secret }, guard: { failure: 'open' } })
    const { status } = await world.customer().post('/transfers', toAlice)
    await api.close()
    expect(status).toBeGreaterThanOrEqual(500)
    expect(world.booked).toEqual([])
  })
})

function keyOf({ apiUrl, apiSecretKey }: { apiUrl: string; apiSecretKey: string }) {
  return { apiUrl, apiSecretKey }
}
