import { authsignalGuard, AuthsignalClient, AuthsignalError, createAuthsignal, MemoryStore } from 'authsignal-express'
import express from 'express'
import request from 'supertest'
import { Customer } from './helpers/customer'
import { secureServer } from './helpers/https'
import { listen } from './helpers/listen'
import { startWorld } from './helpers/world'

const valid = { apiSecretKey: 'a-secret-key' }
const secret = 'thirty-two characters, or some more'

function errorOf(act: () => unknown): AuthsignalError {
  try {
    act()
  } catch (error) {
    return error as AuthsignalError
  }
  throw new Error('nothing was thrown')
}

describe('an option that can not be right', () => {
  it.each([
    [{}, 'AUTHSIGNAL_API_SECRET_KEY'],
    [{ apiSecretKey: '' }, 'apiSecretKey is an empty string'],
    [{ apiSecretKey: ' \n' }, 'apiSecretKey is blank'],
    [{ ...valid, apiSecretKey: 7 }, 'apiSecretKey is a number'],
    [{ ...valid, apiUrl: 'http://api.authsignal.com/v1' }, 'apiUrl is a string, but not an https URL'],
    [{ ...valid, apiUrl: null }, 'apiUrl is null'],
    [{ ...valid, timeout: null }, 'timeout is null'],
    [{ ...valid, retries: null }, 'retries is null'],
    [{ ...valid, apiUrl: 'not a url' }, 'apiUrl'],
    [{ ...valid, apiUrl: 'https://:pw@api.authsignal.com/v1' }, 'apiUrl'],
    [{ ...valid, apiUrl: 'https://api.authsignal.com/v1?a=1' }, 'neither credentials nor a query'],
    [{ ...valid, apiUrl: 'https://api.authsignal.com/v1#a' }, 'neither credentials nor a query'],
    [{ ...valid, timeout: 0 }, 'timeout'],
    [{ ...valid, timeout: '2s' }, 'timeout is a string'],
    [{ ...valid, retries: 1.5 }, 'retries'],
    [{ ...valid, baseUrl: 'bank.example' }, 'baseUrl'],
    [{ ...valid, baseUrl: 'https://user:pw@bank.example' }, 'baseUrl'],
    [{ ...valid, baseUrl: 'https://bank.example/?a=1' }, 'neither credentials nor a query'],
    [{ ...valid, baseUrl: 'https://bank.example/#a' }, 'neither credentials nor a query'],
    [{ ...valid, baseUrl: [] }, 'baseUrl is an empty array'],
    [{ ...valid, baseUrl: ['https://bank.example', 'http://bank.example/app'] }, 'baseUrl lists the same host twice'],
    [{ ...valid, baseUrl: '' }, 'baseUrl is an empty string; give a non-empty string, or an array of them'],
    [{ ...valid, baseUrl: 'https://one.example,https://two.example' }, 'give createAuthsignal an array of them'],
    [{ ...valid, baseUrl: 'https://one.example, two.example' }, 'give createAuthsignal an array of them'],
    [{ ...valid, secret: 'x'.repeat(31) }, 'secret is a string of fewer than 32 characters'],
    [{ ...valid, secret: [' '.repeat(32), secret] }, 'secret is a string of fewer than 32 characters'],
    [{ ...valid, verificationMethods: ['passkey'] }, 'give Authsignal\'s, in capitals, such as "PASSKEY"'],
    [{ client: { track: jest.fn(), getAction: jest.fn() }, secret, retries: 1 }, 'leave it out where client is given'],
    [{ client: { track: jest.fn(), getAction: jest.fn() }, secret, apiSecretKey: 5 }, 'apiSecretKey is a number'],
    [{ ...valid, callbackPath: 'authsignal' }, 'callbackPath'],
    [{ ...valid, callbackPath: '/a/../b' }, 'callbackPath'],
    [{ ...valid, challengeTtl: '3 parsecs' }, 'challengeTtl'],
    [{ ...valid, challengeTtl: 5 }, 'challengeTtl'],
    [{ ...valid, maxAge: '' }, 'maxAge'],
    [{ ...valid, store: {} }, 'store has no method "get"; give a store, such as new RedisStore({ sendCommand }), with'],
    [{ apiSecretKey: 'a-secret-key\n' }, 'apiSecretKey begins or ends with a blank, a line end or a quote'],
    [{ apiSecretKey: '"a-secret-key"' }, 'give the key alone'],
    [{ ...valid, client: { track: jest.fn() }, secret }, 'client has no method "getAction"'],
    [{ client: { track: jest.fn(), getAction: jest.fn() } }, 'secret is undefined'],
    [{ ...valid, userId: 'alice' }, 'userId is a string; give a function'],
    [{ ...valid, failure: 'ajar' }, 'failure'],
    [{ ...valid, enforce: 'yes' }, 'enforce'],
    [{ ...valid, verificationMethods: [] }, 'verificationMethods is an empty array'],
    [{ ...valid, challengeStatus: 418 }, 'challengeStatus'],
    [{ ...valid, texts: { hello: 'x' } }, 'texts has no text "hello"'],
    [{ ...valid, texts: { toString: 'x' } }, 'texts has no text "toString"'],
    [{ ...valid, texts: null }, 'texts is null; give an object'],
    [{ ...valid, texts: [] }, 'texts is an empty array; give an object'],
    [{ ...valid, texts: { quitTitle: 7 } }, 'texts.quitTitle is a number; give a string'],
    [{ ...valid, texts: { dir: 'right' } }, 'texts.dir is a string, but none of its values; give "ltr" or "rtl"'],
    [{ ...valid, maxage: '5m' }, 'no option "maxage"'],
    [{ ...valid, constructor: 1 }, 'no option "constructor"'],
  ])('%j is told by name', (options, words) => {
    const error = errorOf(() => createAuthsignal(options as never))
    expect(error).toBeInstanceOf(AuthsignalError)
    expect(error).toMatchObject({ code: 'ERR_AUTHSIGNAL_MISCONFIGURED', status: 500, expose: false })
    expect(error.message).toContain(words)
    for (const value of ['a-secret-key', 'user:pw']) expect(error.message).not.toContain(value)
  })

  it('is the same as absent where it is undefined, and changes nothing that was passed', () => {
    const texts = Object.freeze({ lang: undefined })
    const options = Object.freeze({ ...valid, maxAge: undefined, store: undefined, baseUrl: undefined, texts })
    expect(() =>
      createAuthsignal(options).guard('a', Object.freeze({ maxAge: undefined, store: undefined })),
    ).not.toThrow()
  })
})

