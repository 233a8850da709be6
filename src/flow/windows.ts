import { hashOf } from './canonical'
import type { SealedStore } from './sealed-store'

/** A passed challenge that answers later ones, under `maxAge`. What it is worth is asked of get-action at each use. */
export interface Window {
  idempotencyKey: string
}

/** Whose window it is. */
export interface WindowOwner {
  holder: string
  userId: string
  actionCode: string
}

/** One window for each browser, user and action. */
export class Windows {
  readonly #store: SealedStore

  constructor(store: SealedStore) {
    this.#store = store
  }

  async find(owner: WindowOwner): Promise<Window | undefined> {
    return (await this.#store.get<Window>(windowEntry(owner)))?.value
  }

  /** Takes the place of an older window. */
  async open(owner: WindowOwner, window: Window, ttlMs: number): Promise<void> {
    const id = windowEntry(owner)
    const older = await this.#store.get<Window>(id)
    if (older) await this.#store.delete(id, older.nonce)
    await this.#store.add(id, window, ttlMs)
  }
}

function windowEntry({ holder, userId, actionCode }: WindowOwner): string {
  return `window:${hashOf([holder, userId, actionCode])}`
}
