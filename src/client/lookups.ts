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
  readonly #pending = new Set<{ began: number }>()
  #slow: Slow[] = []

  readonly lookup = (hostname: string, options: LookupOptions, done: Done): void => {
    const asked = { began: performance.now() }
    this.#pending.add(asked)
    lookup(hostname, options, (...answer) => {
      this.#pending.delete(asked)
      this.#remember({ ...asked, ended: performance.now() })
      done(...answer)
    })
  }

  /** The longest that a connection has waited for its address since then, in milliseconds. */
  waitedSince(since: number): number {
    const now = performance.now()
    const all = [...this.#slow, ...Array.from(this.#pending, ({ began }) => ({ began, ended: now }))]
    return Math.max(0, ...all.map(({ began, ended }) => ended - Math.max(began, since)))
  }

  #remember(done: Slow): void {
    if (done.ended - done.began < SLOW_MS) return
    this.#slow = [...this.#slow.filter(({ ended }) => ended > done.ended - REMEMBERED_MS), done]
  }
}
