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
  [{ prot: 1 } as EmulatorOptions, 'unknown option prot'],
  [{ port: -1 }, 'port must be'],
  [{ port: 1.5 }, 'port must be'],
  [{ host: '' }, 'host must be'],
  [{ apiSecretKey: 'a:b' }, 'without a colon'],
  [{ unenrolled: 'deny' as 'allow' }, "'allow' or 'follow-rules'"],
])('refuses the options %j', async (options, message) => {
  const starting = startEmulator(options)
  await expect(starting).rejects.toThrow(TypeError)
  await expect(starting).rejects.toThrow(message)
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
