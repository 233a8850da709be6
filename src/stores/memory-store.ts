import { misconfigured, requireOptions, typeInWords } from '../errors'
import type { ChallengeStore, Entry } from './store'

/** One challenge holds three entries: itself, the request it answers, and its place among its user's. */
const ENTRIES_PER_CHALLENGE = 3
const SWEEP_EVERY_MS = 30_000

interface Kept {
  entry: Entry
  endsAt: number
}

export interface MemoryStoreOptions {
  /** How many challenges may wait at once; beyond it the oldest are dropped, with one warning. 10,000 by default. */
  maxChallenges?: number | undefined
}

/**
 * Keeps challenges in this process: for one process, development and tests. With several processes a challenge begun
 * in one is unknown in the others, so use a store that they share.
 *
 * Waiting challenges are dropped for newer ones when it is full; marks of spent challenges never are: `add` rejects
 * instead, and the guard answers 503.
 */
export class MemoryStore implements ChallengeStore {
  readonly #waiting = new Map<string, Kept>()
  readonly #spent = new Map<string, Kept>()
  /** Apart, since log-outs, which anybody may be let send, must drop no challenge. */
  readonly #forgotten = new Map<string, Kept>()
  readonly #limit: number
  #warned = false

  constructor(options: MemoryStoreOptions = {}) {
    requireOptions('MemoryStore', options, ['maxChallenges'] satisfies (keyof MemoryStoreOptions)[])
    const { maxChallenges = 10_000 } = options
    if (!Number.isSafeInteger(maxChallenges) || maxChallenges < 1)
      throw misconfigured(`MemoryStore's maxChallenges is ${typeInWords(maxChallenges)}; give a whole number above 0.`)
    this.#limit = maxChallenges * ENTRIES_PER_CHALLENGE
    // It must keep neither the process nor a store that nobody uses any more.
    const store = new WeakRef(this)
    const timer = setInterval(() => {
      const kept = store.deref()
      if (kept) kept.#sweep()
      else clearInterval(timer)
    }, SWEEP_EVERY_MS).unref()
  }

  async get(id: string): Promise<Entry | undefined> {
    return this.#find(id)?.entry
  }

  async add(id: string, entry: Entry, ttlMs: number): Promise<boolean> {
    if (this.#find(id)) return false
    this.#makeRoom(id)
    this.#mapOf(id).set(id, { entry, endsAt: Date.now() + ttlMs })
    return true
  }

  async delete(id: string, nonce: string): Promise<void> {
    if (this.#find(id)?.entry.nonce === nonce) this.#mapOf(id).delete(id)
  }

  #mapOf(id: string): Map<string, Kept> {
    if (id.startsWith('spent:')) return this.#spent
    return id.startsWith('forgotten:') ? this.#forgotten : this.#waiting
  }

  #find(id: string): Kept | undefined {
    const map = this.#mapOf(id)
    const kept = map.get(id)
    if (!kept || kept.endsAt > Date.now()) return kept
    map.delete(id)
    return undefined
  }

  #makeRoom(id: string): void {
    const map = this.#mapOf(id)
    if (map.size < this.#limit) return
    const [oldest] = map
    if (!oldest) return
    if (oldest[1].endsAt > Date.now()) {
      // Marks live equally long, so where the first has not ended none has.
      if (map === this.#spent) throw new Error('MemoryStore is full of spent challenges')
      this.#warnOnce()
    }
    map.delete(oldest[0])
  }

  #warnOnce(): void {
    if (this.#warned) return
    this.#warned = true
    process.emitWarning('MemoryStore is full: its oldest entries are dropped. Use a shared store.', {
      code: 'AUTHSIGNAL_MEMORY_STORE_FULL',
    })
  }

  #sweep(): void {
    const now = Date.now()
    for (const map of [this.#waiting, this.#spent, this.#forgotten])
      for (const [id, kept] of map) if (kept.endsAt <= now) map.delete(id)
  }
}
