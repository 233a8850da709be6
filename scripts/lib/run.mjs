import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

/** Runs a program at the repository's root, on this terminal, and gives its exit code. */
function run(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' })
  const stopForwarding = forwardSignals(child)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  }).finally(stopForwarding)
}

/** `run`, but where the program fails, this process ends with the same exit code. */
export async function mustRun(command, args) {
  const code = await run(command, args)
  if (code !== 0) process.exit(code)
}

export function runNode(script, args = []) {
  return run(process.execPath, [join(root, script), ...args])
}

export function mustRunNode(script, args = []) {
  return mustRun(process.execPath, [join(root, script), ...args])
}

// A signal that was sent to this process alone must not leave its child behind.
function forwardSignals(child) {
  const forward = (signal) => child.kill(signal)
  const signals = ['SIGINT', 'SIGTERM']
  for (const signal of signals) process.on(signal, forward)
  return () => {
    for (const signal of signals) process.off(signal, forward)
  }
}
