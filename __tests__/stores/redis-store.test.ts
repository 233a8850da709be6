import { AuthsignalError, RedisStore, type Entry, type SendCommand } from 'authsignal-express'
import { Cluster, Redis } from 'ioredis'
import { createClient, createCluster } from 'redis'
import { storeContract } from '../../src/testing'
import { startWorld } from '../helpers/world'
import { RedisServer, startRedisCluster } from './redis-server'

const MINUTE = 60_000
/** By itself ioredis holds the process for two seconds after `disconnect`. */
const endsAtOnce = { disconnectTimeout: 0 }

let server: RedisServer
let redis: Redis
let sendCommand: SendCommand

beforeAll(async () => {
  server = await RedisServer.start()
  redis = new Redis(server.socket, endsAtOnce)
  sendCommand = (args) => redis.call(...args)
})
afterAll(async () => {
  redis.disconnect()
  await server.close()
})
beforeEach(() => redis.flushall())

function entry(nonce = 'nonce'): Entry {
  return { nonce, expiresAt: Date.now() + MINUTE, sealed: 'c2VhbGVk' }
}

describe.each([2, 3] as const)('RedisStore by node-redis, RESP%d', (RESP) => {
  const client = async () => createClient({ RESP, socket: { path: server.socket, tls: false } }).connect()
  let connected: Awaited<ReturnType<typeof client>>
  beforeAll(async () => {
    connected = await client()
  })
  afterAll(() => {
    connected.destroy()
  })
  storeContract(() => new RedisStore({ sendCommand: (args) => connected.sendCommand(args) }), { test })
})

describe('RedisStore by ioredis', () => {
  storeContract(() => new RedisStore({ sendCommand }), { test })
})

describe('RedisStore in a cluster', () => {
  let nodes: RedisServer[]
  beforeAll(async () => {
    nodes = await startRedisCluster()
  })
  afterAll(() => Promise.all(nodes.map((node) => node.close())))

  describe('by node-redis', () => {
    const create = async () => createCluster({ rootNodes: nodes.map(({ url }) => ({ url })) }).connect()
    let cluster: Awaited<ReturnType<typeof create>>
    beforeAll(async () => {
      cluster = await create()
    })
    afterAll(() => {
      cluster.destroy()
    })
    storeContract(() => new RedisStore({ sendCommand: (args, key) => cluster.sendCommand(key, false, args) }), { test })
  })

  describe('by ioredis', () => {
    let cluster: Cluster
    beforeAll(() => {
      cluster = new Cluster(
        nodes.map(({ url }) => url),
        { redisOptions: endsAtOnce },
      )
    })
    afterAll(() => {
      cluster.disconnect()
    })
    storeContract(() => new RedisStore({ sendCommand: (args) => cluster.call(...args) }), { test })

    test('its entries lie on every node', async () => {
      await cluster.call('GET', 'connected')
      const store = new RedisStore({ sendCommand: (args) => cluster.call(...args), prefix: 'spread:' })
      await Promise.all(Array.from({ length: 60 }, (_, n) => store.add(`challenge:${n}`, entry(), MINUTE)))
      const kept = await Promise.all(cluster.nodes('master').map((node) => node.keys('spread:*')))
      expect(kept.flat()).toHaveLength(60)
      expect(kept.every((keys) => keys.length > 0)).toBe(true)
    })
  })
})

