import { createHmac } from 'node:crypto'
import { createServer, request as httpRequest, type RequestListener } from 'node:http'
import type { Readable } from 'node:stream'
import { Authsignal as SdkClient } from '@authsignal/node'
import { startEmulator, type Emulator } from 'authsignal-emulator'
import {
  createAuthsignal,
  MemoryStore,
  type AuthsignalError,
  type AuthsignalOptions,
  type GuardedRequest,
  type GuardedResponse,
  type Middleware,
  type WebhookEvent,
  type WebhookHandlers,
  type WebhookOptions,
} from 'authsignal-express'
import bodyParser from 'body-parser'
import connect from 'connect'
import express from 'express'
import express4 from 'express-4'
import { listen } from './helpers/listen'

interface App {
  use(handler: Middleware): unknown
  use(path: string, handler: Middleware): unknown
}
type MakeApp = () => App & RequestListener

const frameworks: Record<string, MakeApp> = {
  'Express 5': () => express(),
  'Express 4': () => express4(),
  Connect: () => connect(),
}

let emulator: Emulator
const closing: (() => Promise<void>)[] = []
beforeAll(async () => {
  emulator = await startEmulator()
})
afterEach(async () => {
  emulator.reset()
  await Promise.all(closing.splice(0).map((close) => close()))
})
afterAll(() => emulator.close())

interface Setup {
  handlers?: WebhookHandlers
  options?: WebhookOptions
  authsignal?: Partial<AuthsignalOptions>
  before?: Middleware[]
  makeApp?: MakeApp
  onError?: (error: unknown, res: GuardedResponse) => void
}

/** An app that receives the emulator's webhooks. */
async function receiver(setup: Setup = {}) {
  const { handlers = {}, options, before = [] } = setup
  const makeApp: MakeApp = setup.makeApp ?? (() => express())
  const { apiUrl, apiSecretKey } = emulator
  const authsignal = createAuthsignal({ apiUrl, apiSecretKey, ...setup.authsignal })
  const errors: AuthsignalError[] = []
  const app = makeApp()
  for (const handler of before) app.use(handler)
  app.use('/webhooks', authsignal.webhook(handlers, options))
  const answerError = setup.onError ?? ((error, res) => res.end((error as Error).name))
  const onError = (error: unknown, _req: GuardedRequest, res: GuardedResponse, _next: unknown) => {
    errors.push(error as AuthsignalError)
    answerError(error, res)
  }
  app.use(onError as unknown as Middleware)
  const server = await listen(createServer(app))
  closing.push(() => server.close())
  const url = `${server.url}/webhooks`
  return { url, errors, authsignal, post: (body: unknown, more?: Posting) => post(url, body, more) }
}

interface Posting {
  signature?: string
  type?: string
  secret?: string
  /** Seconds from now. */
  at?: number
}

async function post(url: string, body: unknown, { type = 'application/json', ...more }: Posting = {}): Promise<number> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const headers = { 'content-type': type, 'x-signature-v2': more.signature ?? signatureOf(text, more) }
  return (await fetch(url, { method: 'POST', body: text, headers })).status
}

function signatureOf(text: string, { at = 0, secret = emulator.apiSecretKey }: Posting = {}): string {
  const t = Math.floor(Date.now() / 1000) + at
  return `t=${t},v2=${createHmac('sha256', secret).update(`${t}.${text}`).digest('base64').replace(/=+$/, '')}`
}

let made = 0
function eventOf<Type extends WebhookEvent['type']>(type: Type, data: object = {}, id = `event-${(made += 1)}`) {
  return { version: 1, type, id, source: 'https://authsignal.com', time: new Date().toISOString(), tenantId: 't', data }
}

const created = () => eventOf('authenticator.created', { userId: 'alice', verificationMethod: 'PASSKEY' })

