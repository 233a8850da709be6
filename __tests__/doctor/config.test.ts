import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startEmulator, type Emulator } from 'authsignal-emulator'
import { createClient } from 'redis'
import { RedisServer } from '../stores/redis-server'
import { diagnose, runCommand, type Environment } from './run-doctor'

/* What doctor finds by the app's own options: whether they will do, and whether the store does. */

const root = join(__dirname, '../..')

let emulator: Emulator
let env: Environment

beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
  env = { AUTHSIGNAL_API_URL: emulator.apiUrl, AUTHSIGNAL_API_SECRET_KEY: emulator.apiSecretKey }
})
afterAll(() => emulator.close())

describe('Store', () => {
  const config = ['--config', require.resolve('./configs/store.mjs')]
  const storeOf = async (more: Environment) => (await diagnose({ ...env, ...more }, ...config)).find('Store')

  it('of the app’s own options is tried on a real Redis, where nothing is left', async () => {
    const redis = await RedisServer.start()
    expect(await storeOf({ STORE: 'redis', REDIS_SOCKET: redis.socket })).toMatchObject({
      status: 'ok',
      message: expect.stringMatching(/^RedisStore: add, get and delete, in \d+ ms$/) as string,
    })
    const client = await createClient({ socket: { path: redis.socket, tls: false } }).connect()
    expect(await client.dbSize()).toBe(0)
    await client.close()
  })

  it('is tried by the options that docs/doctor.md shows', async () => {
    const [, printed = ''] = /```js\n([\s\S]*?)```/.exec(await readFile(join(root, 'docs/doctor.md'), 'utf8')) ?? []
    const redis = await RedisServer.start('port')
    // Below the repository, so that the packages are found.
    const folder = await mkdtemp(join(root, 'node_modules/.doctor-'))
    await writeFile(join(folder, 'authsignal.config.mjs'), printed)
    const { find } = await diagnose({ ...env, REDIS_URL: redis.url }, '--config', join(folder, 'authsignal.config.mjs'))
    await rm(folder, { recursive: true })
    expect(find('Options')).toMatchObject({ status: 'ok' })
    expect(find('Base URL')).toMatchObject({ status: 'ok', message: 'https://bank.example' })
    expect(find('Store')).toMatchObject({ status: 'ok', message: expect.stringContaining('RedisStore') as string })
  })

  it.each([
    ['takes nothing', 'add of a new id was answered false'],
    ['takes all', 'add of a known id was not answered false'],
    ['forgets fields', 'get gave something else than was added'],
    ['looks at no nonce', 'delete with another nonce took the entry away'],
    ['deletes nothing', 'delete left the entry'],
    ['fails with a secret', 'it fails: Error WRONGPASS'],
  ])('that %s is found out', async (STORE, message) => {
    expect(await storeOf({ STORE })).toMatchObject({ status: 'failed', message })
  })

  it('in memory is fine for one process, and to look at in production', async () => {
    expect(await storeOf({ STORE: 'memory' })).toMatchObject({ status: 'ok' })
    expect(await storeOf({ STORE: 'memory', NODE_ENV: 'production' })).toMatchObject({ status: 'warning' })
  })
})

describe('Options', () => {
  it.each([
    ['wrong-option', require.resolve('./configs/wrong-option.mjs'), /has no option "storage"/],
    ['instance', require.resolve('./configs/instance.mjs'), /exports what createAuthsignal gives/],
    [
      'throws',
      require.resolve('./configs/throws.mjs'),
      /: loading it failed \(Error\); run it by node itself to see why$/,
    ],
    ['throws nothing', require.resolve('./configs/throws-nothing.mjs'), /loading it failed \(no error\)/],
    ['waits', require.resolve('./configs/waits.mjs'), /still loading after 5 seconds/],
    ['none', '/no/such/file.mjs', /can't be used: Cannot find module/],
  ])('%s: what is wrong with the module is said', async (_name, config, message) => {
    const { find, code } = await diagnose(env, '--config', config)
    expect(code).toBe(1)
    expect(find('Options')).toMatchObject({ status: 'failed', message: expect.stringMatching(message) as string })
  })
})

it('a module whose connection fails later ends the command with 1, and shows no more than class and code', async () => {
  const config = require.resolve('./configs/fails-later.mjs')
  const { code, stderr } = await runCommand(['doctor', '--config', config], env)
  expect([code, stderr]).toEqual([
    1,
    'authsignal-express: what the module of --config started has failed: Error ECONNREFUSED\n',
  ])
})
