import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

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
