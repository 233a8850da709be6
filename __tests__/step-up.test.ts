import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { join } from 'node:path'
import { startEmulator, type Emulator } from 'authsignal-emulator'
import { createAuthsignal, type Authsignal } from 'authsignal-express'
import express from 'express'
import express4 from 'express-4'
import request from 'supertest'
import ts from 'typescript'
import { listen } from './helpers/listen'
import type * as Controllers from './package/consumers/typescript/controllers.mts' with { 'resolution-mode': 'import' }

type Made = ReturnType<typeof Controllers.makeControllers>

const source = readFileSync(join(__dirname, 'package/consumers/typescript/controllers.mts'), 'utf8')

/** The controllers as TypeScript compiles them, with either kind of decorators. */
function controllers(experimentalDecorators: boolean, authsignal: Authsignal): Made {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      experimentalDecorators,
      esModuleInterop: true,
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
    },
  })
  const exports: Partial<typeof Controllers> = {}
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is our own file
  const evaluate = new Function('require', 'exports', outputText) as (...given: unknown[]) => void
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the names are the file's
  evaluate((name: string) => require(name) as unknown, exports)
  if (!exports.makeControllers) throw new Error('the file exports no controllers')
  return exports.makeControllers(authsignal)
}

let emulator: Emulator
beforeAll(async () => {
  emulator = await startEmulator()
})
afterEach(() => {
  emulator.reset()
})
afterAll(() => emulator.close())

const tracked = () => emulator.actions.map(({ actionCode }) => actionCode)

function newAuthsignal(): Authsignal {
  return createAuthsignal({ apiUrl: emulator.apiUrl, apiSecretKey: emulator.apiSecretKey })
}

const cases = [
  ['standard decorators', false, 'Express 5', express],
  ['standard decorators', false, 'Express 4', express4],
  ['experimentalDecorators', true, 'Express 5', express],
  ['experimentalDecorators', true, 'Express 4', express4],
] as [string, boolean, string, typeof express][]

