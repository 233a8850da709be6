// Builds, and runs the benches with the arguments given: guards side by side; with --processes N, many processes of an
// app under load; with --memory, what is kept over a million challenges.
import { ensureDependencies } from './lib/dependencies.mjs'
import { mustRunNode, runNode } from './lib/run.mjs'
import { ensureSystemPackages } from './lib/system-packages.mjs'

const given = process.argv.slice(2)
const names = given.map((argument) => argument.split('=', 1)[0])

await ensureDependencies()
if (names.includes('--processes')) await ensureSystemPackages(['redis-server'])
console.log('Building …')
await mustRunNode('scripts/build.mjs')
process.exitCode = await runNode(bench(), given)

function bench() {
  if (names.includes('--processes')) return 'bench/processes/run.mjs'
  if (names.includes('--memory')) return 'bench/memory/run.mjs'
  return 'bench/run.mjs'
}
