// Builds, and runs the benches with the arguments given.
import { ensureDependencies } from './lib/dependencies.mjs'
import { mustRunNode, runNode } from './lib/run.mjs'

await ensureDependencies()
console.log('Building …')
await mustRunNode('scripts/build.mjs')
process.exitCode = await runNode('bench/run.mjs', process.argv.slice(2))
