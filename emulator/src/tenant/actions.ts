import { randomUUID } from 'node:crypto'
import type { ActionRequest, AnyState, TrackAttributes, TrackedAction, VerificationMethod } from '../types'
import type { TenantEvents } from './events'
import { frozen } from './frozen'
import { Forgotten, type Generation } from './generation'
import type { Verdict } from './rules'

export interface ActionId {
  readonly userId: string
  readonly actionCode: string
  readonly idempotencyKey: string
}

interface Verified {
  readonly verificationMethod?: VerificationMethod
  readonly userAuthenticatorId?: string
}

/** Asked before a challenge that its user passed counts as passed; false fails it. */
export type Gate = (passed: TrackedAction) => Promise<boolean>

/** The actions, each an immutable record that the next state replaces. */
export class Actions {
  readonly #actions = new Map<string, TrackedAction>()
  readonly #deciding = new Map<string, Promise<TrackedAction>>()
  readonly #atGate = new Map<string, Promise<void>>()
  #gate: Gate | undefined

  constructor(
    private readonly rules: { decide(request: ActionRequest): Promise<Verdict> },
    private readonly events: TenantEvents,
    private readonly generation: Generation,
  ) {}

  setGate(gate: Gate | undefined): void {
    this.#gate = gate
  }

  /** A known idempotency key is answered with its action as it is now, also while that is still being decided. */
  async track(userId: string, actionCode: string, attributes: TrackAttributes): Promise<TrackedAction> {
    const id = { userId, actionCode, idempotencyKey: attributes.idempotencyKey ?? randomUUID() }
    const key = keyOf(id)
    const isCurrent = this.generation.watch()
    const known = (await this.settled(id)) ?? this.#deciding.get(key)
    if (!isCurrent()) throw new Forgotten()
    if (known) return known
    const deciding = this.#decide(frozen({ ...id, attributes, createdAt: now() }))
    this.#deciding.set(key, deciding)
    try {
      return await deciding
    } finally {
      // After a reset the key is another action's.
      if (isCurrent()) this.#deciding.delete(key)
    }
  }

  async #decide(request: ActionRequest): Promise<TrackedAction> {
    const isCurrent = this.generation.watch()
    const { outcome, ruleIds } = await this.rules.decide(request)
    if (!isCurrent()) throw new Forgotten()
    const action = { ...request, state: outcome, stateUpdatedAt: now(), ruleIds }
    this.#store(action)
    return action
  }

  /** An action that no rule decides, such as one that a claimed challenge stands for. */
  record(id: ActionId, attributes: TrackAttributes, state: AnyState): TrackedAction {
    const known = this.get(id)
    if (known) return known
    const at = now()
    const action = { ...id, attributes, state, createdAt: at, stateUpdatedAt: at, ruleIds: [] }
    this.#store(action)
    return action
  }

  get(id: ActionId): TrackedAction | undefined {
    return this.#actions.get(keyOf(id))
  }

  setState(id: ActionId, state: AnyState, verified: Verified = {}): TrackedAction | undefined {
    const action = this.get(id)
    if (!action) return undefined
    const next = { ...action, state, stateUpdatedAt: now(), ...verifiedBy(verified) }
    // Without a method it is the app's own word, by update action, and nobody's to approve.
    if (this.#gate && state === 'CHALLENGE_SUCCEEDED' && verified.verificationMethod) return this.#askGate(action, next)
    this.#store(next, action)
    return next
  }

  #askGate(action: TrackedAction, passed: TrackedAction): TrackedAction {
    const key = keyOf(action)
    if (!this.#gate || this.#atGate.has(key)) return action
    const isCurrent = this.generation.watch()
    const asking = this.#gate(passed).then((approved) => {
      if (!isCurrent()) return
      this.#atGate.delete(key)
      const now = this.get(action)
      if (now) this.#store(approved ? passed : { ...now, state: 'CHALLENGE_FAILED' }, now)
    })
    this.#atGate.set(key, asking)
    return action
  }

  /** The action once nobody is being asked about it any more. */
  async settled(id: ActionId): Promise<TrackedAction | undefined> {
    await this.#atGate.get(keyOf(id))
    return this.get(id)
  }

  #store(action: TrackedAction, previous?: TrackedAction): void {
    this.#actions.set(keyOf(action), frozen(action))
    this.events.emit('action', action, previous)
  }

  /** The newest action with this key, if it awaits its user. */
  awaitingChallenge(idempotencyKey: string): TrackedAction {
    const action = this.all().findLast((candidate) => candidate.idempotencyKey === idempotencyKey)
    if (!action) throw new Error(`No action with the idempotency key '${idempotencyKey}' was tracked`)
    if (!awaitsUser(action.state)) {
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
    this.#atGate.clear()
  }
}

function verifiedBy({ verificationMethod, userAuthenticatorId }: Verified): Partial<TrackedAction> {
  return {
    ...(verificationMethod !== undefined && { verificationMethod }),
    ...(userAuthenticatorId !== undefined && { verifiedByAuthenticatorId: userAuthenticatorId }),
  }
}

/** Very old tenants say CHALLENGE_INITIATED where newer ones say CHALLENGE_REQUIRED. */
export function awaitsUser(state: AnyState): boolean {
  return state === 'CHALLENGE_REQUIRED' || state === 'CHALLENGE_INITIATED'
}

/** One string for the three parts, whatever characters they hold. */
export function keyOf({ userId, actionCode, idempotencyKey }: ActionId): string {
  return JSON.stringify([userId, actionCode, idempotencyKey])
}

function now(): string {
  return new Date().toISOString()
}
