import { runCli } from './run-cli'

// Not process.exit, which could cut off what was just written.
void runCli(process.argv.slice(2), process).then((exitCode) => {
  process.exitCode = exitCode
})
