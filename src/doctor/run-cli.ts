import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { examine } from './examine'
import type { Finding } from './finding'
import { printFinding, printSummary, type Terminal } from './print'

const HELP = `Usage: authsignal-express doctor [options]

Looks at a configuration and says what is wrong with it, and how to put it right: the API and its key, this machine's
clock, the base URL, the callback of the running app, and the store. It reads the environment as the package does:
AUTHSIGNAL_API_SECRET_KEY, AUTHSIGNAL_API_URL, AUTHSIGNAL_BASE_URL. It changes nothing, and prints no key.

Options:
  -c, --config <file>  the module whose default export is what createAuthsignal gets
      --json           as JSON
  -h, --help           this text
  -v, --version        the version

Exit code: 0, 1 where a check failed, 2 at a wrong option.
`

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

/** Runs the command, and gives its exit code. */
export async function runCli(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
    if (values.version) process.stdout.write(`${versionOfPackage()}\n`)
    else if (values.help || positionals.length === 0) process.stdout.write(HELP)
    else if (positionals.join() !== 'doctor') throw new Error('There is one command: doctor.')
    else return await (values.json ? runAsJson : runAsText)(values.config)
    return 0
  } catch (error) {
    process.stderr.write(`authsignal-express: ${(error as Error).message}\nSee authsignal-express --help\n`)
    return 2
  }
}

async function runAsText(config: string | undefined): Promise<number> {
  const { stdout } = process
  const terminal: Terminal = stdout.isTTY
    ? { width: Math.min(stdout.columns || 80, 110), colours: stdout.hasColors() }
    : { width: 110, colours: false }
  stdout.write(`\n  authsignal-express ${versionOfPackage()}, Node ${process.versions.node}\n\n`)
  const findings: Finding[] = []
  for await (const finding of examine(config)) {
    findings.push(finding)
    stdout.write(printFinding(finding, terminal))
  }
  stdout.write(printSummary(findings, terminal))
  return exitCodeOf(findings)
}

async function runAsJson(config: string | undefined): Promise<number> {
  const findings: Finding[] = []
  for await (const finding of examine(config)) findings.push(finding)
  const report = { version: versionOfPackage(), node: process.versions.node, findings }
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`)
  return exitCodeOf(findings)
}

function exitCodeOf(findings: readonly Finding[]): number {
  return findings.some(({ status }) => status === 'failed') ? 1 : 0
}

function versionOfPackage(): string {
  const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as { version: string }
  return version
}
