import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Authsignal } from '@authsignal/node'
import { run } from './run-command'

let folder: string
let seedFile: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulator-'))
  seedFile = join(folder, 'seed.json')
})
afterAll(() => rm(folder, { recursive: true }))

test.each(['--help', '-h'])('%s tells of every option', async (option) => {
  const { exitCode, out } = await run([option])
  expect(exitCode).toBe(0)
  for (const name of ['--port', '--host', '--seed', '--api-secret-key', '--webhook-url', '--version']) {
    expect(out).toContain(name)
  }
})

test('--version is that of the package', async () => {
  const { version } = JSON.parse(await readFile(join(__dirname, '../package.json'), 'utf8')) as { version: string }
  expect(await run(['-v'])).toEqual({ exitCode: 0, out: `${version}\n`, err: '' })
})

test('a seed fills it before the first request', async () => {
  await writeFile(
    seedFile,
    `{
      // Comments are allowed.
      "apiSecretKey": "seeded",
      "country": "NZ",
      "defaults": { "*": "BLOCK" },
      "rules": {
        "transfer": [
          { "ruleId": "home", "when": { "fact": "country", "operator": "equal", "value": "NZ" }, "outcome": "ALLOW" }
        ]
      },
      "users": [
        { "userId": "alice", "authenticators": [{ "verificationMethod": "EMAIL_OTP", "email": "alice@example.com" }] }
      ]
    }`,
  )
  const seen: unknown[] = []
  const { exitCode, err } = await run(['--port', '0', '--seed', seedFile], async (out) => {
    const apiUrl = /AUTHSIGNAL_API_URL=(.*)/.exec(out)?.[1]
    const sdk = new Authsignal({ apiSecretKey: 'seeded', apiUrl, retries: 0 })
    seen.push((await sdk.getUser({ userId: 'alice' })).isEnrolled)
    for (const action of ['transfer', 'other']) seen.push((await sdk.track({ userId: 'alice', action })).state)
  })
  expect({ exitCode, err, seen }).toEqual({ exitCode: 0, err: '', seen: [true, 'ALLOW', 'BLOCK'] })
})

test('a seed file may begin with a byte order mark', async () => {
  await writeFile(seedFile, '\uFEFF{ "apiSecretKey": "seeded" }')
  expect((await run(['--port', '0', '--seed', seedFile])).out).toContain('AUTHSIGNAL_API_SECRET_KEY=seeded')
})

test.each([
  ['{\n  "users": [}', ':2:13: not valid JSON, value expected'],
  ['', ':1:1: not valid JSON'],
  ['{\n  "users": [\n    { "userId": 1 }\n  ]\n}', ':3:17: users[0].userId: Invalid input: expected string'],
  ['{ "user": [] }', ':1:1: unknown user; known are $schema, apiSecretKey'],
  ['{ "users": [{ "userId": "a" }, { "userId": "a" }] }', ":1:44: users[1].userId: 'a' stands twice"],
  ['{ "defaults": { "transfer": "MAYBE" } }', ':1:29: defaults.transfer: Invalid option'],
  ['{ "users": [{ "userId": "a", "authenticators": [{ "verificationMethod": "SMS" }] }] }', 'phoneNumber'],
  ['{ "rules": { "transfer": [{ "ruleId": "a", "when": {}, "outcome": "ALLOW" }] } }', 'rules.transfer[0].when.fact'],
  ['{ "webhookUrl": "localhost" }', ':1:17: webhookUrl: must be an http url'],
])('a seed file that is wrong is named, with the place: %j', async (text, message) => {
  await writeFile(seedFile, text)
  const { exitCode, err } = await run(['--seed', seedFile])
  expect(exitCode).toBe(1)
  expect(err).toContain(`authsignal-emulator: ${seedFile}:`)
  expect(err).toContain(message)
})

test.each([
  [['--prot', '1'], "Unknown option '--prot'"],
  [['--port', 'http'], "--port must be a number from 0 to 65535, not 'http'"],
  [['--port', '65536'], '--port must be'],
  [['--seed', 'no-such-file.json'], 'there is no seed file no-such-file.json'],
  [['--webhook-url', 'nowhere'], "--webhook-url: must be an http url, not 'nowhere'"],
  [['--api-secret-key', 'a:b'], '--api-secret-key: must not hold a colon'],
  [['--port=0', '--host', 'no-such-host.invalid'], '(--host)'],
  [['4300'], '4300'],
])('%j is refused', async (args, message) => {
  const { exitCode, out, err } = await run(args)
  expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' })
  expect(err).toContain(message)
  expect(err).toContain('--help')
})

test('a port that is taken is named', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  const { exitCode, err } = await run(['--port', String(port)])
  other.close()
  expect(exitCode).toBe(1)
  expect(err).toContain(`Port ${port} on 127.0.0.1 is already in use`)
})

test.each(['SIGINT', 'SIGTERM'] as const)('as a process of its own it stops on %s', async (signal) => {
  const child = spawn(process.execPath, [
    '-r',
    join(__dirname, 'typescript-require.cjs'),
    join(__dirname, '../src/cli.ts'),
    '--port=0',
  ])
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
    if (out.includes('Ctrl+C')) child.kill(signal)
  })
  const [exitCode] = (await once(child, 'exit')) as [number]
  expect(exitCode).toBe(0)
})
