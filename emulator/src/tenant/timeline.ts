import type { TrackedAction } from '../types'
import { type ActionId, keyOf } from './actions'
import type { TenantEvents } from './events'

export interface Moment {
  readonly at: Date
  readonly text: string
}

/** What became of each action, in the words of the dashboard. */
export class Timeline {
  readonly #moments = new Map<string, Moment[]>()

  constructor(events: TenantEvents) {
    events.on('action', (action, previous) => {
      this.note(action, previous ? changeOf(action) : decisionOf(action))
    })
    events.on('codeSent', (message) => {
      this.note(message, `Code sent to ${message.to}; it is in the outbox`)
    })
  }

  note(id: ActionId, text: string): void {
    const moments = this.#moments.get(keyOf(id)) ?? []
    this.#moments.set(keyOf(id), [...moments, { at: new Date(), text }])
  }

  of(id: ActionId): readonly Moment[] {
    return this.#moments.get(keyOf(id)) ?? []
  }

  clear(): void {
    this.#moments.clear()
  }
}

function decisionOf({ state, ruleIds }: TrackedAction): string {
  return ruleIds.length > 0 ? `Tracked: ${state} by ${ruleIds.join(', ')}` : `Tracked: ${state} by default`
}

function changeOf({ state, verificationMethod }: TrackedAction): string {
  return state === 'CHALLENGE_SUCCEEDED' && verificationMethod ? `${state} by ${verificationMethod}` : state
}