it('an older secret only opens, and may be what it was', () => {
  expect(() => createAuthsignal({ ...valid, secret: [secret, 'old'], baseUrl: 'https://bank.example//' })).not.toThrow()
})

describe('a guard', () => {
  const authsignal = createAuthsignal(valid)

  it.each(['', 'a b', 'a/b', '..', 'x'.repeat(65), 7, null, undefined, {}])('refuses the action code %p', (code) => {
    const error = errorOf(() => authsignal.guard(code as never))
    expect(error).toMatchObject({ code: 'ERR_AUTHSIGNAL_MISCONFIGURED' })
    expect(error.message).toContain('1 to 64 letters')
  })

  it.each(['store', 'apiSecretKey', 'baseUrl', 'secret', 'client', 'callbackPath', 'challengeTtl', 'timeout'])(
    'refuses %s, which belongs in createAuthsignal',
    (name) => {
      expect(errorOf(() => authsignal.guard('a', { [name]: new MemoryStore() })).message).toContain('createAuthsignal')
    },
  )

  it.each([null, 7, [], 'open'])('refuses %j in place of options', (options) => {
    for (const make of [
      () => authsignal.guard('a', options as never),
      () => authsignal.stepUp('a', options as never),
      () => authsignal.withStepUp('a', jest.fn(), options as never),
    ])
      expect(errorOf(make).message).toMatch(/options are .*; give an object/)
  })

  it('refuses an option that it does not know, and tells those it has', () => {
    const { message } = errorOf(() => authsignal.guard('a', { maxAges: 1 } as never))
    expect(message).toContain('no option "maxAges"')
    expect(message).toContain('verificationMethods')
  })

  it('used without being called says how to use it', async () => {
    const app = express()
    let caught: unknown
    app.use(authsignalGuard as never)
    app.use(((error, _req, res, _next) => {
      caught = error
      res.status(500).end()
    }) satisfies express.ErrorRequestHandler)
    await request(app).get('/').expect(500)
    expect(caught).toMatchObject({
      code: 'ERR_AUTHSIGNAL_MISCONFIGURED',
      message: expect.stringContaining("app.use(authsignalGuard('actionCode'))") as string,
    })
  })

  it.each([undefined, null, '', 'a b', 7, {}])('never passes on a function that gives %p for a code', async (code) => {
    const world = await startWorld({
      routes: (app, { authsignal: own, booked }) =>
        app.get(
          '/by-function',
          own.guard(() => code as never),
          (_req, res) => {
            booked.push({} as never)
            res.end()
          },
        ),
    })
    await world.customer().get('/by-function').expect(500)
    expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_MISCONFIGURED' }])
    expect(world.emulator.requests).toEqual([])
  })
})

