import { runCli } from './run-cli'
import { classAndCode } from './trouble'

// The app's own module may start what fails later: a connection to a database, say.
process.once('uncaughtException', (error) => {
  process.stderr.write(`authsignal-express: what the module of --config started has failed: ${classAndCode(error)}\n`)
  process.exit(1)
})

void runCli(process.argv.slice(2)).then((exitCode) => {
  // It may also hold connections open. What was written goes out first.
  process.stdout.write('', () => process.exit(exitCode))
})
