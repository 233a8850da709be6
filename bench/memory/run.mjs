// npm run bench -- --memory: the heap over a million challenges, in a MemoryStore and behind a guard. Where it is not
// flat once the store is full, it says so, and ends with exit code 1.
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { guardedRequests } from './guarded.mjs'
import { abandoned, answered } from './store.mjs'

/** What a heap may differ by between two collections, for reasons of its own. */
const TOLERANCE = 1.2

const { values } = parseArgs({
  options: {
    memory: { type: 'boolean' },
    challenges: { type: 'string', default: '1000000' },
    requests: { type: 'string', default: '100000' },
  },
})

setFlagsFromString('--expose-gc')
globalThis.gc = runInNewContext('gc')

await watch('challenges that are answered, in a MemoryStore', 'challenges', answered)
await watch('challenges that nobody answers, in a MemoryStore', 'challenges', abandoned)
await watch('guarded requests that are challenged, by a MemoryStore', 'requests', guardedRequests)

async function watch(what, option, run) {
  const count = Number(values[option])
  // A tenth must fill the store, so that what follows can be compared with it.
  if (!Number.isInteger(count / 10) || count < 100_000) {
    console.error(`--${option} must be a multiple of 10 from 100000 on.`)
    process.exit(1)
  }
  console.log(`\n${count.toLocaleString('en')} ${what}: heap and process after a collection, MB`)
  const heaps = []
  await run(count, (done, { heapUsed, rss }) => {
    heaps.push(heapUsed)
    console.log(`  ${done.toLocaleString('en').padStart(9)} ${inMB(heapUsed)} ${inMB(rss)}`)
  })
  const grown = heaps.at(-1) / heaps[0]
  if (grown < TOLERANCE) return
  console.error(`FAILED: the heap has grown to ${grown.toFixed(2)} of what it was.`)
  process.exitCode = 1
}

function inMB(bytes) {
  return (bytes / 1e6).toFixed(1).padStart(7)
}