describe('a user id', () => {
  const asked = async (user: unknown) => {
    const world = await startWorld({ guard: { userId: () => user } })
    const { status } = await world.customer().get('/account')
    return { status, tracked: world.emulator.actions[0]?.userId, code: world.errors[0]?.code }
  }

  it.each([
    ['alice', 'alice'],
    [42, '42'],
    ['a/b?c#d', 'a/b?c#d'],
    ['ünï', 'ünï'],
  ])('%p is tracked as %p', async (given, tracked) => {
    expect(await asked(given)).toEqual({ status: 200, tracked, code: undefined })
  })

  it.each([undefined, null])('%p is nobody', async (given) => {
    expect(await asked(given)).toEqual({ status: 401, tracked: undefined, code: 'ERR_AUTHSIGNAL_UNAUTHENTICATED' })
  })

  it.each(['', NaN, 1.5, 2 ** 60, true, {}, [], '.', '..', '\ud800'])('%p is a mistake', async (given) => {
    expect(await asked(given)).toEqual({ status: 500, tracked: undefined, code: 'ERR_AUTHSIGNAL_MISCONFIGURED' })
  })

  it.each<[string, object, string | number]>([
    ['req.user.id', { user: { id: 1 }, session: { userId: 'other' } }, '1'],
    ['req.oidc.user.sub', { oidc: { user: { sub: 'oidc' } }, session: { userId: 'other' } }, 'oidc'],
    ['req.auth.userId', { auth: { userId: 'clerk' } }, 'clerk'],
    ['req.auth()', { auth: async () => ({ userId: 'clerk' }) }, 'clerk'],
    ['req.auth.payload.sub', { auth: { payload: { sub: 'bearer' } } }, 'bearer'],
    ['req.session.userId', { oidc: {}, session: { userId: 's' } }, 's'],
    ['a user that is no object', { user: 'alice', session: { userId: 's' } }, 500],
    ['an oidc user that is no object', { oidc: { user: 'alice' }, session: { userId: 's' } }, 500],
    ['an auth that is no object', { auth: 'alice', session: { userId: 's' } }, 500],
    ['a user without id', { user: {}, session: { userId: 's' } }, 500],
    ['an auth without user', { auth: { payload: {} }, session: { userId: 's' } }, 500],
    ['signed out of Clerk', { auth: () => ({ userId: null }), session: { userId: 's' } }, 401],
    ['nobody', { session: {} }, 401],
  ])('is taken from %s', async (_name, fields, expected) => {
    const world = await startWorld({
      routes: (app, { authsignal }) =>
        app.get(
          '/who',
          (req, _res, next) => {
            delete req.user
            Object.assign(req, fields)
            next()
          },
          authsignal.guard('who'),
          (_req, res) => {
            res.end()
          },
        ),
    })
    const { status } = await world.customer('').get('/who')
    if (typeof expected === 'number') expect(status).toBe(expected)
    else expect([status, world.emulator.actions[0]?.userId]).toEqual([200, expected])
  })
})

