import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type EmulatorOptions, startEmulator } from '../src'
import { callApi, sdkFor } from './helpers'

test('says where it listens and what a client needs', async () => {
  const emulator = await startEmulator({ apiSecretKey: 'a-key' })
  expect(emulator.url).toMatch(/^http:\/\/localhost:\d+$/)
  expect(emulator.apiUrl).toBe(`${emulator.url.replace('localhost', '127.0.0.1')}/v1`)
  expect(emulator.apiSecretKey).toBe('a-key')
  await emulator.close()
})

test.each([
  [null, 'startEmulator: Invalid input: expected object, received null'],
  [5, 'startEmulator: Invalid input: expected object, received number'],
  [[], 'startEmulator: Invalid input: expected object, received array'],
  [{ prot: 1 }, 'startEmulator: unknown prot; known are port, host'],
  [{ port: -1 }, 'port: must be an integer from 0 to 65535, not -1'],
  [{ port: 1.5 }, 'port: must be an integer from 0 to 65535, not 1.5'],
  [{ port: '4300' }, "port: must be an integer from 0 to 65535, not '4300'"],
  [{ host: '' }, 'host: must not be empty'],
  [{ apiSecretKey: 'a:b' }, 'apiSecretKey: must not hold a colon'],
  [{ unenrolled: 'deny' }, "unenrolled: must be 'allow' or 'follow-rules', not 'deny'"],
  [{ country: 5 }, 'country: Invalid input: expected string, received number'],
  [{ seed: null }, 'seed: Invalid input: expected object, received null'],
  [{ seed: { user: [] } }, 'seed: unknown user; known are $schema, apiSecretKey'],
  [{ seed: { users: [{ userId: 'a' }, { userId: 'a' }] } }, "seed.users[1].userId: 'a' stands twice"],
  [{ webhookUrl: Symbol('no url') }, 'webhookUrl: must be an http url, not symbol'],
])('refuses the options %j', async (options, message) => {
  const starting = startEmulator(options as unknown as EmulatorOptions)
  await expect(starting).rejects.toThrow(TypeError)
  await expect(starting).rejects.toThrow(message)
})

test('takes what is undefined for what was not given', async () => {
  const emulator = await startEmulator({
    host: undefined,
    prot: undefined,
    seed: { rules: undefined },
  } as EmulatorOptions)
  expect(emulator.apiSecretKey).toBe('emulator-secret-key')
  await emulator.close()
})

test('names the port that is taken', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  const message = expect.stringContaining(`Port ${port} on 127.0.0.1 is already in use`) as string
  await expect(startEmulator({ port })).rejects.toMatchObject({ message, code: 'EADDRINUSE' })
  other.close()
})

test('refuses to start in production', async () => {
  const environment = process.env.NODE_ENV
  process.env.NODE_ENV = 'production'
  await expect(startEmulator()).rejects.toThrow('NODE_ENV=production')
  process.env.NODE_ENV = environment
})

test('leaves no socket and no timer when it is closed amid requests', async () => {
  const emulator = await startEmulator()
  emulator.faults.next({ hang: true })
  emulator.faults.next({ latencyMs: 60_000 })
  const waiting = [1, 2].map(() => callApi(emulator, 'GET', '/users/alice').catch(() => 'cut'))
  while (emulator.requests.length < 2) await new Promise(setImmediate)
  await Promise.all([emulator.close(), emulator.close()])
  expect(await Promise.all(waiting)).toEqual(['cut', 'cut'])
  await expect(fetch(emulator.url)).rejects.toThrow()
  expect(process.getActiveResourcesInfo()).not.toContain('TCPServerWrap')
})

test('forgets everything on reset', async () => {
  const emulator = await startEmulator()
  emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
  emulator.faults.next({ status: 500, match: 'getUser' })
  const { url } = await sdkFor(emulator).track({ userId: 'alice', action: 'transfer' })
  await fetch(url)
  expect(emulator.outbox).toHaveLength(1)
  emulator.reset()
  expect([emulator.actions, emulator.users, emulator.outbox, emulator.requests]).toEqual([[], [], [], []])
  const { state } = await sdkFor(emulator).track({ userId: 'alice', action: 'transfer' })
  expect(state).toBe('ALLOW')
  await expect(sdkFor(emulator).getUser({ userId: 'alice' })).resolves.toMatchObject({ isEnrolled: false })
  await emulator.close()
})