describe.each(Object.entries(frameworks))("%s receives the emulator's webhooks", (_name, makeApp) => {
  it.each([
    ['by itself', []],
    ['behind express.raw()', [bodyParser.raw({ type: 'application/json' }) as unknown as Middleware]],
    ['behind a parser of another type', [bodyParser.urlencoded({ extended: false }) as unknown as Middleware]],
    ['behind a parser of text', [bodyParser.text({ type: 'application/json' }) as unknown as Middleware]],
  ])('%s', async (_way, before) => {
    const events: WebhookEvent[] = []
    const sent: string[] = []
    const { url, errors } = await receiver({
      makeApp,
      before,
      handlers: {
        'email.created': ({ data }) => sent.push(`${data.to} ${data.code}`),
        'action.verify': ({ data }) => data.userId === 'alice',
        'authenticator.created': (event) => events.push(event),
        'action.log_created': (event) => events.push(event),
        'challenge.log_created': (event) => events.push(event),
      },
    })
    emulator.webhooks.setUrl(url)
    emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
    const sdk = new SdkClient({ apiUrl: emulator.apiUrl, apiSecretKey: emulator.apiSecretKey })
    const attributes = { verificationMethod: 'EMAIL_OTP' as never, email: 'alice@example.com' }
    await sdk.enrollVerifiedAuthenticator({ userId: 'alice', attributes })
    const { url: challengeUrl, idempotencyKey } = await sdk.track({ userId: 'alice', action: 'transfer' })
    await fetch(challengeUrl)
    await emulator.challenges.succeed(idempotencyKey)
    await emulator.webhooks.settled()

    expect(errors).toEqual([])
    expect(emulator.actions).toMatchObject([{ state: 'CHALLENGE_SUCCEEDED' }])
    expect(sent).toEqual([`alice@example.com ${String(emulator.outbox[0]?.code)}`])
    expect(events.map(({ type }) => type).sort()).toEqual([
      'action.log_created',
      'authenticator.created',
      'challenge.log_created',
      'challenge.log_created',
    ])
    expect(events.find(({ type }) => type === 'action.log_created')?.data).toMatchObject({
      records: [{ record: { idempotencyKey, state: 'CHALLENGE_SUCCEEDED' } }],
    })
    expect(emulator.webhooks.deliveries.map(({ status }) => status)).toEqual(Array(6).fill(200))
  })

  it('and says where to mount it, should a parser have taken the body', async () => {
    const handler = jest.fn()
    const before = [bodyParser.json() as unknown as Middleware]
    const { post, errors } = await receiver({ makeApp, before, handlers: { 'authenticator.created': handler } })
    expect(await post(created())).toBe(500)
    expect(errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_MISCONFIGURED' }])
    expect(errors[0]?.message).toContain('Mount the webhook before express.json()')
    expect(handler).not.toHaveBeenCalled()
  })
})

it.each<[string, (req: Readable) => unknown]>([
  ['set an encoding', (req) => req.setEncoding('utf8')],
  ['set one that is not of text', (req) => req.setEncoding('hex')],
  ['paused it', (req) => req.pause()],
  ['listens to it', (req) => req.on('readable', () => undefined)],
])('is read, where a middleware before has not read the stream but %s', async (_name, touch) => {
  const before: Middleware = (req, _res, next) => {
    touch(req as unknown as Readable)
    next()
  }
  const handler = jest.fn()
  const { post } = await receiver({ before: [before], handlers: { 'authenticator.created': handler } })
  const event = eventOf('authenticator.created', { userId: 'Zoë' })
  expect(await post(event)).toBe(200)
  expect(handler).toHaveBeenCalledWith(event)
})

describe('action.verify', () => {
  async function challenge(): Promise<string | undefined> {
    emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
    const { apiUrl, apiSecretKey } = emulator
    const sdk = new SdkClient({ apiUrl, apiSecretKey })
    const { idempotencyKey } = await sdk.track({ userId: 'alice', action: 'transfer' })
    await emulator.challenges.succeed(idempotencyKey)
    return emulator.actions.at(-1)?.state
  }

  it.each([
    ['true', () => true, 'CHALLENGE_SUCCEEDED', undefined],
    ['a promise of true', async () => true, 'CHALLENGE_SUCCEEDED', undefined],
    ['false', () => false, 'CHALLENGE_FAILED', undefined],
    ['nothing', () => undefined, 'CHALLENGE_FAILED', 'ERR_AUTHSIGNAL_MISCONFIGURED'],
    ['1', () => 1, 'CHALLENGE_FAILED', 'ERR_AUTHSIGNAL_MISCONFIGURED'],
    ['a rejection', () => Promise.reject(new Error('no')), 'CHALLENGE_FAILED', undefined],
  ])('a handler that gives %s', async (_name, handler, state, code) => {
    const { url, errors } = await receiver({ handlers: { 'action.verify': handler as () => boolean } })
    emulator.webhooks.setUrl(url)
    expect(await challenge()).toBe(state)
    if (code !== undefined) expect(errors).toMatchObject([{ code }])
  })

  it('is refused where there is no handler: a 200 would let the challenge pass', async () => {
    const { url, errors } = await receiver()
    emulator.webhooks.setUrl(url)
    expect(await challenge()).toBe('CHALLENGE_FAILED')
    expect(errors[0]?.message).toContain('type action.verify came, and there is no handler')
  })

  it("is refused by an error even where the app's error handler sets no status", async () => {
    const { url } = await receiver({
      handlers: { 'action.verify': () => Promise.reject(new Error('the database is down')) },
      onError: (_error, res) => res.end('{"ok":false}'),
    })
    emulator.webhooks.setUrl(url)
    expect(await challenge()).toBe('CHALLENGE_FAILED')
  })

  it("is refused by an error that bears a status of success, where the app's error handler answers with that", async () => {
    const { url, errors } = await receiver({
      // As axios has it for an answer that it could not read.
      handlers: { 'action.verify': () => Promise.reject(Object.assign(new Error('no JSON'), { status: 200 })) },
      onError: (error, res) => {
        res.statusCode = (error as AuthsignalError).status
        res.end()
      },
    })
    emulator.webhooks.setUrl(url)
    expect(await challenge()).toBe('CHALLENGE_FAILED')
    expect(errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_MISCONFIGURED', cause: { message: 'no JSON' } }])
  })

  it('is asked anew each time, and may be answered otherwise', async () => {
    const answers = [true, false, true]
    const { post } = await receiver({ handlers: { 'action.verify': () => Boolean(answers.shift()) } })
    const event = eventOf('action.verify')
    expect([await post(event), await post(event), await post(event)]).toEqual([200, 403, 200])
  })
})

describe('a code to be sent', () => {
  it.each(['email.created', 'sms.created', 'push.created'] as const)(
    '%s is sent each time it is asked',
    async (type) => {
      const send = jest.fn()
      const { post } = await receiver({ handlers: { [type]: send } })
      const event = eventOf(type, { code: '123456' })
      expect([await post(event), await post(event)]).toEqual([200, 200])
      expect(send).toHaveBeenCalledTimes(2)
    },
  )

  it.each([
    ['false', () => false, 403],
    ['an error', () => Promise.reject(new Error('no signal')), 500],
  ])('that could not be sent is told by %s', async (_name, handler, status) => {
    const { post } = await receiver({ handlers: { 'sms.created': handler } })
    expect(await post(eventOf('sms.created'))).toBe(status)
  })

  it('is refused where there is no handler: a 200 would say that it was sent', async () => {
    const { post, errors } = await receiver()
    expect(await post(eventOf('sms.created'))).toBe(500)
    expect(errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_MISCONFIGURED' }])
  })
})

describe('an asynchronous event', () => {
  it('is dropped when it comes again, by whichever process that shares the store', async () => {
    const handled: string[] = []
    const store = new MemoryStore()
    const handlers = { 'authenticator.created': ({ id }: WebhookEvent) => handled.push(id) }
    const one = await receiver({ handlers, authsignal: { store } })
    const two = await receiver({ handlers, authsignal: { store } })
    const [first, second] = [created(), created()]
    expect([await one.post(first), await two.post(first), await one.post(first)]).toEqual([200, 200, 200])
    expect(await two.post(second)).toBe(200)
    expect(handled).toEqual([first.id, second.id])
  })

  it('is sent again by Authsignal until its handler is done with it, and is then recorded', async () => {
    const tries: string[] = []
    const { url, errors } = await receiver({
      handlers: {
        'authenticator.created': ({ id }) => {
          if (tries.push(id) === 1) throw new Error('the database is down')
        },
      },
    })
    emulator.webhooks.setUrl(url)
    const sdk = new SdkClient({ apiUrl: emulator.apiUrl, apiSecretKey: emulator.apiSecretKey })
    const attributes = { verificationMethod: 'EMAIL_OTP' as never, email: 'alice@example.com' }
    await sdk.enrollVerifiedAuthenticator({ userId: 'alice', attributes })
    await emulator.webhooks.settled()
    expect(tries).toEqual([tries[0], tries[0]])
    expect(errors.map(({ message }) => message)).toEqual(['the database is down'])
    const [delivery] = emulator.webhooks.deliveries
    expect(delivery).toMatchObject({ attempts: 2, status: 200 })
    expect(await post(url, delivery?.event)).toBe(200)
    expect(tries).toHaveLength(2)
  })

  it('runs at least once: two deliveries at the same time both run', async () => {
    let run = 0
    let release: () => void = () => undefined
    const both = new Promise<void>((done) => {
      release = done
    })
    const { post } = await receiver({
      handlers: {
        'authenticator.created': () => {
          if ((run += 1) === 2) release()
          return both
        },
      },
    })
    const event = created()
    expect(await Promise.all([post(event), post(event)])).toEqual([200, 200])
    expect([await post(event), run]).toEqual([200, 2])
  })

  it('without an id is handled each time', async () => {
    const handler = jest.fn()
    const { post } = await receiver({ handlers: { 'authenticator.created': handler } })
    const event = { ...created(), id: undefined }
    expect([await post(event), await post(event)]).toEqual([200, 200])
    expect(handler).toHaveBeenCalledTimes(2)
  })

  it.each(['authenticator.deleted', 'authenticator.merged', 'constructor', '__proto__'])(
    'that nobody handles is answered 200: %s',
    async (type) => {
      const { post, errors } = await receiver({ handlers: { 'authenticator.created': jest.fn() } })
      expect(await post({ ...created(), type })).toBe(200)
      expect(errors).toEqual([])
    },
  )

  it('is answered 503 where the store fails, and is not handled', async () => {
    const handler = jest.fn()
    const down = () => Promise.reject(new Error('down'))
    const store = { get: down, add: down, delete: down }
    const { post, errors } = await receiver({ handlers: { 'authenticator.created': handler }, authsignal: { store } })
    expect(await post(created())).toBe(503)
    expect(errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_UNAVAILABLE' }])
    expect(handler).not.toHaveBeenCalled()
  })
})

describe('a batch of a log', () => {
  const actionOf = (n: number) => ({ type: 'action.log_created', record: { n } })
  const challengeOf = (n: number) => ({ type: 'challenge.log_created', record: { n } })
  const batch = {
    version: 1,
    id: 'batch',
    tenantId: 't',
    records: [actionOf(1), challengeOf(2), actionOf(3), { type: 'later', record: {} }],
  }

  it('is given to the handler of each type, and a part that failed alone comes again', async () => {
    const got: unknown[] = []
    const failing = [new Error('down')]
    const { post } = await receiver({
      handlers: {
        'action.log_created': ({ data }) => got.push(data.records),
        'challenge.log_created': ({ data }) => {
          const error = failing.pop()
          if (error) throw error
          got.push(data.records)
        },
      },
    })
    expect([await post(batch), await post(batch), await post(batch)]).toEqual([500, 200, 200])
    expect(got).toEqual([[actionOf(1), actionOf(3)], [challengeOf(2)]])
  })

  it('may be large, up to maxBytes', async () => {
    const large = { ...batch, records: Array.from({ length: 500 }, () => actionOf(1)), more: 'x'.repeat(100_000) }
    const handler = jest.fn()
    const handlers = { 'action.log_created': handler }
    const some = await receiver({ handlers })
    expect(await some.post(large)).toBe(200)
    expect(handler).toHaveBeenCalledTimes(1)
    const few = await receiver({ handlers, options: { maxBytes: 100_000 } })
    expect(await few.post(large)).toBe(400)
    expect(few.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_SIGNATURE_INVALID' }])
    expect(handler).toHaveBeenCalledTimes(1)
  })
})

describe('what is not accepted', () => {
  const handler = jest.fn()
  const handlers = { 'authenticator.created': handler }
  afterEach(() => {
    expect(handler).not.toHaveBeenCalled()
  })

  it.each<[string, Posting]>([
    ["another key's signature", { secret: 'another key' }],
    ['no signature', { signature: '' }],
    ['an old one', { at: -301 }],
    ['one of the future', { at: 310 }],
    ['a form', { type: 'application/x-www-form-urlencoded' }],
    ['text, as a page of another site may send it', { type: 'text/plain' }],
    ['no type', { type: '' }],
  ])('%s: 400', async (_name, posting) => {
    const { post, errors } = await receiver({ handlers })
    expect(await post(created(), posting)).toBe(400)
    expect(errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_SIGNATURE_INVALID', status: 400 }])
  })

  it('a time that toleranceMinutes does not allow', async () => {
    const { post } = await receiver({ handlers, options: { toleranceMinutes: 1 } })
    expect(await post(created(), { at: -61 })).toBe(400)
  })

  it.each(['GET', 'PUT', 'DELETE', 'HEAD'])('%s: 405', async (method) => {
    const { url } = await receiver({ handlers })
    const answer = await fetch(url, { method })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
  })

  it('a signed body that is no event: 502', async () => {
    const { post, errors } = await receiver({ handlers })
    expect(await post('{"hello":1}')).toBe(502)
    expect(errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE' }])
  })

  it('a body that is cut off', async () => {
    const { url, errors } = await receiver({ handlers })
    const headers = { 'content-type': 'application/json', 'content-length': 100 }
    const sending = httpRequest(url, { method: 'POST', headers })
    const gone = new Promise((done) => sending.on('error', done))
    sending.write('{"type":', () => sending.destroy())
    await gone
    // The server notices later than the client.
    while (errors.length === 0) await new Promise((done) => setImmediate(done))
    expect(errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_SIGNATURE_INVALID' }])
  })
})

describe('a receiver that can not work', () => {
  const authsignal = createAuthsignal({ apiSecretKey: 'k' })
  it.each([
    [() => authsignal.webhook(undefined as never), "The webhook's handlers are undefined"],
    [
      () =>
        authsignal.webhook(
          new (class {
            'action.verify'() {
              return true
            }
          })(),
        ),
      'are an instance of a class',
    ],
    [() => authsignal.webhook({ 'action.verified': jest.fn() } as never), 'There is no event "action.verified"'],
    [() => authsignal.webhook({ 'sms.created': 'send' } as never), 'The handler of sms.created is a string'],
    [() => authsignal.webhook({}, { toleranceMinutes: 0 }), 'toleranceMinutes'],
    [() => authsignal.webhook({}, { maxBytes: 100 }), 'maxBytes'],
    [() => authsignal.webhook({}, { limit: '1mb' } as never), 'The webhook has no option "limit"'],
  ])('is told at once: %#', (make, words) => {
    expect(make).toThrow(words)
  })

  it("needs the key beside a client of the app's own", async () => {
    const client = { track: jest.fn(), getAction: jest.fn() }
    const secret = 'a secret of thirty-two characters'
    expect(() => createAuthsignal({ client, secret }).webhook({})).toThrow('apiSecretKey is undefined')
    const handler = jest.fn()
    const { post } = await receiver({
      handlers: { 'authenticator.created': handler },
      authsignal: { client, secret, apiUrl: undefined },
    })
    expect([await post(created()), handler.mock.calls.length]).toEqual([200, 1])
  })
})

it('the types tell events apart', () => {
  const handlers: WebhookHandlers[] = [
    { 'sms.created': ({ data }) => data.to.startsWith('+') },
    { 'action.verify': async ({ data }) => data.action === 'transfer' },
    { 'action.log_created': ({ data }) => data.records.length },
    // @ts-expect-error -- it must be answered
    { 'action.verify': () => undefined },
    // @ts-expect-error -- a log has no user
    { 'action.log_created': ({ data }) => String(data.userId) },
    // @ts-expect-error -- there is no such event
    { 'action.created': () => undefined },
  ]
  expect(handlers).toHaveLength(6)
})
