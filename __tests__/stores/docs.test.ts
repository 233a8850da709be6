import { createServer } from 'node:http'
import { startEmulator, type Emulator } from 'authsignal-emulator'
import { MemoryStore, createAuthsignal, type Authsignal, type ChallengeStore } from 'authsignal-express'
import express from 'express'
import { Redis, type Cluster } from 'ioredis'
import type { createClient, createCluster } from 'redis'
import { storeContract } from '../../src/testing'
import { Customer } from '../helpers/customer'
import { listen } from '../helpers/listen'
import { headedSnippets, run, snippets } from '../helpers/snippets'
import { Postgres } from './postgres'
import { RedisServer, startRedisCluster } from './redis-server'

/* Each snippet of docs/stores.md runs as it is printed, under the heading that it stands under. */

const page = headedSnippets('docs/stores.md')

let emulator: Emulator

// What the snippets tell of lost connections.
beforeEach(() => jest.spyOn(console, 'error').mockReturnValue(undefined))

beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
  emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  process.env.AUTHSIGNAL_API_SECRET_KEY = emulator.apiSecretKey
  process.env.AUTHSIGNAL_API_URL = emulator.apiUrl
})
afterAll(() => emulator.close())

/** Runs the snippet under that heading against the Redis at that url, and gives what it declares by these names. */
async function snippet<Names>(heading: string, url: string, ...names: (keyof Names & string)[]): Promise<Names> {
  process.env.REDIS_URL = url
  const { code = '' } = page.find((printed) => printed.heading === heading) ?? {}
  return (await run(code, {}, names)) as Names
}

/** `check` gets a transfer to send, always the same, to an app that is guarded so; it gives the answer's status. */
async function withApp(authsignal: Authsignal, check: (transfer: () => Promise<number>) => Promise<void>) {
  const app = express()
  app.use(express.urlencoded({ extended: true }), (req, _res, next) => {
    req.user = { id: 'alice' }
    next()
  })
  app.post('/transfers', authsignal.guard('transfer'), (_req, res) => {
    res.send('booked')
  })
  const server = await listen(createServer(app))
  const customer = new Customer(server.url, 'alice', emulator)
  try {
    await check(async () => (await customer.post('/transfers', { amount: '10' })).status)
  } finally {
    await server.close()
  }
}

async function passesOnce(transfer: () => Promise<number>): Promise<void> {
  expect(await transfer()).toBe(303)
  await emulator.challenges.succeed(emulator.actions.at(-1)?.idempotencyKey ?? '')
  expect(await transfer()).toBe(200)
  expect(await transfer()).toBe(303)
}

describe('docs/stores.md: one Redis', () => {
  let server: RedisServer
  let keys: () => Promise<string[]>
  let looking: Redis
  beforeEach(async () => {
    server = await RedisServer.start('port')
    looking = new Redis(server.socket, { disconnectTimeout: 0 })
    keys = () => looking.keys('*')
  })
  afterEach(async () => {
    await server.close()
  })

  test('node-redis keeps what it must, and a Redis that hangs is an outage', async () => {
    type Made = { authsignal: Authsignal; redis: ReturnType<typeof createClient> }
    const { authsignal, redis } = await snippet<Made>('node-redis', server.url, 'authsignal', 'redis')
    await withApp(authsignal, async (transfer) => {
      await passesOnce(transfer)
      expect(await keys()).toContainEqual(expect.stringMatching(/^authsignal:spent:/))
      looking.disconnect()
      server.hang()
      expect(await transfer()).toBe(503)
      // Now that the connection counts as lost, nobody waits.
      expect(await transfer()).toBe(503)
    })
    redis.destroy()
  })

  test('ioredis keeps what it must, and a Redis that hangs is an outage', async () => {
    type Made = { authsignal: Authsignal; redis: Redis }
    const { authsignal, redis } = await snippet<Made>('ioredis', server.url, 'authsignal', 'redis')
    await withApp(authsignal, async (transfer) => {
      await passesOnce(transfer)
      expect(await keys()).toContainEqual(expect.stringMatching(/^authsignal:spent:/))
      looking.disconnect()
      server.hang()
      expect(await transfer()).toBe(503)
    })
    redis.disconnect()
  })
})

describe('docs/stores.md: a cluster', () => {
  let nodes: RedisServer[]
  let url: string
  beforeAll(async () => {
    nodes = await startRedisCluster()
    url = nodes[0]?.url ?? ''
  })
  afterAll(() => Promise.all(nodes.map((node) => node.close())))

  test('node-redis', async () => {
    type Made = { authsignal: Authsignal; cluster: ReturnType<typeof createCluster> }
    const made = await snippet<Made>('A cluster with node-redis', url, 'authsignal', 'cluster')
    await withApp(made.authsignal, passesOnce)
    made.cluster.destroy()
  })

  test('ioredis', async () => {
    type Made = { authsignal: Authsignal; cluster: Cluster }
    const made = await snippet<Made>('A cluster with ioredis', url, 'authsignal', 'cluster')
    await withApp(made.authsignal, passesOnce)
    made.cluster.disconnect()
  })
})

describe('docs/stores.md: In Postgres', () => {
  type Made = { PostgresStore: new (database: Postgres) => ChallengeStore }
  let database: Postgres
  let makeStore: () => ChallengeStore
  beforeAll(async () => {
    database = await Postgres.start()
    const statements = String(snippets('docs/stores.md', 'sql')[0]).split(';\n').filter(Boolean)
    for (const statement of statements) await database.query(statement)
    const { PostgresStore } = await snippet<Made>('In Postgres', '', 'PostgresStore')
    makeStore = () => new PostgresStore(database)
  })
  afterAll(() => database.close())

  storeContract(() => makeStore(), { test })

  test('keeps what a guard must keep', async () => {
    const { apiUrl, apiSecretKey } = emulator
    await withApp(createAuthsignal({ store: makeStore(), apiUrl, apiSecretKey }), passesOnce)
    const { rows } = await database.query('SELECT id FROM step_up')
    expect(rows).toContainEqual({ id: expect.stringMatching(/^spent:/) as string })
  })
})

test('docs/stores.md: Testing it', async () => {
  const { code = '' } = page.find(({ heading }) => heading === 'Testing it') ?? {}
  const names: string[] = []
  // jest has no node:test: its runner is the only thing that the snippet is given here.
  const given = { test: (name: string) => names.push(name), MyStore: MemoryStore, database: undefined }
  await run(code.replace("import { test } from 'node:test'\n", ''), given, [])
  expect(names).toContain('never overwrites')
})

test('docs/stores.md has no snippet that is not run here', () => {
  expect(page.map(({ heading }) => heading)).toEqual([
    'node-redis',
    'ioredis',
    'A cluster with node-redis',
    'A cluster with ioredis',
    'In Postgres',
    'Testing it',
  ])
})
