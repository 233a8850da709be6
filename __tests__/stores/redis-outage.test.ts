import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { RedisStore, type SendCommand } from 'authsignal-express'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { startWorld, type World } from '../helpers/world'
import { RedisServer } from './redis-server'
import { TcpProxy } from './tcp-proxy'

/* Redis restarts, or is cut off. While it is away every answer that needs it is a 503; what comes after goes on. */

interface Client {
  sendCommand: SendCommand
  end(): void
}

/** How long a client waits for an answer. */
const PATIENCE_MS = 1000

/* Both clients as docs/stores.md sets them up. */

async function byNodeRedis(port: number): Promise<Client> {
  const client = createClient({
    disableOfflineQueue: true,
    pingInterval: PATIENCE_MS / 4,
    socket: { host: '127.0.0.1', port, socketTimeout: PATIENCE_MS, reconnectStrategy: () => 5, tls: false },
  })
  client.on('error', () => undefined)
  await client.connect()
  return {
    sendCommand: (args) => client.sendCommand(args),
    end: () => {
      client.destroy()
    },
  }
}

async function byIoredis(port: number): Promise<Client> {
  const options = { commandTimeout: PATIENCE_MS, disconnectTimeout: 0, retryStrategy: () => 5 }
  const client = new Redis(port, '127.0.0.1', options)
  client.on('error', () => undefined)
  return {
    sendCommand: (args) => client.call(...args),
    end: () => {
      client.disconnect()
    },
  }
}

const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction']

