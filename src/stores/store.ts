/**
 * What a store keeps: plain JSON. Everything but the expiry and the nonce is sealed, so a dump of the store shows
 * nothing of a user or a request.
 */
export interface Entry {
  /** When the entry ends, in milliseconds since the epoch. */
  expiresAt: number
  /** Random, unique to the entry: `delete` takes away only the entry that has it. */
  nonce: string
  sealed: string
}

/**
 * Where challenges wait. Only `add` must be atomic, which every database can do (SET NX, INSERT … ON CONFLICT DO
 * NOTHING, a conditional put). An entry whose id begins with `spent:` must never be dropped before `ttlMs` is over.
 */
export interface ChallengeStore {
  /** The entry with that id, or undefined where there is none or its time is over. */
  get(id: string): Promise<Entry | undefined>
  /** Stores the entry for `ttlMs` milliseconds. False, and nothing changed, where the id stands already. */
  add(id: string, entry: Entry, ttlMs: number): Promise<boolean>
  /** Removes the entry with that id only if it has that nonce. */
  delete(id: string, nonce: string): Promise<void>
}

export function isEntry(value: unknown): value is Entry {
  const { expiresAt, nonce, sealed } = (value ?? {}) as Partial<Record<keyof Entry, unknown>>
  return typeof expiresAt === 'number' && typeof nonce === 'string' && typeof sealed === 'string'
}