describe.each(cases)('%s (%p), %s', (_kind, experimentalDecorators, _framework, makeApp) => {
  const errors: string[] = []
  let url: string
  let close: () => Promise<void>
  let made: Made

  beforeAll(async () => {
    const authsignal = newAuthsignal()
    made = controllers(experimentalDecorators, authsignal)
    const app = makeApp()
    app.use((req, _res, next) => {
      req.user = { id: 'alice' }
      next()
    })
    app.use('/authsignal/callback', authsignal.callback())
    addRoutes(app, made)
    app.use(((error: { message: string; status?: number }, _req, res, _next) => {
      errors.push(error.message)
      res.status(error.status ?? 500).end()
    }) satisfies express.ErrorRequestHandler)
    const server = await listen(createServer(app as unknown as RequestListener))
    url = server.url
    close = () => server.close()
  })
  beforeEach(() => {
    errors.length = 0
  })
  afterAll(() => close())

  const get = (path: string) => request(url).get(path).redirects(0)

  describe('a method', () => {
    it('is guarded by its own action, and keeps this, its arguments and its name', async () => {
      await get('/accounts/7').expect(200, { account: '7', by: 'Fernhill' })
      expect(tracked()).toEqual(['viewAccount'])
      expect([made.Accounts.prototype.show.name, made.Accounts.prototype.show.length]).toEqual(['show', 3])
    })

    it('is not reached at BLOCK', async () => {
      emulator.rules.set('viewAccount', 'BLOCK')
      await get('/accounts/7').expect(403)
      expect(errors).toEqual(['This was refused.'])
    })

    it('goes through a challenge as behind a guard', async () => {
      emulator.rules.set('viewAccount', 'CHALLENGE_REQUIRED')
      const agent = request.agent(url)
      await agent.get('/accounts/7').redirects(0).expect(302)
      // The method would have failed, for the answer is sent.
      expect(errors).toEqual([])
      await emulator.challenges.succeed(String(emulator.actions[0]?.idempotencyKey))
      await agent.get('/accounts/7').expect(200, { account: '7', by: 'Fernhill' })
    })

    it('has one guard, for all its requests: equal ones at once make one challenge', async () => {
      emulator.rules.set('viewAccount', 'CHALLENGE_REQUIRED')
      const agent = request.agent(url)
      await agent.get('/accounts/8').redirects(0).expect(302)
      emulator.faults.next({ latencyMs: 50 }, 2)
      await Promise.all([agent.get('/accounts/9').redirects(0), agent.get('/accounts/9').redirects(0)])
      expect(tracked()).toEqual(['viewAccount', 'viewAccount'])
    })

    it.each([
      ['/close', 'the database is down'],
      ['/freeze', 'it is frozen'],
    ])('hands what it throws on to next: %s', async (path, message) => {
      await get(path).expect(500)
      expect(errors).toEqual([message])
    })

    it('may be static', async () => {
      await get('/accounts').expect(200, { by: 'Accounts' })
      expect(tracked()).toEqual(['listAccounts'])
    })

    it('without the decorator has no guard', async () => {
      await get('/open').expect(200)
      expect(tracked()).toEqual([])
    })

    it('is guarded when it is called by super, with the this of the subclass', async () => {
      const { headers } = await get('/savings/7').expect(200, { account: '7', by: 'Fernhill Savings' })
      expect([headers['x-savings'], tracked()]).toEqual(['yes', ['viewAccount']])
      emulator.rules.set('viewAccount', 'BLOCK')
      await get('/savings/7').expect(403)
    })
  })

  describe('a class', () => {
    it.each([
      ['its own methods', '/cards/1', { text: "Alice's card 1", count: 2 }],
      ['inherited ones', '/cards/inherited', { from: 'Base' }],
      ['static ones', '/cards', ['credit', 'debit']],
    ])('has %s guarded', async (_name, path, answer) => {
      await get(path).expect(200, answer)
      expect(tracked()).toEqual(['cards'])
      emulator.rules.set('cards', 'BLOCK')
      await get(path).expect(403)
    })

    it('leaves the class that it extends as it was', async () => {
      await get('/base').expect(200, { from: 'Base' })
      expect(tracked()).toEqual([])
    })

    it('leaves its helpers, its getters and its factory as they were', () => {
      const cards = made.Cards.of('Bob')
      expect(cards).toBeInstanceOf(made.Cards)
      expect([cards.describe('3'), cards.count, cards.owner]).toEqual(["Bob's card 3", 2, 'Bob'])
      expect(made.Cards.name).toBe('Cards')
    })

    it('leaves a method with a guard of its own to that, which asks once', async () => {
      emulator.rules.set('blockCard', 'BLOCK')
      await get('/cards/1/block').expect(403)
      expect(tracked()).toEqual(['blockCard'])
    })

    it('asks a request once, whatever handlers of the class it passes', async () => {
      emulator.rules.set('cards', 'CHALLENGE_REQUIRED')
      const agent = request.agent(url)
      await agent.post('/cards/1').type('html').redirects(0).expect(303)
      await emulator.challenges.succeed(String(emulator.actions[0]?.idempotencyKey))
      await agent.post('/cards/1').expect(200, { text: "Alice's card 1", count: 2 })
      expect(tracked()).toEqual(['cards'])
      await agent.post('/cards/1').redirects(0).expect(303)
    })

    it.each(['/cards/fail', '/cards/check-and-fail'])('hands rejections on to next: %s', async (path) => {
      await get(path).expect(418, { error: 'the printer is down' })
    })
  })

  it('withStepUp guards a function', async () => {
    await get('/withdraw/7').expect(200, { account: '7', undefinedThis: true })
    expect(tracked()).toEqual(['withdraw'])
    emulator.rules.set('withdraw', 'BLOCK')
    await get('/withdraw/7').expect(403)
    expect([made.withdraw.name, made.withdraw.length]).toEqual(['withdraw', 2])
  })

  it('a method that is called without a request, or without next, tells its caller', async () => {
    const accounts = new made.Accounts()
    await expect(accounts.show({} as never, {} as never, jest.fn())).rejects.toThrow('called without a request')
    const handled = new made.Accounts().show(
      { headers: {} } as never,
      { setHeader: jest.fn() } as never,
      undefined as never,
    )
    await expect(handled).rejects.toMatchObject({ code: 'ERR_AUTHSIGNAL_MISCONFIGURED' })
  })
})