describe('without baseUrl', () => {
  it.each([
    ['bank.example', 500],
    ['127.0.0.1.evil.example', 500],
    ['localhost.evil.example', 500],
    ['evil.example@localhost', 500],
    ['localhost:3000', 200],
    ['127.0.0.1', 200],
    ['[::1]:3000', 200],
  ])('the Host %s is answered %i', async (host, status) => {
    const world = await startWorld()
    await world.customer().get('/account').set('host', host).expect(status)
    if (status === 500) {
      expect(world.errors).toMatchObject([
        { code: 'ERR_AUTHSIGNAL_MISCONFIGURED', message: expect.stringContaining('AUTHSIGNAL_BASE_URL') as string },
      ])
      expect(world.emulator.requests).toEqual([])
    }
  })

  it('an app that speaks https itself is at https: so is its cookie, and the way back', async () => {
    const { authsignal, emulator } = await startWorld()
    emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const app = express()
    app.use('/authsignal/callback', authsignal.callback())
    app.get('/account', authsignal.guard('viewAccount', { userId: () => 'alice' }), (_req, res) => {
      res.end('done')
    })
    const server = await listen(await secureServer(app), 'https')
    try {
      const customer = new Customer(server.url, 'alice', emulator)
      const get = (path: string) => customer.get(path).trustLocalhost()
      const first = await get('/account').expect(302)
      expect(first.get('set-cookie')).toEqual([
        expect.stringMatching(/^__Host-authsignal=[\w-]{22}; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
      ])
      const { idempotencyKey, attributes } = customer.latest
      expect(attributes.redirectUrl).toBe(`${server.url}/authsignal/callback/${idempotencyKey}`)
      await emulator.challenges.succeed(idempotencyKey)
      expect((await get(customer.callbackPath).expect(303)).headers.location).toBe('/account')
      await get('/account').expect(200)
    } finally {
      await server.close()
    }
  })

  it('production without a baseUrl is told at the start', () => {
    const authsignal = createAuthsignal(valid)
    const before = process.env.NODE_ENV
    process.env.NODE_ENV = 'production'
    try {
      for (const make of [() => authsignal.guard('a'), authsignal.callback, authsignal.manage])
        expect(errorOf(make).message).toContain('Set AUTHSIGNAL_BASE_URL')
    } finally {
      process.env.NODE_ENV = before
    }
  })

  it('production refuses loopback too', async () => {
    const world = await startWorld()
    const before = process.env.NODE_ENV
    process.env.NODE_ENV = 'production'
    try {
      await world.customer().get('/account').expect(500)
    } finally {
      process.env.NODE_ENV = before
    }
  })
})

describe('baseUrl', () => {
  it('with a path prefix leads back below it', async () => {
    const world = await startWorld({ authsignal: { baseUrl: 'http://bank.example/app/' } })
    world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = world.customer()
    await customer.get('/account').expect(302)
    expect(customer.latest.attributes.redirectUrl).toBe(
      `http://bank.example/app/authsignal/callback/${customer.latest.idempotencyKey}`,
    )
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    const back = await customer.get(`/authsignal/callback/${customer.latest.idempotencyKey}`)
    expect(back.headers.location).toBe('/app/account')
  })

  it('as a list takes the one that the request came to, and no other', async () => {
    const world = await startWorld({ authsignal: { baseUrl: ['http://one.example', 'http://two.example'] } })
    await world.customer().get('/account').set('host', 'two.example').expect(200)
    expect(world.emulator.actions[0]?.attributes.redirectUrl).toMatch(/^http:\/\/two\.example\//)
    for (const host of ['three.example', 'two.example:8080', 'two.example:443', 'two.example.'])
      await world.customer().get('/account').set('host', host).expect(500)
    const twice = createAuthsignal({ ...valid, baseUrl: ['https://one.example', 'https://one.example/'] })
    expect(() => twice.guard('a')).not.toThrow()
    for (const host of ['TWO.example', 'two.example:80'])
      await world.customer().get('/account').set('host', host).expect(200)
  })
})

it.each([null, 'sk_live', [], 7])('no part takes %j for options', (options) => {
  const { callback, manage, webhook } = createAuthsignal(valid)
  for (const make of [
    () => new AuthsignalClient(options as never),
    () => new MemoryStore(options as never),
    () => createAuthsignal(options as never),
    () => callback(options as never),
    () => manage(options as never),
    () => webhook({}, options as never),
  ])
    expect(errorOf(make).message).toMatch(/options are .*; give an object/)
})

it('a client with no key says where to put one', () => {
  expect(errorOf(() => new AuthsignalClient()).message).toContain('AUTHSIGNAL_API_SECRET_KEY')
  expect(errorOf(() => new AuthsignalClient({ apiSecretkey: 'x' } as never)).message).toContain('"apiSecretkey"')
})

it('a peer that is not on loopback has no own origin, whatever Host it names', async () => {
  const world = await startWorld()
  const guard = world.authsignal.guard('see', { userId: () => 'alice' })
  const error = await new Promise<unknown>((resolve) => {
    const headers = { host: 'localhost:3000' }
    const req = { method: 'GET', url: '/', headers, readableEnded: true, socket: { remoteAddress: '203.0.113.7' } }
    const res = {
      statusCode: 200,
      headersSent: false,
      getHeader: jest.fn(),
      setHeader: jest.fn(),
      removeHeader: jest.fn(),
      end: jest.fn(),
    }
    guard(req, res, resolve)
  })
  expect(error).toBeInstanceOf(AuthsignalError)
  expect(error).toMatchObject({ code: 'ERR_AUTHSIGNAL_MISCONFIGURED' })
})
