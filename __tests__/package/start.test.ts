import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startEmulator } from 'authsignal-emulator'
import { parse } from 'node-html-parser'
import request from 'supertest'
import { startOnPort } from '../../examples/express-app/src/ports'

const root = join(__dirname, '../..')

let started: ChildProcess | undefined

afterEach(() => {
  started?.kill('SIGKILL')
})

test.each(['SIGINT', 'SIGTERM'] as const)('npm start serves the bank and the emulator until %s', async (signal) => {
  const { bank, emulator, child } = await start()
  const exit = once(child, 'exit')

  expect(await (await fetch(bank)).text()).toMatch(/<html/i)
  expect((await fetch(emulator)).status).toBeLessThan(500)

  child.kill(signal)
  expect(await exit).toEqual([0, null])
  await expect(fetch(bank)).rejects.toThrow('fetch failed')
  await expect(fetch(emulator)).rejects.toThrow('fetch failed')
})

test('a second Ctrl-C on the way out changes nothing', async () => {
  const { child } = await start()
  const exit = once(child, 'exit')

  child.kill('SIGINT')
  child.kill('SIGINT')
  expect(await exit).toEqual([0, null])
})

test('what the guards decide is told at the terminal', async () => {
  const { bank, child } = await start()
  const told = lineOf(child, /viewStatement/)
  const alice = request.agent(bank)
  const page = parse((await alice.get('/login')).text)
  const _csrf = page.querySelector('input[name=_csrf]')?.getAttribute('value')
  await alice.post('/login').type('form').send({ _csrf, userId: 'alice' }).expect(303)
  await alice.get('/statement').expect(200)
  expect(await told).toMatch(/^ {2}\d\d:\d\d:\d\d {2}viewStatement +passed +ALLOW \(\d+ ms\)$/)
})

test('where a port is taken, the emulator is on the next free one', async () => {
  const log = jest.spyOn(console, 'log').mockImplementation()
  const other = await startEmulator()
  const taken = Number(new URL(other.url).port)
  const emulator = await startOnPort('NO_SUCH_PORT', taken, (port) => startEmulator({ port }))
  expect(Number(new URL(emulator.url).port)).toBeGreaterThan(taken)
  expect(log).toHaveBeenCalledWith(`Port ${taken} is busy, trying ${taken + 1}.`)
  log.mockRestore()
  await Promise.all([emulator.close(), other.close()])
})

async function start(): Promise<{ bank: string; emulator: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [join(root, 'scripts/start.mjs')], {
    // Without the NODE_ENV and the worker's variables of jest, as in a shell.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', EMULATOR_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started = child
  const [bank, emulator] = await printedUrls(child, 2)
  if (!bank || !emulator) throw new Error('npm start ended before it printed its addresses')
  return { bank, emulator, child }
}

async function printedUrls(child: ChildProcess, count: number): Promise<string[]> {
  const urls: string[] = []
  if (!child.stdout) return urls
  for await (const line of createInterface({ input: child.stdout })) {
    urls.push(...(line.match(/http:\/\/[\w.:]+/g) ?? []))
    if (urls.length >= count) break
  }
  child.stdout.resume() // what is printed from here on must not fill the pipe
  return urls
}

/** The first line from now on that the child prints and that is so. */
async function lineOf(child: ChildProcess, pattern: RegExp): Promise<string | undefined> {
  if (!child.stdout) return undefined
  for await (const line of createInterface({ input: child.stdout })) if (pattern.test(line)) return line
  return undefined
}
