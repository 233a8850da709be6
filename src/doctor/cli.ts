import { runCli } from './run-cli'

void runCli(process.argv.slice(2)).then((exitCode) => {
  // The app's own configuration may hold connections open, to a store for one. What was written goes out first.
  process.stdout.write('', () => process.exit(exitCode))
})
