import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startWorld } from '../helpers/world'
import { runCommand } from './run-doctor'

it('prints each finding with its cause and its cure, and ends with 1 where one failed', async () => {
  const world = await startWorld()
  const { code, stdout } = await runCommand(['doctor'], {
    AUTHSIGNAL_API_URL: world.emulator.apiUrl,
    AUTHSIGNAL_API_SECRET_KEY: 'not-the-key',
    AUTHSIGNAL_BASE_URL: world.url,
  })
  expect(code).toBe(1)
  const shown = stdout
    .replace(/\d+ ms/g, 'n ms')
    .replace(/:\d{4,5}/g, ':port')
    .replace(/\b\d+\.\d+\.\d+$|\b\d+\.\d+\.\d+(?=,)/gm, 'x.y.z')
  expect(shown).toBe(`
  authsignal-express x.y.z, Node x.y.z

  ✔ API        http://127.0.0.1:port/v1 (this machine): TCP n ms
  ✖ API key    refused by the API (401)
               → Copy the tenant's API secret key once more, with no quotes or spaces. A key counts in its own
                 region alone.
                 Set AUTHSIGNAL_API_URL, or apiUrl, to the tenant's region:
                 US         https://api.authsignal.com/v1
                 Australia  https://au.api.authsignal.com/v1
                 Europe     https://eu.api.authsignal.com/v1
                 Canada     https://ca.api.authsignal.com/v1
  ✔ Clock      agrees with Authsignal's
  ✔ Base URL   http://127.0.0.1:port
  ✔ Callback   http://127.0.0.1:port/authsignal/callback
  – Proxies    none between: the app is on this machine
  – Store      not asked
               → Name the app's options: doctor --config ./authsignal.config.js

  1 failed, 4 ok, 2 not checked

`)
})

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
  const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as { version: string }
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
