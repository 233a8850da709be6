// Type-checks and runs all tests; with arguments, as in `npm test -- guard`, runs jest with them and nothing else.
import { availableParallelism } from 'node:os'
import { ensureDependencies } from './lib/dependencies.mjs'
import { mustRunNode, runNode } from './lib/run.mjs'
import { ensureSystemPackages } from './lib/system-packages.mjs'

const jestArguments = process.argv.slice(2)

await ensureDependencies()
await ensureSystemPackages(['chromium', 'redis-server'])
// The packaging tests pack what is built here, so that no build runs while other tests do.
console.log('Building …')
await mustRunNode('scripts/build.mjs')

const exitCodes = []
if (jestArguments.length === 0) {
  console.log('Checking types …')
  exitCodes.push(await runNode('node_modules/typescript/bin/tsc', ['--noEmit', '-p', 'tsconfig.check.json']))
}
console.log('Running tests …')
exitCodes.push(await runNode('node_modules/jest/bin/jest.js', jestArguments.length > 0 ? jestArguments : workers()))
process.exitCode = Math.max(...exitCodes)

// Two at least: jest ends a worker whose test left a server open; a single one is jest itself, which waits for ever.
function workers() {
  return [`--maxWorkers=${Math.max(2, availableParallelism() - 1)}`]
}
