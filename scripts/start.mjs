// Starts the example bank against the local emulator, from whatever state the checkout is in.
import { ensureDependencies } from './lib/dependencies.mjs'
import { mustRunNode } from './lib/run.mjs'

await ensureDependencies()
await mustRunNode('scripts/build.mjs')
stopOnce()
await import('../examples/express-app/dist/start.js')

// The example ends itself at the first signal. At a terminal Ctrl-C arrives twice, from the terminal and from npm, and
// the second one must not kill it on its way out. A signal before it listens finds nothing to close.
function stopOnce() {
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => {
      if (!stopping && process.listenerCount(signal) === 1) process.exit(0)
      stopping = true
    })
}
