import { randomBytes } from 'node:crypto'
import { AuthsignalError, misconfigured, typeInWords, withoutUndefined } from '../errors'
import { MemoryStore } from '../stores/memory-store'
import { isEntry, type ChallengeStore } from '../stores/store'
import { logStoreFailure } from '../telemetry/log'
import { within } from './deadline'
import type { Seal } from './seal'

/** A store that says nothing for so long has failed. */
const STORE_TIMEOUT_MS = 5_000

/** An entry that was found. `value` is undefined where it can't be unsealed any more. */
export interface Found<Value> {
  value: Value | undefined
  nonce: string
  expiresAt: number
}

/**
 * A store whose values are sealed, and whose failures are outages: `ERR_AUTHSIGNAL_UNAVAILABLE`, but for the
 * `ERR_AUTHSIGNAL_MISCONFIGURED` of a store that says how it must be set up.
 */
export class SealedStore {
  readonly #store: ChallengeStore
  /** A store in this process answers at once: a timer for each look-up would cost more than the look-up. */
  readonly #inProcess: boolean
  readonly seal: Seal

  constructor(store: ChallengeStore, seal: Seal) {
    this.#store = store
    this.#inProcess = Object.getPrototypeOf(store) === MemoryStore.prototype
    this.seal = seal
  }

  async get<Value>(id: string): Promise<Found<Value> | undefined> {
    const entry: unknown = await this.#available('get', id, () => this.#store.get(id))
    if (entry === undefined || entry === null) return undefined
    if (!isEntry(entry)) throw misused(`get(id) gave ${entryInWords(entry)}`, 'the entry as it was added, or undefined')
    if (entry.expiresAt <= Date.now()) return undefined
    return {
      value: this.seal.open(id, entry.sealed) as Value | undefined,
      nonce: entry.nonce,
      expiresAt: entry.expiresAt,
    }
  }

  /** False where the id stands already. */
  async add(id: string, value: unknown, ttlMs: number, nonce: string = newNonce()): Promise<boolean> {
    const entry = { expiresAt: Date.now() + ttlMs, nonce, sealed: this.seal.close(id, value) }
    const added: unknown = await this.#available('add', id, () => this.#store.add(id, entry, ttlMs))
    if (added === true) return true
    // Whatever else a database tells of an addition, it does not say that this one was the first.
    if (added !== false) throw misused(`add(id, entry, ttlMs) gave ${typeInWords(added)}`, 'true or false')
    // A client that lost its connection sends again, and finds its own entry.
    return (await this.get(id))?.nonce === nonce
  }

  async delete(id: string, nonce: string): Promise<void> {
    await this.#available('delete', id, () => this.#store.delete(id, nonce))
  }

  async #available<Value>(operation: keyof ChallengeStore, id: string, call: () => Promise<Value>): Promise<Value> {
    try {
      return this.#inProcess ? await call() : await within(STORE_TIMEOUT_MS, call, tooLate)
    } catch (cause) {
      logStoreFailure(operation, id, cause)
      // A mistake in how the store is set up is no outage: waiting would not cure it.
      if (cause instanceof AuthsignalError && cause.code === 'ERR_AUTHSIGNAL_MISCONFIGURED') throw cause
      throw new AuthsignalError('ERR_AUTHSIGNAL_UNAVAILABLE', 'The challenge store failed.', { cause: bare(cause) })
    }
  }
}

/** What is wrong with it, and nothing of what it holds. */
function entryInWords(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return typeInWords(value)
  const { expiresAt, nonce, sealed } = value as Record<string, unknown>
  return `{ expiresAt: ${typeInWords(expiresAt)}, nonce: ${typeInWords(nonce)}, sealed: ${typeInWords(sealed)} }`
}

function misused(what: string, cure: string): AuthsignalError {
  return misconfigured(`The store's ${what}; give ${cure}.`)
}

/** A database's client hangs on its error what it sent, and how it connected: a password, say. Its words and place stay. */
function bare(cause: unknown): unknown {
  if (!(cause instanceof Error)) return undefined
  const { name, message, stack, code } = cause as Error & { code?: unknown }
  return Object.assign(new Error(message), withoutUndefined({ name, stack, code }))
}

export function newNonce(): string {
  return randomBytes(16).toString('base64url')
}

function tooLate(): Error {
  return Object.assign(new Error('It did not answer in time.'), { code: 'ETIMEDOUT' })
}
