import type { WebhookEvent } from '../client/webhook-types'
import { hashOf } from './canonical'
import type { SealedStore } from './sealed-store'

/** Authsignal sends an event again within minutes; a batch of a log perhaps within hours. */
const KEPT_FOR_MS = 24 * 60 * 60_000

/** The events that were dealt with, for a day. */
export class SeenEvents {
  readonly #store: SealedStore

  constructor(store: SealedStore) {
    this.#store = store
  }

  async has(event: WebhookEvent): Promise<boolean> {
    return (await this.#store.get(entryOf(event))) !== undefined
  }

  async add(event: WebhookEvent): Promise<void> {
    await this.#store.add(entryOf(event), {}, KEPT_FOR_MS)
  }
}

/** By type as well: each part of a log's batch has a handler of its own. */
function entryOf({ tenantId, id, type }: WebhookEvent): string {
  return `event:${hashOf([tenantId, id, type])}`
}
