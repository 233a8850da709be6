import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startWorld } from '../helpers/world'
import { runCommand } from './run-doctor'

const root = join(__dirname, '../..')

it('prints, as docs/doctor.md shows, each finding with its cause and its cure, and ends with 1 where one failed', async () => {
  const world = await startWorld()
  const { code, stdout } = await runCommand(['doctor'], {
    AUTHSIGNAL_API_URL: world.emulator.apiUrl,
    AUTHSIGNAL_API_SECRET_KEY: 'not-the-key',
    AUTHSIGNAL_BASE_URL: world.url,
  })
  expect(code).toBe(1)
  const [, printed = ''] =
    /```\n(\n? {2}authsignal-express[\s\S]*?)```/.exec(readFileSync(join(root, 'docs/doctor.md'), 'utf8')) ?? []
  expect(withoutChance(stdout).trim()).toBe(withoutChance(printed).trim())
})

function withoutChance(text: string): string {
  return text
    .replace(/\d+ ms/g, 'n ms')
    .replace(/:\d{4,5}/g, ':port')
    .replace(/express [\d.]+, Node [\d.]+/g, 'express x, Node x')
}

it('shows no key, whatever it prints', async () => {
  const world = await startWorld()
  const { apiUrl, apiSecretKey } = world.emulator
  for (const key of [apiSecretKey, 'the-wrong-secret-key'])
    for (const args of [['doctor'], ['doctor', '--json'], ['doctor', '-c', require.resolve('./configs/throws.mjs')]]) {
      const env = { AUTHSIGNAL_API_URL: apiUrl, AUTHSIGNAL_API_SECRET_KEY: key, AUTHSIGNAL_BASE_URL: world.url }
      const { stdout, stderr } = await runCommand(args, { ...env, DEBUG: '*' })
      expect(stdout).not.toBe('')
      expect(stdout + stderr).not.toContain(key)
      expect(stdout + stderr).not.toContain(Buffer.from(`${key}:`).toString('base64'))
    }
})

it('--help and --version answer, and an option that is unknown ends with 2', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  expect(await runCommand(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  for (const args of [['--help'], ['doctor', '--help'], []])
    expect(await runCommand(args)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Usage: authsignal-express doctor/) as string,
    })
  for (const args of [['doctor', '--fix'], ['surgeon'], ['doctor', '--config']])
    expect(await runCommand(args)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^authsignal-express: .+\nSee authsignal-express --help\n$/) as string,
    })
})
