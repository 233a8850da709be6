import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RedisStore } from 'authsignal-express'
import { Redis } from 'ioredis'
import { startWorld, type World } from '../helpers/world'
import { recordingStore } from '../helpers/stores'
import { RedisServer } from './redis-server'

/* What somebody learns who gets hold of Redis, its keys and values and the file of all that was ever written; and what
   somebody gains who may write there. */

const email = 'alice.liddell@example.com'
const told = {
  user: 'alice.liddell',
  name: 'liddell',
  payee: 'Mallory-Smith',
  amount: '31415926',
  note: 'rabbit-hole',
  field: 'payee',
  path: '/transfers',
  otherPath: '/account',
  callbackToken: 'a-token-of-theirs',
  action: 'viewAccount',
}

let server: RedisServer
let redis: Redis
let world: World

beforeAll(async () => {
  server = await RedisServer.start(undefined, '--appendonly', 'yes', '--appendfsync', 'always')
  redis = new Redis(server.socket, { disconnectTimeout: 0 })
  world = await startWorld({
    authsignal: { store: new RedisStore({ sendCommand: (args) => redis.call(...args) }) },
    guard: { attributes: () => ({ email, custom: { note: told.note } }) },
    routes: (app, { authsignal }) =>
      app.get('/account/statement', authsignal.guard(told.action, { maxAge: '5m' }), (_req, res) => {
        res.send('your statement')
      }),
  })
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
})
afterAll(async () => {
  redis.disconnect()
  await server.close()
})

/** All keys with their values, as one text. */
async function dump(): Promise<string> {
  const keys = await redis.keys('*')
  return (await Promise.all(keys.map(async (key) => `${key} ${await redis.get(key)}\n`))).join('')
}

/** Redis' own file of every command that changed something. */
async function written(): Promise<string> {
  const folder = join(server.folder, 'appendonlydir')
  const files = await readdir(folder)
  return (await Promise.all(files.map((file) => readFile(join(folder, file), 'latin1')))).join('')
}

test('neither user, e-mail, body, cookie nor token is found in Redis, waiting, spent or forgotten', async () => {
  const customer = world.customer(told.user)
  const secrets = [world.emulator.apiSecretKey, world.emulator.url, email]
  const keepCookies = (headers: Record<string, unknown>) => {
    const cookies = (headers['set-cookie'] ?? []) as string[]
    secrets.push(...cookies.map((cookie) => cookie.split(';')[0]?.split('=')[1] ?? '').filter(Boolean))
  }

  // A form that waits, comes back and is spent.
  const { headers } = await customer.post('/transfers', { payee: told.payee, amount: told.amount }).expect(303)
  keepCookies(headers)
  secrets.push(String(new URL(String(headers.location)).searchParams.get('token')))
  const waiting = await dump()
  await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
  const page = await customer.get(`${customer.callbackPath}?token=${told.callbackToken}`).expect(200)
  keepCookies(page.headers)
  await customer.sendAgain(page).expect(200)

  // A window, and its end.
  await customer.get('/account/statement').expect(302)
  await customer.passAndReturn()
  await customer.get('/account/statement').expect(200)
  const open = await dump()
  keepCookies((await customer.post('/logout', {}).expect(200)).headers)

  // A script without cookies, which gets a key.
  const script = await world
    .customer(told.user)
    .agent.post('/transfers')
    .set('x-user', told.user)
    .send(told)
    .expect(401)
  const { challengeKey } = script.body as { challengeKey: string }
  expect(challengeKey).toEqual(expect.any(String))
  secrets.push(challengeKey)

  const found = waiting + open + (await dump()) + (await written())
  for (const kind of ['challenge', 'question', 'place', 'spent', 'window', 'forgotten', 'key'])
    expect(found).toContain(`authsignal:${kind}:`)
  expect(secrets.length).toBeGreaterThan(5)
  expect([...Object.values(told), ...secrets].filter((text) => found.includes(text))).toEqual([])
})

test('the same is never sealed alike twice', async () => {
  const { store, additions } = recordingStore()
  const own = await startWorld({ authsignal: { store } })
  const cookie = `authsignal=${'x'.repeat(22)}`
  for (let n = 0; n < 2; n += 1) await own.customer().post('/logout', {}).set('cookie', cookie).expect(200)
  expect(new Set(additions.map(({ id }) => id)).size).toBe(1)
  expect(new Set(additions.map(({ entry }) => entry.sealed)).size).toBe(2)
})

test('a challenge that is moved to the place of another opens no more', async () => {
  const customer = world.customer()
  await customer.post('/transfers', { payee: 'Alice', amount: '10' }).expect(303)
  const { idempotencyKey: passed } = customer.latest
  await world.emulator.challenges.succeed(passed)
  await customer.post('/transfers', { payee: 'Mallory', amount: '10000' }).expect(303)
  await redis.rename(`authsignal:challenge:${passed}`, `authsignal:challenge:${customer.latest.idempotencyKey}`)
  const { text } = await customer.get(customer.callbackPath).expect(400)
  expect(text).toContain('send it again')
})
