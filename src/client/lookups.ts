import { lookup, type LookupOptions } from 'node:dns'

// What is answered is handed on, whatever it is; undici and axios each have types of their own for it.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Done = (...answer: any[]) => void

/** A quicker look-up says nothing of the threads that it waits for. */
const SLOW_MS = 10
/** No question lasts longer. */
const REMEMBERED_MS = 60_000

interface Slow {
  began: number
  ended: number
}

/**
 * `dns.lookup`, and for how long it kept connections waiting. It runs on a few threads that the whole app shares, and
 * whoever keeps those busy, by passwords to hash or by names that are never resolved, holds up each new connection to
 * Authsignal: that is no outage, though its answer does not come in time.
 */
export class Lookups {
  readonly #pending = new Map<string, { began: number; waiting: Done[] }>()
  #slow: Slow[] = []

  readonly lookup = (hostname: string, options: LookupOptions, done: Done): void => {
    // One at a time for a name: a resolver that is silent must not fill the threads that the app needs.
    const { family, hints, all, order, verbatim } = options
    const key = JSON.stringify([hostname, family, hints, all, order, verbatim])
    const same = this.#pending.get(key)
    if (same) {
      same.waiting.push(done)
      return
    }
    const asked = { began: performance.now(), waiting: [done] }
    this.#pending.set(key, asked)
    lookup(hostname, options, (...answer) => {
      this.#pending.delete(key)
      this.#remember({ began: asked.began, ended: performance.now() })
      for (const one of asked.waiting) one(...answer)
    })
  }

  /** The longest that a connection has waited for its address since then, in milliseconds. */
  waitedSince(since: number): number {
    const now = performance.now()
    const all = [...this.#slow, ...Array.from(this.#pending.values(), ({ began }) => ({ began, ended: now }))]
    return Math.max(0, ...all.map(({ began, ended }) => ended - Math.max(began, since)))
  }

  #remember(done: Slow): void {
    if (done.ended - done.began < SLOW_MS) return
    this.#slow = [...this.#slow.filter(({ ended }) => ended > done.ended - REMEMBERED_MS), done]
  }
}
