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
  /** For how long a window is kept at least, in milliseconds. */
  keptForMs = 0

  constructor(store: SealedStore) {
    this.#store = store
  }

  /** A guard decides by its own `maxAge`, so a window is kept for the longest of any. */
  keepFor(maxAgeMs: number): void {
    this.keptForMs = Math.max(this.keptForMs, maxAgeMs)
  }

  async find(owner: WindowOwner): Promise<Window | undefined> {
    return (await this.#store.get<Window>(windowEntry(owner)))?.value
  }

  /** Takes the place of an older window. A process that has no guard opens some too: its callback, for another's. */
  async open(owner: WindowOwner, window: Window, atLeastMs = 0): Promise<void> {
    const id = windowEntry(owner)
    const older = await this.#store.get<Window>(id)
    if (older) await this.#store.delete(id, older.nonce)
    await this.#store.add(id, window, Math.max(this.keptForMs, atLeastMs))
  }
}

function windowEntry({ origin, holder, byKey, userId, actionCode }: WindowOwner): string {
  return `window:${hashOf([origin, holder, byKey, userId, actionCode])}`
}
