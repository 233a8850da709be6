import { randomUUID } from 'node:crypto'
import type { ActionRequest, AnyState, TrackAttributes, TrackedAction, VerificationMethod } from '../types'
import type { Rules } from './rules'

export interface ActionId {
  readonly userId: string
  readonly actionCode: string
  readonly idempotencyKey: string
}

interface Verified {
  readonly verificationMethod?: VerificationMethod
  readonly userAuthenticatorId?: string
}

/** The actions, each an immutable record that the next state replaces. */
export class Actions {
  readonly #actions = new Map<string, TrackedAction>()
  readonly #deciding = new Map<string, Promise<TrackedAction>>()

  constructor(private readonly rules: Pick<Rules, 'decide'>) {}

  /** A known idempotency key is answered with its action as it is now, also while that is still being decided. */
  async track(userId: string, actionCode: string, attributes: TrackAttributes): Promise<TrackedAction> {
    const id = { userId, actionCode, idempotencyKey: attributes.idempotencyKey ?? randomUUID() }
    const key = keyOf(id)
    const known = this.#actions.get(key) ?? this.#deciding.get(key)
    if (known) return known
    const deciding = this.#decide({ ...id, attributes, createdAt: now() })
    this.#deciding.set(key, deciding)
    try {
      return await deciding
    } finally {
      this.#deciding.delete(key)
    }
  }

  async #decide(request: ActionRequest): Promise<TrackedAction> {
    const { outcome, ruleIds } = await this.rules.decide(request)
    const action = { ...request, state: outcome, stateUpdatedAt: now(), ruleIds }
    this.#actions.set(keyOf(action), action)
    return action
  }

  get(id: ActionId): TrackedAction | undefined {
    return this.#actions.get(keyOf(id))
  }

  setState(id: ActionId, state: AnyState, verified: Verified = {}): TrackedAction | undefined {
    const action = this.get(id)
    if (!action) return undefined
    const next = { ...action, state, stateUpdatedAt: now(), ...verifiedBy(verified) }
    this.#actions.set(keyOf(id), next)
    return next
  }

  /** The newest action with this key, where a user could still be challenged for it. */
  awaitingChallenge(idempotencyKey: string): TrackedAction {
    const action = this.all().findLast((candidate) => candidate.idempotencyKey === idempotencyKey)
    if (!action) throw new Error(`No action with the idempotency key '${idempotencyKey}' was tracked`)
    if (/^(BLOCK|REVIEW_)/.test(action.state)) {
      throw new Error(`The action '${action.actionCode}' is ${action.state}: no challenge awaits its user`)
    }
    return action
  }

  all(): TrackedAction[] {
    return [...this.#actions.values()]
  }

  clear(): void {
    this.#actions.clear()
    this.#deciding.clear()
  }
}

function verifiedBy({ verificationMethod, userAuthenticatorId }: Verified): Partial<TrackedAction> {
  return {
    ...(verificationMethod !== undefined && { verificationMethod }),
    ...(userAuthenticatorId !== undefined && { verifiedByAuthenticatorId: userAuthenticatorId }),
  }
}

/** One string for the three parts, whatever characters they hold. */
export function keyOf({ userId, actionCode, idempotencyKey }: ActionId): string {
  return JSON.stringify([userId, actionCode, idempotencyKey])
}

function now(): string {
  return new Date().toISOString()
}
