import { MemoryStore, type ChallengeStore, type Entry } from 'authsignal-express'

/** A store of this process, of which some parts are others. */
export function storeWith(parts: Partial<ChallengeStore>, store = new MemoryStore()): ChallengeStore {
  return {
    get: (id) => store.get(id),
    add: (id, entry, ttlMs) => store.add(id, entry, ttlMs),
    delete: (id, nonce) => store.delete(id, nonce),
    ...parts,
  }
}

interface Addition {
  id: string
  entry: Entry
  ttlMs: number
}

/** A store that writes down what it is asked for. */
export function recordingStore(): { store: ChallengeStore; ids: string[]; additions: Addition[] } {
  const kept = new MemoryStore()
  const ids: string[] = []
  const additions: Addition[] = []
  const store = storeWith(
    {
      get: (id) => {
        ids.push(id)
        return kept.get(id)
      },
      add: (id, entry, ttlMs) => {
        ids.push(id)
        additions.push({ id, entry, ttlMs })
        return kept.add(id, entry, ttlMs)
      },
    },
    kept,
  )
  return { store, ids, additions }
}
