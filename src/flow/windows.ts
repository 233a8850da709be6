import { hashOf } from './canonical'
import type { Question } from './challenges'
import type { SealedStore } from './sealed-store'

/** A passed challenge that answers later ones, under `maxAge`. What it is worth is asked of get-action at each use. */
export interface Window {
  idempotencyKey: string
}

/** One window for each browser, user and action. */
export class Windows {
  readonly #store: SealedStore

  constructor(store: SealedStore) {
    this.#store = store
  }

  async find(question: Question): Promise<Window | undefined> {
    return (await this.#store.get<Window>(windowEntry(question)))?.value
  }

  /** Takes the place of an older window. */
  async open(question: Question, window: Window, ttlMs: number): Promise<void> {
    const id = windowEntry(question)
    const older = await this.#store.get<Window>(id)
    if (older) await this.#store.delete(id, older.nonce)
    await this.#store.add(id, window, ttlMs)
  }
}

function windowEntry({ holder, userId, actionCode }: Question): string {
  return `window:${hashOf([holder, userId, actionCode])}`
}