describe.each([
  { name: 'node-redis', connect: byNodeRedis, sendsAgain: false },
  { name: 'ioredis', connect: byIoredis, sendsAgain: true },
])('$name', ({ connect, sendsAgain }) => {
  let server: RedisServer
  let proxy: TcpProxy
  let client: Client
  let world: World
  /** Called with each command before it is sent. */
  let before: (command: string) => void
  let customer: ReturnType<World['customer']>

  beforeEach(async () => {
    server = await RedisServer.start(undefined, ...durable)
    proxy = await TcpProxy.start({ path: server.socket })
    client = await connect(proxy.port)
    before = () => undefined
    const sendCommand: SendCommand = (args, key) => {
      before(`${args[0]} ${key.split(':')[1]}`)
      return client.sendCommand(args, key)
    }
    // Open, so that it is seen that an outage of the store never opens the guard.
    world = await startWorld({
      authsignal: { store: new RedisStore({ sendCommand }), timeout: 30_000 },
      guard: { failure: 'open' },
    })
    world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    customer = world.customer()
  })
  afterEach(async () => {
    client.end()
    await proxy.close()
    await server.close()
  })

  const transfer = async () => customer.post('/transfers', { amount: '10' })
  const comeBack = async () => customer.get(customer.callbackPath)
  const pass = () => world.emulator.challenges.succeed(customer.latest.idempotencyKey)

  async function passed(): Promise<void> {
    expect((await transfer()).status).toBe(303)
    await pass()
  }

  /** The first answer that is no 503. */
  async function recovered(request: () => Promise<{ status: number }>): Promise<number> {
    for (;;) {
      const { status } = await request()
      if (status !== 503) return status
    }
  }

  function expectOutage(): void {
    expect(world.errors.length).toBeGreaterThan(0)
    expect(new Set(world.errors.map(({ code }) => code))).toEqual(new Set(['ERR_AUTHSIGNAL_UNAVAILABLE']))
    world.errors.length = 0
  }

  /** Cuts Redis off just before the next command of that kind is sent to it. */
  function cutBefore(command: string, what: 'all' | 'answers'): void {
    before = (sent) => {
      if (sent !== command) return
      before = () => undefined
      proxy.cut(what)
    }
  }

  async function awayAt(command: string, request: () => Promise<{ status: number }>, what: 'all' | 'answers' = 'all') {
    cutBefore(command, what)
    expect((await request()).status).toBe(503)
    expectOutage()
    expect(world.booked).toEqual([])
    proxy.heal()
  }

  describe('cut off from Redis', () => {
    test('for a while: 503 to whoever asks', async () => {
      proxy.cut('all')
      for (let asked = 1; asked <= 3; asked += 1) expect((await transfer()).status).toBe(503)
      proxy.heal()
      expect(await recovered(transfer)).toBe(303)
    })

    test.each([
      ['SET place', 'all'],
      ['SET question', 'answers'],
    ] as const)('as a challenge begins, at %s, %s lost: 503, and then it begins', async (command, what) => {
      await awayAt(command, transfer, what)
      expect(await recovered(transfer)).toBe(303)
      await pass()
      expect((await transfer()).status).toBe(200)
      expect(world.booked).toHaveLength(1)
    })

    test('as the browser comes back: 503, and then it comes back', async () => {
      await passed()
      await awayAt('GET spent', comeBack)
      expect(await recovered(comeBack)).toBe(200)
      expect((await transfer()).status).toBe(200)
    })

    test('as the grant is looked up: 503, and then it passes', async () => {
      await passed()
      await awayAt('GET question', transfer)
      expect(await recovered(transfer)).toBe(200)
      expect(world.booked).toHaveLength(1)
    })

    test.each(['all', 'answers'] as const)('as it is spent, %s lost: 503, and never more than once', async (what) => {
      await passed()
      const { idempotencyKey } = customer.latest
      await awayAt('SET spent', transfer, what)
      // The command may have come through late, or its answer alone was lost: then nobody knows who had the pass.
      const status = await recovered(transfer)
      expect([200, 409]).toContain(status)
      if (what === 'answers') expect(status).toBe(409)
      expect(world.booked).toHaveLength(status === 200 ? 1 : 0)

      // The user starts again, is asked anew, and it is done.
      if (status === 409) {
        await passed()
        expect(customer.latest.idempotencyKey).not.toBe(idempotencyKey)
        expect((await transfer()).status).toBe(200)
      }
      expect(world.booked).toHaveLength(1)
    })
  })

  test('loses the connection before the answer to the spending: one passes or none, and never a second', async () => {
    await passed()
    cutBefore('SET spent', 'answers')
    const answer = transfer()
    await standsIn(server, `authsignal:spent:${customer.latest.idempotencyKey}`)
    proxy.drop()
    proxy.heal()
    // Where the client sends the command again, the store finds its own entry; else nobody has the pass.
    expect((await answer).status).toBe(sendsAgain ? 200 : 503)
    expect([303, 409]).toContain(await recovered(transfer))
    expect(world.booked).toHaveLength(sendsAgain ? 1 : 0)
  })

  describe('a restart of Redis', () => {
    test('with its data is an outage, after which a challenge still passes, once', async () => {
      await passed()
      await server.kill()
      expect((await transfer()).status).toBe(503)
      expectOutage()
      await server.start()
      expect(await recovered(transfer)).toBe(200)

      await server.kill()
      await server.start()
      expect(await recovered(transfer)).toBe(303)
      expect(world.booked).toHaveLength(1)
    })

    test('without its data lets nothing pass, and the user starts again', async () => {
      await passed()
      const page = await comeBack()
      await server.kill()
      await rm(join(server.folder, 'appendonlydir'), { recursive: true })
      await server.start()
      expect(await recovered(comeBack)).toBe(400)
      const { status, text } = await customer.sendAgain(page)
      expect(status).toBe(409)
      expect(text).toContain('If you do not find it done, start again in a minute.')
      expect(world.booked).toEqual([])

      customer = world.customer()
      await passed()
      expect((await transfer()).status).toBe(200)
    })
  })
})

async function standsIn({ socket }: RedisServer, key: string): Promise<void> {
  const looking = new Redis(socket, { disconnectTimeout: 0 })
  while (!(await looking.exists(key))) await new Promise(setImmediate)
  looking.disconnect()
}

test('of many additions by ioredis at once, while Redis restarts, no two are true', async () => {
  const server = await RedisServer.start(undefined, ...durable)
  const client = new Redis(server.socket, { disconnectTimeout: 0, retryStrategy: () => 5 })
  client.on('error', () => undefined)
  const store = new RedisStore({ sendCommand: (args) => client.call(...args) })
  const add = (nonce: string) => store.add('spent:1', { nonce, expiresAt: Date.now() + 60_000, sealed: '' }, 60_000)
  try {
    const nonces = Array.from({ length: 40 }, (_, n) => `${n}`)
    const before = nonces.slice(0, 20).map(add)
    await server.kill()
    const during = nonces.slice(20).map(add)
    await server.start()
    const added = await Promise.all([...before, ...during])
    expect(await add('after')).toBe(false)
    const standing = String((await store.get('spent:1'))?.nonce)
    expect(nonces).toContain(standing)
    // The one that stands may have been sent again, and be told false.
    expect(nonces.filter((nonce, n) => added[n] && nonce !== standing)).toEqual([])
  } finally {
    client.disconnect()
  }
})
