import { startEmulator, type Emulator } from 'authsignal-emulator'
import { Redis } from 'ioredis'
import { Customer } from '../helpers/customer'
import { GuardedProcess } from './guarded-process'
import { RedisServer } from './redis-server'
import { TcpProxy } from './tcp-proxy'

/* A process is killed at a step of a flow, and its user goes on with another one: by sending again what got no answer. */

let emulator: Emulator
let server: RedisServer
let redis: Redis
let proxy: TcpProxy
let survivor: GuardedProcess
let victim: GuardedProcess
let customer: Customer

beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
  server = await RedisServer.start()
  redis = new Redis(server.socket, { disconnectTimeout: 0 })
  survivor = await GuardedProcess.start(server, emulator)
  proxy = await TcpProxy.start()
})
afterAll(async () => {
  redis.disconnect()
  await survivor.close()
  await server.close()
  await emulator.close()
})
beforeEach(async () => {
  emulator.reset()
  emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  await redis.flushall()
  victim = await GuardedProcess.start(server, emulator)
  proxy.point(victim)
  customer = new Customer(proxy.url, 'alice', emulator)
})

const transfer = () => customer.post('/transfers', { payee: 'Ben', amount: '10' })
const comeBack = () => customer.get(customer.callbackPath)
const pass = () => emulator.challenges.succeed(customer.latest.idempotencyKey)
const booked = () => redis.lrange('booked', 0, -1)

/** The victim is killed at that step of a request, which gets no answer; from now on the survivor is asked. */
async function killedAt(step: string, request: () => PromiseLike<unknown>): Promise<void> {
  await victim.stopAt(step)
  const stopped = victim.stopped()
  const lost = expect(request()).rejects.toThrow()
  await stopped
  await victim.kill()
  proxy.drop()
  await lost
  proxy.point(survivor)
}

/** The form that the callback brings back, as the browser is about to send it. */
async function resumePage() {
  await transfer().expect(303)
  await pass()
  return comeBack().expect(200)
}

/** The rest of a flow, from its form on: it is asked, passed and booked. */
async function goesThrough(): Promise<void> {
  const before = await booked()
  await customer.sendAgain(await resumePage()).expect(200)
  expect(await booked()).toEqual([...before, customer.latest.idempotencyKey])
}

describe('killed while the challenge begins', () => {
  test.each(['before track', 'before SET place', 'after SET place', 'after SET challenge', 'after SET question'])(
    '%s: the form is sent again, challenged, and booked once',
    async (step) => {
      await killedAt(step, transfer)
      expect(await booked()).toEqual([])
      await goesThrough()
      expect(await booked()).toHaveLength(1)
    },
  )

  test('the challenge is the same one, once the way from the form to it was kept', async () => {
    // An earlier answer has given the browser its cookie.
    await customer.post('/transfers', { payee: 'Ben', amount: '1' }).expect(303)
    await killedAt('after SET question', transfer)
    const tracked = customer.latest
    await transfer().expect(303)
    expect(customer.latest).toEqual(tracked)
  })
})

describe('killed during the callback', () => {
  test.each(['before GET spent', 'after GET forgotten'])(
    '%s: the callback is loaded again, and the form booked once',
    async (step) => {
      await transfer().expect(303)
      await pass()
      await killedAt(step, comeBack)
      await customer.sendAgain(await comeBack().expect(200)).expect(200)
      expect(await booked()).toEqual([customer.latest.idempotencyKey])
    },
  )
})

describe('killed while the form that was brought back is sent', () => {
  test.each(['after GET challenge', 'before SET spent'])(
    '%s: nothing is spent, and sending it again books it',
    async (step) => {
      const page = await resumePage()
      await killedAt(step, () => customer.sendAgain(page))
      await customer.sendAgain(page).expect(200)
      expect(await booked()).toEqual([customer.latest.idempotencyKey])
    },
  )

  test.each(['after SET spent', 'after DEL place', 'before the booking'])(
    '%s: the pass is spent and nothing booked; the user is told to look, and to start again',
    async (step) => {
      const page = await resumePage()
      await killedAt(step, () => customer.sendAgain(page))
      const { text } = await customer.sendAgain(page).expect(409)
      expect(text).toContain('If you do not find it done, start again in a minute.')
      expect(await booked()).toEqual([])

      aMinuteLater()
      await goesThrough()
      expect(await booked()).toHaveLength(1)
    },
  )

  test('after the booking: the form is not booked again', async () => {
    const page = await resumePage()
    await killedAt('after the booking', () => customer.sendAgain(page))
    expect(await booked()).toEqual([customer.latest.idempotencyKey])
    await customer.sendAgain(page).expect(409)
    await comeBack().expect(200, /If you do not find it done, start again/)
    expect(await booked()).toHaveLength(1)
  })
})

describe('killed while a window opens', () => {
  const open = () => customer.get('/account')
  const askAndPass = async () => {
    await open().expect(302)
    await pass()
  }

  test.each(['before SET spent', 'after SET window', 'after DEL question'])(
    '%s, by the request itself, as after a pop-up: the page opens',
    async (step) => {
      await askAndPass()
      await killedAt(step, open)
      await open().expect(200)
    },
  )

  test.each(['before SET spent', 'after SET window'])(
    '%s, at the return: loaded again, the page opens',
    async (step) => {
      await askAndPass()
      await killedAt(step, comeBack)
      await comeBack().expect(303)
      await open().expect(200)
    },
  )

  test.each([
    ['by the request itself', open],
    ['at the return', comeBack],
  ])('after SET spent, %s: the user is asked anew, by another challenge', async (_where, request) => {
    await askAndPass()
    await killedAt('after SET spent', request)
    await askAndPass()
    await comeBack().expect(303)
    await open().expect(200)
  })
})

/** The browser has dropped the cookie that tells a form which was brought back. */
function aMinuteLater(): void {
  customer.agent.jar.setCookie('authsignal-resumed=; Max-Age=0; Path=/', '127.0.0.1', '/')
}