describe('an entry in Redis', () => {
  test('stands under authsignal:, or the prefix that is given', async () => {
    await new RedisStore({ sendCommand }).add('challenge:1', entry(), MINUTE)
    await new RedisStore({ sendCommand, prefix: 'bank:step-up:' }).add('challenge:1', entry(), MINUTE)
    expect((await redis.keys('*')).sort()).toEqual(['authsignal:challenge:1', 'bank:step-up:challenge:1'])
  })

  test('ends by itself, be its time a whole number or not', async () => {
    const store = new RedisStore({ sendCommand })
    await store.add('challenge:1', entry(), MINUTE)
    await store.add('challenge:2', entry(), 59_999.2)
    for (const id of ['1', '2']) {
      const ttl = await redis.pttl(`authsignal:challenge:${id}`)
      expect(ttl).toBeGreaterThan(MINUTE / 2)
      expect(ttl).toBeLessThanOrEqual(MINUTE)
    }
  })

  test('takes three commands, each with the key that sendCommand is told', async () => {
    const sent: { args: string[]; key: string }[] = []
    const store = new RedisStore({
      sendCommand: (args, key) => {
        sent.push({ args, key })
        return sendCommand(args, key)
      },
    })
    await store.add('a', entry(), MINUTE)
    await store.delete('a', 'nonce')
    const kept = expect.any(String) as string
    expect(sent.map(({ args }) => args)).toEqual([
      ['SET', 'authsignal:a', kept, 'PX', '60000', 'NX'],
      ['GET', 'authsignal:a'],
      ['DEL', 'authsignal:a'],
    ])
    expect(sent.map(({ key }) => key)).toEqual(['authsignal:a', 'authsignal:a', 'authsignal:a'])
  })
})

test('a user who may only SET, GET and DEL under the prefix will do', async () => {
  const rights = ['resetkeys', '~authsignal:*', '-@all', '+set', '+get', '+del']
  await redis.call('ACL', 'SETUSER', 'step-up', 'on', '>password', ...rights)
  const connection = createClient({
    username: 'step-up',
    password: 'password',
    socket: { path: server.socket, tls: false },
  })
  const client = await connection.connect()
  try {
    const store = new RedisStore({ sendCommand: (args) => client.sendCommand(args) })
    expect(await store.add('challenge:1', entry(), MINUTE)).toBe(true)
    await store.delete('challenge:1', 'nonce')
    expect(await store.get('challenge:1')).toBeUndefined()
    const elsewhere = new RedisStore({ sendCommand: (args) => client.sendCommand(args), prefix: 'other:' })
    await expect(elsewhere.get('challenge:1')).rejects.toMatchObject({
      code: 'ERR_AUTHSIGNAL_MISCONFIGURED',
      message: expect.stringContaining('Redis refused GET of RedisStore (NOPERM)') as string,
    })
  } finally {
    client.destroy()
  }
})

describe('a client that sends a command again after a lost connection', () => {
  const resending: SendCommand = async (...command) => {
    await sendCommand(...command)
    return sendCommand(...command)
  }

  test('finds its own entry added, and exactly one of many equal requests let pass', async () => {
    const world = await startWorld({ authsignal: { store: new RedisStore({ sendCommand: resending }) } })
    world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = world.customer()
    const transfer = async () => (await customer.post('/transfers', { amount: '10' })).status
    expect(await transfer()).toBe(303)
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    await Promise.all(Array.from({ length: 30 }, transfer))
    expect(world.booked).toHaveLength(1)
  })

  test('takes away the entry that it asked for', async () => {
    const store = new RedisStore({ sendCommand: resending })
    await store.add('challenge:1', entry(), MINUTE)
    await store.delete('challenge:1', 'nonce')
    expect(await store.get('challenge:1')).toBeUndefined()
  })
})

test('deletions that come late, again and again, let nothing pass twice', async () => {
  const late: Parameters<SendCommand>[] = []
  const store = new RedisStore({
    sendCommand: async (args, key) => {
      if (args[0] === 'DEL') late.push([args, key])
      await Promise.all(late.map((command) => sendCommand(...command)))
      return sendCommand(args, key)
    },
  })
  const world = await startWorld({ authsignal: { store } })
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  const customer = world.customer()
  const transfer = async () => (await customer.post('/transfers', { amount: '10' })).status
  for (let round = 1; round <= 3; round += 1) {
    expect(await transfer()).toBe(303)
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    await Promise.all(Array.from({ length: 10 }, transfer))
    expect(world.booked.length).toBeLessThanOrEqual(round)
    expect(new Set(world.booked.map(({ authsignal }) => authsignal?.idempotencyKey)).size).toBe(world.booked.length)
  }
  expect(late.length).toBeGreaterThan(0)
  expect(world.booked.length).toBeGreaterThan(0)
})

