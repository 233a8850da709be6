import { createServer } from 'node:http'
import { startEmulator, type Emulator } from 'authsignal-emulator'
import {
  createAuthsignal,
  type Authsignal,
  type AuthsignalOptions,
  type GuardOptions,
  type StepUp,
} from 'authsignal-express'
import express from 'express'
import { listen } from './listen'
import { Customer } from './customer'

/** What a guarded handler was called with. */
interface Booking {
  userId: string
  method: string
  path: string
  body: unknown
  authsignal: StepUp | undefined
}

/** An emulator, and an app whose routes are guarded by it. Everything is closed by `close`. */
export interface World {
  emulator: Emulator
  authsignal: Authsignal
  url: string
  booked: Booking[]
  /** Errors that reached the app's error handler. */
  errors: (Error & { code?: string; status?: number; idempotencyKey?: string; actionCode?: string })[]
  customer(userId?: string): Customer
  close(): Promise<void>
}

export interface WorldOptions {
  authsignal?: Partial<AuthsignalOptions> | ((emulator: Emulator) => Partial<AuthsignalOptions>)
  guard?: GuardOptions
  /** Adds routes before the usual ones. */
  routes?: (app: express.Express, world: Pick<World, 'authsignal' | 'booked'>) => void
}

const open: World[] = []

// Whatever becomes of the tests: a server that is left open would keep the run from ending.
afterAll(async () => {
  await Promise.all(open.map((world) => world.close()))
})

/**
 * `POST /transfers` guarded as `transfer`, `/account` as `viewAccount`, and a `POST /logout`; the user is named by the
 * X-User header.
 */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const emulator = await startEmulator({ port: 0 })
  const { apiUrl, apiSecretKey } = emulator
  const own = typeof options.authsignal === 'function' ? options.authsignal(emulator) : options.authsignal
  const authsignal = createAuthsignal(own?.client ? own : { apiUrl, apiSecretKey, ...own })
  const booked: Booking[] = []
  const errors: World['errors'] = []
  const app = express()
  app.use(signIn, express.json(), express.urlencoded({ extended: true }))
  options.routes?.(app, { authsignal, booked })
  app.use('/authsignal/callback', authsignal.callback())
  const book: express.RequestHandler = (req, res) => {
    booked.push({
      userId: String(req.user?.id),
      method: req.method,
      path: req.originalUrl,
      body: req.body as unknown,
      authsignal: req.authsignal,
    })
    res.json({ done: true, ...req.authsignal })
  }
  app.all('/transfers', authsignal.guard('transfer', options.guard), book)
  app.all('/account{/*page}', authsignal.guard('viewAccount', options.guard), book)
  app.post('/logout', async (req, res) => {
    await authsignal.forget(req, res)
    res.end()
  })
  app.get('/', (_, res) => {
    res.send('home')
  })
  app.use(((error, _req, _res, next) => {
    errors.push(error as Error)
    next(error)
  }) satisfies express.ErrorRequestHandler)
  const server = await listen(createServer(app))
  const world: World = {
    emulator,
    authsignal,
    url: server.url,
    booked,
    errors,
    customer: (userId = 'alice') => new Customer(server.url, userId, emulator),
    close: async () => {
      await server.close()
      await emulator.close()
    },
  }
  open.push(world)
  return world
}

/** A world where every action is challenged. */
export async function challengedWorld(guard: GuardOptions = {}): Promise<World> {
  const world = await startWorld({ guard })
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  return world
}

const signIn: express.RequestHandler = (req, _res, next) => {
  const id = req.get('x-user')
  if (id) req.user = { id }
  next()
}

declare global {
  // Express' own way to type the signed-in user.
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    interface Request {
      user?: { id: string }
    }
  }
}