function addRoutes(app: express.Express, { Accounts, Savings, Base, Cards, withdraw }: Made): void {
  const [accounts, savings, base, cards] = [new Accounts(), new Savings(), new Base(), new Cards('Alice')]
  app.get('/accounts', Accounts.list.bind(Accounts))
  app.get('/accounts/:id', accounts.show.bind(accounts))
  app.get('/close', accounts.close.bind(accounts))
  app.get('/freeze', accounts.freeze.bind(accounts))
  app.get('/open', accounts.open.bind(accounts))
  app.get('/savings/:id', (req, res, next) => savings.show(req, res, next))
  app.get('/base', base.inherited.bind(base))
  app.get('/cards', Cards.list.bind(Cards))
  app.get('/cards/inherited', cards.inherited.bind(cards))
  app.get('/cards/fail', cards.fail.bind(cards))
  app.get('/cards/check-and-fail', cards.check.bind(cards), cards.fail.bind(cards))
  app.get('/cards/:id', cards.show.bind(cards))
  app.get('/cards/:id/block', cards.block.bind(cards))
  app.post('/cards/:id', cards.check.bind(cards), cards.order.bind(cards))
  app.use('/cards/fail', cards.onError.bind(cards))
  app.use('/cards/check-and-fail', cards.onError.bind(cards))
  app.get('/withdraw/:id', withdraw)
}

describe('a wrong use is told at once', () => {
  const { stepUp, withStepUp } = createAuthsignal({ apiSecretKey: 'k' })
  const decorate = stepUp('a') as (...given: unknown[]) => unknown
  const onError = (_error: unknown, _req: unknown, _res: unknown, _next: unknown) => undefined
  class Some {
    handle() {
      return 1
    }
  }

  it.each<[string, () => unknown, string]>([
    ['a getter', () => decorate(() => 1, { kind: 'getter', name: 'a' }), 'something else (getter)'],
    ['a setter', () => decorate(() => 1, { kind: 'setter', name: 'a' }), '(setter)'],
    ['a field', () => decorate(undefined, { kind: 'field', name: 'a' }), "handle = withStepUp('actionCode'"],
    ['an accessor', () => decorate({}, { kind: 'accessor', name: 'a' }), '(accessor)'],
    ['a getter, of old', () => decorate({}, 'a', { get: () => 1 }), '(getter or setter)'],
    ['a setter, of old', () => decorate({}, 'a', { set: () => undefined }), '(getter or setter)'],
    ['a field, of old', () => decorate({}, 'a', undefined), '(field)'],
    ['a field, as Babel has it', () => decorate({}, Symbol('a'), { initializer: () => 1 }), '(field)'],
    ['a parameter', () => decorate({}, 'a', 0), '(parameter)'],
    ['a function', () => decorate(() => 1), '(a function)'],
    ['nothing', () => decorate(), '(undefined)'],
    ['an error handler', () => decorate(onError, { kind: 'method', name: 'a' }), 'takes 4 parameters'],
    ['a class, twice', () => [decorate(Some), decorate(Some)], 'The class has two @stepUp'],
    ['a class, uncalled', () => stepUp(Some as never), 'not @stepUp alone'],
    ['a method, uncalled', () => stepUp((() => 1) as never, { kind: 'method' } as never), 'not @stepUp alone'],
    ['a wrong option', () => stepUp('a', { maxAge: 'long' as never }), 'maxAge'],
    ['a wrong action code', () => stepUp('a b'), '1 to 64 letters'],
    ['no handler', () => withStepUp('a', undefined as never), "withStepUp's handler is undefined; give a function"],
    ['a route as handler', () => withStepUp('a', '/transfers' as never), 'is a string'],
    [
      'its options before its handler',
      () => withStepUp('a', {} as never, onError as never),
      '(actionCode, handler, options)',
    ],
    ['an error handler as handler', () => withStepUp('a', onError as never), 'takes 4 parameters'],
  ])('%s', (_name, use, words) => {
    let error: unknown
    try {
      use()
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ code: 'ERR_AUTHSIGNAL_MISCONFIGURED' })
    expect((error as Error).message).toContain(words)
  })
})

