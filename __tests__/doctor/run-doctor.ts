import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '../..')
const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: Record<string, string> }

interface Run {
  code: number
  stdout: string
  stderr: string
}

interface Finding {
  check: string
  status: string
  message: string
  cure?: string
}

export type Environment = Partial<
  Record<
    'AUTHSIGNAL_API_SECRET_KEY' | 'AUTHSIGNAL_API_URL' | 'AUTHSIGNAL_BASE_URL' | 'NODE_ENV' | (string & {}),
    string
  >
>

/** The built command as `npx authsignal-express …` runs it, in that environment and no other. */
export async function runCommand(args: string[], env: Environment = {}): Promise<Run> {
  const command = join(root, String(bin['authsignal-express']))
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr })
    })
  })
}

/** What `doctor --json` found, by check, and its exit code. */
export async function diagnose(env: Environment, ...args: string[]) {
  const { code, stdout, stderr } = await runCommand(['doctor', '--json', ...args], env)
  expect(stderr).toBe('')
  const { findings } = JSON.parse(stdout) as { findings: Finding[] }
  const find = (check: string) => findings.find((finding) => finding.check === check)
  return { code, findings, find }
}
