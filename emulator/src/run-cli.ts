import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { z } from 'zod'
import { check } from './schema/check'
import { readSeed } from './schema/read-seed'
import { apiSecretKeySchema, type Seed, text, webhookUrlSchema } from './schema/seed-schema'
import { startEmulator } from './start-emulator'
import type { EmulatorOptions } from './types'

const defaultPort = 4300

const help = `Usage: authsignal-emulator [options]

Starts a local Authsignal that keeps everything in memory.

Options:
  -p, --port <port>            where it listens; 0 takes a free one (default ${defaultPort})
      --host <host>            on which address (default 127.0.0.1)
  -s, --seed <file>            users, rules and defaults to start with, in JSON
      --api-secret-key <key>   what clients must send (default: the seed's, or emulator-secret-key)
      --webhook-url <url>      where webhooks are posted (default: the seed's, or nowhere)
  -h, --help                   this text
  -v, --version                the version
`

const optionsOfCli = {
  port: { type: 'string', short: 'p' },
  host: { type: 'string' },
  seed: { type: 'string', short: 's' },
  'api-secret-key': { type: 'string' },
  'webhook-url': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

/** What the command needs of its process. */
export interface CliProcess {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  once(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
}

/** Runs until it is told to stop. Gives the exit code: 0, or 1 where it could not start. */
export async function runCli(args: readonly string[], io: CliProcess): Promise<number> {
  try {
    const { values } = parseArgs({ args: [...args], options: optionsOfCli })
    if (values.help) io.stdout.write(help)
    else if (values.version) io.stdout.write(`${versionOfPackage()}\n`)
    else await serve(emulatorOptions(values), io)
    return 0
  } catch (error) {
    io.stderr.write(`authsignal-emulator: ${messageOf(error)}\nSee authsignal-emulator --help\n`)
    return 1
  }
}

/** Which flag to mend, where an error of the network says it in words of its own. */
function messageOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  const flag = {
    EADDRINUSE: '--port',
    EACCES: '--port',
    ENOTFOUND: '--host',
    EAI_AGAIN: '--host',
    EADDRNOTAVAIL: '--host',
  }
  return Object.hasOwn(flag, code) ? `${message} (${flag[code as keyof typeof flag]})` : message
}

type Values = Partial<Record<Exclude<keyof typeof optionsOfCli, 'help' | 'version'>, string>>

function emulatorOptions(values: Values): EmulatorOptions {
  const checked = (flag: keyof Values, schema: z.ZodType<string>): string | undefined =>
    values[flag] === undefined ? undefined : check(schema, values[flag], `--${flag}`)
  return {
    port: portOf(values.port),
    host: checked('host', text),
    apiSecretKey: checked('api-secret-key', apiSecretKeySchema),
    webhookUrl: checked('webhook-url', webhookUrlSchema),
    ...(values.seed !== undefined && { seed: seedOf(values.seed) }),
  }
}

async function serve(options: EmulatorOptions, io: CliProcess): Promise<void> {
  const stopped = signalled(io)
  const emulator = await startEmulator(options)
  io.stdout.write(`Authsignal emulator: open ${emulator.url} to follow what your app does.

  AUTHSIGNAL_API_URL=${emulator.apiUrl}
  AUTHSIGNAL_API_SECRET_KEY=${emulator.apiSecretKey}

Ctrl+C stops it.
`)
  await stopped
  await emulator.close()
}

/** Once only: who presses Ctrl+C again wants it to end at once, which is what Node then does. */
function signalled(io: CliProcess): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      io.off('SIGINT', stop)
      io.off('SIGTERM', stop)
      resolve()
    }
    io.once('SIGINT', stop)
    io.once('SIGTERM', stop)
  })
}

function portOf(text = String(defaultPort)): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN
  if (!(port <= 65535)) throw new Error(`--port must be a number from 0 to 65535, not '${text}'`)
  return port
}

function seedOf(file: string): Seed {
  return readSeed(readText(file), file)
}

function readText(file: string): string {
  try {
    // Some editors begin a file with a byte order mark, which is no JSON.
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new Error(code === 'ENOENT' ? `there is no seed file ${file}` : `${file} can't be read: ${message}`, {
      cause: error,
    })
  }
}

function versionOfPackage(): string {
  const { version } = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')) as { version: string }
  return version
}