describe('withStepUp in a server without error handlers', () => {
  const serve = async (handler: RequestListener) => listen(createServer(handler))

  it.each([
    ['nobody is signed in', undefined, 401, 'Sign in first.'],
    ['the user is blocked', 'alice', 403, 'This was refused.'],
    ['the user is no id', {}, 500, 'Internal Server Error'],
  ])('answers for itself where %s', async (_what, userId, status, text) => {
    const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined)
    emulator.rules.set('a', 'BLOCK')
    const handler = jest.fn()
    const server = await serve(newAuthsignal().withStepUp('a', handler, { userId: () => userId }))
    const answer = await request(server.url).get('/').expect(status)
    expect([answer.text, answer.headers['cache-control']]).toEqual([text, 'no-store'])
    expect(printed).toHaveBeenCalledTimes(status === 500 ? 1 : 0)
    expect(handler).not.toHaveBeenCalled()
    await server.close()
    printed.mockRestore()
  })

  it('goes on to its handler', async () => {
    const handler: RequestListener = (_req, res) => {
      res.end('done')
    }
    const server = await serve(newAuthsignal().withStepUp('a', handler, { userId: () => 'alice' }))
    await request(server.url).get('/').expect(200, 'done')
    await server.close()
  })
})

it('what a handler rejects with that is no error does not let the request go on', async () => {
  const { withStepUp } = newAuthsignal()
  const app = express4()
  const after = jest.fn()
  app.use((req, _res, next) => {
    req.user = { id: 'alice' }
    next()
  })
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- apps do
  app.get('/', withStepUp('a', () => Promise.reject()) as express.RequestHandler, after)
  await request(app).get('/').expect(500)
  expect(after).not.toHaveBeenCalled()
})

it.each([
  ['classes', 'classes'],
  ['class', 'static class'],
  ['constructor', 'static constructor'],
  ['a', 'a'],
])('a method of a class is guarded, even one that is called %s', async (name, declared) => {
  emulator.rules.set('a', 'BLOCK')
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- names are given
  const declare = new Function(`return class { ${declared}(req, res) { res.end() } }`) as () => new () => object
  const Some = declare()
  newAuthsignal().stepUp('a')(Some)
  const owner = (declared.startsWith('static') ? Some : new Some()) as Record<string, express.RequestHandler>
  const app = express()
  app.use((req, _res, next) => {
    req.user = { id: 'alice' }
    next()
  })
  app.get('/', (req, res, next) => owner[name]?.(req, res, next))
  await request(app).get('/').expect(403)
})

it('no handler of a class runs after another of its handlers was refused the same request', async () => {
  emulator.rules.set('cards', 'CHALLENGE_REQUIRED')
  const ran: string[] = []
  class Cards {
    async look(_req: express.Request, _res: express.Response) {
      ran.push('look')
    }
    async move(_req: express.Request, _res: express.Response) {
      ran.push('move')
    }
  }
  newAuthsignal().stepUp('cards')(Cards)
  const cards = new Cards()
  const app = express()
  app.use('/', async (req, res) => {
    req.user = { id: 'alice' }
    await cards.look(req, res)
    await cards.move(req, res).catch(() => undefined)
  })
  await request(app).get('/').set('accept', 'text/html').redirects(0).expect(302)
  expect(ran).toEqual([])
})

it('a class that a class holds can be made as before', () => {
  class Card {
    readonly kind = 'credit'
  }
  class Cards {
    static readonly Card = Card
    show() {
      return new Cards.Card()
    }
  }
  newAuthsignal().stepUp('cards')(Cards)
  expect(new Cards.Card().kind).toBe('credit')
  expect(Cards.Card).toBe(Card)
})
