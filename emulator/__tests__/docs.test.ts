import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'
import { transformSync } from '@swc/core'
import { Authsignal } from '@authsignal/node'
import { startEmulator } from '../src'
import { readSeed } from '../src/schema/read-seed'
import { run } from './run-command'

const text = readFileSync(join(__dirname, '../../docs/emulator.md'), 'utf8')

function snippets(language: string, page = text): string[] {
  return [...page.matchAll(/^```(\w+)\n(.*?)^```/gms)].flatMap(([, tag, code = '']) => (tag === language ? [code] : []))
}

/** Runs a module as it stands, with the packages that this project makes. Gives what it logs. */
async function runModule(code: string, globals: Record<string, unknown> = {}): Promise<string[]> {
  const { code: script } = transformSync(code, {
    jsc: { target: 'es2022', parser: { syntax: 'ecmascript' } },
    module: { type: 'commonjs' },
    swcrc: false,
  })
  const logged: string[] = []
  const log = (...values: unknown[]): number => logged.push(values.map(String).join(' '))
  const names = { require, exports: {}, console: { log }, ...globals }
  const body = `return (async () => {${script}\n})()`
  await (compileFunction(body, Object.keys(names)) as (...values: unknown[]) => Promise<void>)(...Object.values(names))
  return logged
}

const readme = readFileSync(join(__dirname, '../README.md'), 'utf8')
const modules = [...snippets('js'), ...snippets('js', readme)]
const examples = modules.filter((code) => !code.includes('beforeAll'))

test.each(examples.map((code) => [/ (?:emulator\.\w+\.\w+|createServer)/.exec(code)?.[0].trim(), code]))(
  'the example with %s logs what it says',
  async (_name, code) => {
    const said = [...code.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(([, comment]) => comment)
    expect(said.length).toBeGreaterThan(0)
    expect(await runModule(code)).toEqual(said)
  },
)

test('the example of a test passes', async () => {
  const [code = ''] = modules.filter((one) => !examples.includes(one))
  const steps: Record<string, (() => unknown)[]> = { beforeAll: [], beforeEach: [], test: [], afterAll: [] }
  const globals: Record<string, unknown> = { expect }
  for (const [name, kept] of Object.entries(steps)) {
    globals[name] = (...args: unknown[]) => kept.push(args.at(-1) as () => unknown)
  }
  await runModule(code, globals)
  for (const step of Object.values(steps).flat()) await step()
  expect(steps.test).toHaveLength(1)
})

test('the seed file fills an emulator', async () => {
  const [json = ''] = snippets('json')
  const emulator = await startEmulator({ seed: readSeed(json, 'seed.json') })
  const authsignal = new Authsignal({ apiSecretKey: emulator.apiSecretKey, apiUrl: emulator.apiUrl, retries: 0 })
  const track = async (action: string, amount: number): Promise<unknown> => {
    const { state, ruleIds } = await authsignal.track({ userId: 'alice', action, attributes: { custom: { amount } } })
    return [state, ...(ruleIds ?? [])]
  }
  expect(await track('transfer', 2000)).toEqual(['CHALLENGE_REQUIRED', 'large-transfer'])
  expect(await track('transfer', 20)).toEqual(['ALLOW'])
  expect(await track('closeAccount', 0)).toEqual(['CHALLENGE_REQUIRED'])
  emulator.reset()
  expect(emulator.users).toMatchObject([{ userId: 'alice', authenticators: [{}, { isDefault: true }, {}] }])
  await emulator.close()
})

test('the commands start it, but for the port, which may be taken here', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'emulator-'))
  const seed = join(folder, 'seed.json')
  await writeFile(seed, snippets('json')[0] ?? '')
  const commands = snippets('sh').filter((command) => command.startsWith('npx'))
  expect(commands).toHaveLength(2)
  for (const command of commands) {
    const args = command.trim().replace('4300', '0').replace('seed.json', seed).split(' ').slice(2)
    const { exitCode, out } = await run(args)
    expect(exitCode).toBe(0)
    for (const variable of ['AUTHSIGNAL_API_URL=', 'AUTHSIGNAL_API_SECRET_KEY=emulator-secret-key']) {
      expect(out).toContain(variable)
    }
  }
  await rm(folder, { recursive: true })
})

test('every option of the command is told of', async () => {
  const { out } = await run(['--help'])
  const options = out.match(/--[a-z-]+/g) ?? []
  expect(options.filter((option) => !text.includes(`\`${option}\``))).toEqual([])
})

test('every member is told of', async () => {
  const emulator = await startEmulator()
  const members = Object.keys(emulator).filter((name) => !new RegExp(`\`${name}[.(\`]`).test(text))
  await emulator.close()
  expect(members).toEqual([])
})
