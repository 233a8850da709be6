import { requireOptions, wrong } from '../checks'
import type { ChallengeStore, Entry } from './store'

/** One challenge holds three entries: itself, the request it answers, and its place among its user's. */
const ENTRIES_PER_CHALLENGE = 3
/** In characters, whatever `maxChallenges` is: each challenge may keep a form of 64 KB. */
const MAX_LENGTH = 64 * 1024 * 1024
const SWEEP_EVERY_MS = 30_000

interface Kept {
  entry: Entry
  endsAt: number
}

export interface MemoryStoreOptions {
  /**
   * How many challenges may wait at once, if their forms take no more than 64 MB; beyond it the oldest are dropped, with
   * one warning. As many may be spent within their life; beyond it `add` rejects. 1 or more; 10,000 by default.
   */
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
  readonly #waiting = new Shelf()
  readonly #spent = new Shelf()
  /** Apart, since neither log-outs, which anybody may be let send, nor webhooks must drop a challenge, or each other. */
  readonly #forgotten = new Shelf()
  readonly #events = new Shelf()
  readonly #limit: number
  #warned = false

  constructor(options: MemoryStoreOptions = {}) {
    requireOptions('MemoryStore', options, ['maxChallenges'] satisfies (keyof MemoryStoreOptions)[])
    const { maxChallenges = 10_000 } = options
    if (!Number.isSafeInteger(maxChallenges) || maxChallenges < 1)
      throw wrong("MemoryStore's maxChallenges", maxChallenges, 'give a whole number above 0')
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
    return this.#shelfOf(id).find(id)?.entry
  }

  async add(id: string, entry: Entry, ttlMs: number): Promise<boolean> {
    const shelf = this.#shelfOf(id)
    if (shelf.find(id)) return false
    const isFull = () => shelf.size >= this.#limit || shelf.length + entry.sealed.length > MAX_LENGTH
    while (shelf.size > 0 && isFull()) this.#dropOldest(shelf)
    shelf.set(id, { entry, endsAt: Date.now() + ttlMs })
    return true
  }

  async delete(id: string, nonce: string): Promise<void> {
    const shelf = this.#shelfOf(id)
    if (shelf.find(id)?.entry.nonce === nonce) shelf.delete(id)
  }

  #shelfOf(id: string): Shelf {
    if (id.startsWith('spent:')) return this.#spent
    if (id.startsWith('forgotten:')) return this.#forgotten
    return id.startsWith('event:') ? this.#events : this.#waiting
  }

  #dropOldest(shelf: Shelf): void {
    const [id, { endsAt }] = shelf.oldest()
    if (endsAt > Date.now()) {
      // Marks live equally long, so where the first has not ended none has.
      if (shelf === this.#spent) throw new Error('MemoryStore is full of spent challenges')
      this.#warnOnce()
    }
    shelf.delete(id)
  }

  #warnOnce(): void {
    if (this.#warned) return
    this.#warned = true
    process.emitWarning('MemoryStore is full: its oldest entries are dropped. Use a shared store.', {
      code: 'AUTHSIGNAL_MEMORY_STORE_FULL',
    })
  }

  #sweep(): void {
    for (const shelf of [this.#waiting, this.#spent, this.#forgotten, this.#events]) shelf.sweep()
  }
}

/** Entries in the order in which they came. */
class Shelf {
  readonly #kept = new Map<string, Kept>()
  /** Of all that is sealed, in characters. */
  length = 0

  get size(): number {
    return this.#kept.size
  }

  find(id: string): Kept | undefined {
    const kept = this.#kept.get(id)
    if (!kept || kept.endsAt > Date.now()) return kept
    this.delete(id)
    return undefined
  }

  set(id: string, kept: Kept): void {
    this.#kept.set(id, kept)
    this.length += kept.entry.sealed.length
  }

  delete(id: string): void {
    this.length -= this.#kept.get(id)?.entry.sealed.length ?? 0
    this.#kept.delete(id)
  }

  /** Of a shelf that is not empty. */
  oldest(): [id: string, kept: Kept] {
    return this.#kept.entries().next().value as [string, Kept]
  }

  sweep(): void {
    const now = Date.now()
    for (const [id, kept] of this.#kept) if (kept.endsAt <= now) this.delete(id)
  }
}