describe('an answer that Redis never gives', () => {
  const answering = (answer: unknown) => new RedisStore({ sendCommand: async () => answer })

  test.each([
    ['QUEUED', 'QUEUED'],
    [Buffer.from('OK'), 'a Buffer'],
    [1, 'a number'],
    [undefined, 'undefined'],
    [[null, 'OK'], 'an array'],
    [true, 'a boolean'],
  ])('to SET is an error that says so, never a yes: %p', async (answer, words) => {
    await expect(answering(answer).add('spent:1', entry(), MINUTE)).rejects.toMatchObject({
      code: 'ERR_AUTHSIGNAL_MISCONFIGURED',
      message: expect.stringContaining(`answered ${words} to SET`) as string,
    })
  })

  test.each([
    ['QUEUED', 'QUEUED'],
    [Buffer.from('{}'), 'a Buffer'],
    [0, 'a number'],
    [undefined, 'undefined'],
    ['{"some":"thing else"}', 'a string'],
    ['null', 'a string'],
    ['{"sealed":"secret of another', 'a string'],
  ])('to GET is an error that says so: %p', async (answer, words) => {
    const found = answering(answer).get('challenge:1')
    await expect(found).rejects.toBeInstanceOf(AuthsignalError)
    await expect(found).rejects.toThrow(`answered ${words} to GET`)
    await expect(found).rejects.not.toThrow('secret of another')
  })

  test.each(['closed', 'open'] as const)(
    'is a 500 at the guard, which says so at first use: failure %p',
    async (failure) => {
      const world = await startWorld({ authsignal: { store: answering('QUEUED') }, guard: { failure } })
      world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
      await world.customer().post('/transfers', {}).expect(500)
      expect(world.booked).toEqual([])
      expect(world.errors).toMatchObject([
        { code: 'ERR_AUTHSIGNAL_MISCONFIGURED', actionCode: 'transfer', expose: false },
      ])
      expect(world.errors[0]?.message).toContain("sendCommand answered QUEUED to GET; it must give Redis' own answer")
    },
  )

  test('is no mistake of the app where sendCommand rejects: an outage, 503', async () => {
    const sendCommand = async () => {
      throw new Error('Connection is closed.')
    }
    const world = await startWorld({
      authsignal: { store: new RedisStore({ sendCommand }) },
      guard: { failure: 'open' },
    })
    world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    await world.customer().post('/transfers', {}).expect(503)
    expect(world.booked).toEqual([])
    expect(world.errors).toMatchObject([
      { code: 'ERR_AUTHSIGNAL_UNAVAILABLE', cause: { message: 'Connection is closed.' } },
    ])
  })
})

test('what sends something else is a mistake of the app’s', async () => {
  const connection = createClient({ socket: { path: server.socket, tls: false } })
  const client = await connection.connect()
  try {
    /* eslint-disable @typescript-eslint/unbound-method -- That is the mistake. */
    const mistakes = [
      client.sendCommand,
      (...args: unknown[]) => client.sendCommand(args as never),
      redis.call,
      (args: unknown) => redis.call(args as never),
    ]
    /* eslint-enable @typescript-eslint/unbound-method */
    for (const mistake of mistakes)
      await expect(new RedisStore({ sendCommand: mistake as never }).get('challenge:1')).rejects.toMatchObject({
        code: 'ERR_AUTHSIGNAL_MISCONFIGURED',
        message: expect.stringContaining('(args) => client.sendCommand(args) with node-redis') as string,
      })
  } finally {
    client.destroy()
  }
})

test('a fetch that fails is none', async () => {
  const sendCommand = async () => fetch('http://127.0.0.1:1')
  await expect(new RedisStore({ sendCommand }).get('challenge:1')).rejects.toThrow('fetch failed')
})

test.each<[object | undefined, string]>([
  [createClient(), "RedisStore's options are a client; give { sendCommand }"],
  [undefined, "RedisStore's options are undefined; give { sendCommand }: (args) => client.sendCommand(args)"],
  [{}, 'sendCommand is undefined'],
  [{ sendCommand: 'GET' }, 'sendCommand is a string'],
  [{ sendCommand: async () => null, prefix: 1 }, 'prefix is a number'],
  [{ sendCommand: async () => null, client: {} }, 'no option "client"'],
])('options that are wrong are refused: %p', (options, message) => {
  expect(() => new RedisStore(options as never)).toThrow(message)
})
