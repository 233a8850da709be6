import { hashOf } from './canonical'
import type { SealedStore } from './sealed-store'

/** A passed challenge that answers later ones, under `maxAge`. What it is worth is asked of get-action at each use. */
export interface Window {
  idempotencyKey: string
}

/** Whose window it is. */
export interface WindowOwner {
  origin: string
  holder: string
  /** A key's windows are not the cookie's. */
  byKey: boolean
  userId: string
  actionCode: string
}

/** One window for each browser, user and action. */
export class Windows {
  readonly #store: SealedStore
  #ttlMs = 0

  constructor(store: SealedStore) {
    this.#store = store
  }

  /** A guard decides by its own `maxAge`, so a window is kept for the longest of any. */
  keepFor(maxAgeMs: number): void {
    this.#ttlMs = Math.max(this.#ttlMs, maxAgeMs)
  }

  async find(owner: WindowOwner): Promise<Window | undefined> {
    return (await this.#store.get<Window>(windowEntry(owner)))?.value
  }

  /** Takes the place of an older window. */
  async open(owner: WindowOwner, window: Window): Promise<void> {
    const id = windowEntry(owner)
    const older = await this.#store.get<Window>(id)
    if (older) await this.#store.delete(id, older.nonce)
    await this.#store.add(id, window, this.#ttlMs)
  }
}

function windowEntry({ origin, holder, byKey, userId, actionCode }: WindowOwner): string {
  return `window:${hashOf([origin, holder, byKey, userId, actionCode])}`
}
