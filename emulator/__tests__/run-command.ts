import { EventEmitter } from 'node:events'
import { type CliProcess, runCli } from '../src/run-cli'

export interface Ended {
  exitCode: number
  out: string
  err: string
}

/** The command in this process, stopped as soon as it has said where it listens. */
export async function run(args: string[], whileRunning?: (out: string) => Promise<void>): Promise<Ended> {
  const signals = new EventEmitter()
  const written = { out: '', err: '' }
  const io: CliProcess = Object.assign(signals, {
    stdout: {
      write: (text: string) => {
        written.out += text
        if (text.includes('Ctrl+C')) void (whileRunning?.(text) ?? Promise.resolve()).then(() => signals.emit('SIGINT'))
      },
    },
    stderr: { write: (text: string) => (written.err += text) },
  })
  const exitCode = await runCli(args, io)
  return { exitCode, ...written }
}
