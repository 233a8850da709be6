import { setTimeout as delay } from 'node:timers/promises'
import { MemoryStore, type ChallengeStore } from 'authsignal-express'

const LATENCY_MS = 20

/** A store as over a network: what is asked within one round trip is answered within one tick. */
export function remoteStore(): ChallengeStore {
  const store = new MemoryStore()
  let roundTrip: Promise<void> | undefined
  const answered = () =>
    (roundTrip ??= delay(LATENCY_MS).then(() => {
      roundTrip = undefined
    }))
  return {
    get: async (id) => answered().then(() => store.get(id)),
    add: async (id, entry, ttlMs) => answered().then(() => store.add(id, entry, ttlMs)),
    delete: async (id, nonce) => answered().then(() => store.delete(id, nonce)),
  }
}
