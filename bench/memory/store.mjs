import { randomBytes } from 'node:crypto'
import { MemoryStore } from 'authsignal-express'

const MINUTES_20 = 20 * 60_000

/** A challenge's three entries each, that are added, read and deleted: the store is empty in between. */
export function answered(count, tell) {
  return filled(count, tell, async (store, id, added) => {
    if ((await store.get(id)) !== added) throw new Error('The store has lost an entry.')
    await store.delete(id, added.nonce)
  })
}

/** Those that nobody answers: the oldest make room. */
export function abandoned(count, tell) {
  return filled(count, tell, async () => undefined)
}

async function filled(count, tell, then) {
  const store = new MemoryStore()
  for (let done = 1; done <= count; done += 1) {
    for (const kind of ['challenge', 'question', 'place']) {
      const id = `${kind}:${done}`
      const added = {
        nonce: String(done),
        expiresAt: Date.now() + MINUTES_20,
        sealed: randomBytes(300).toString('base64url'),
      }
      if (!(await store.add(id, added, MINUTES_20))) throw new Error('The store has refused an entry.')
      await then(store, id, added)
    }
    if (done % (count / 10) === 0) tell(done, memory())
  }
  // It must still be there when the last figure is taken.
  await store.get('challenge:1')
}

function memory() {
  globalThis.gc()
  return process.memoryUsage()
}
