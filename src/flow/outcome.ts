import type { TrackResponse } from '../client/types'
import type { StepUp } from '../http'
import type { Decision, DecisionEvent } from '../options'
import type { Asked } from './asked'
import type { Challenge } from './challenges'
import type { Passed } from './grant'

type EventParts = Omit<DecisionEvent, 'durationMs'>

/** How a request leaves the guard, and how that is reported. Only 'passed' goes on to the next handler. */
export type Outcome = { event: EventParts } & (
  { kind: 'passed'; stepUp: StepUp } | { kind: 'challenged'; challenge: Challenge } | Refused
)

export interface Refused {
  kind: 'refused'
  code:
    | 'ERR_AUTHSIGNAL_BLOCKED'
    | 'ERR_AUTHSIGNAL_REVIEW_REQUIRED'
    | 'ERR_AUTHSIGNAL_NOT_ENROLLED'
    | 'ERR_AUTHSIGNAL_CROSS_SITE'
  decision: Decision
}

export function passed(stepUp: StepUp) {
  const event: EventParts = Object.assign({ outcome: 'passed' as const }, stepUp)
  return { kind: 'passed' as const, stepUp, event }
}

export function allowed({ actionCode }: Asked, { state, idempotencyKey, ruleIds }: TrackResponse) {
  return passed({ actionCode, state, idempotencyKey, challenged: false, ruleIds })
}

/** A challenge passed under `maxAge` counts for this action, whose own key the handler gets. */
export function covered({ actionCode }: Asked, { idempotencyKey, ruleIds }: TrackResponse, pass: Passed): Outcome {
  return passed({ actionCode, state: 'CHALLENGE_SUCCEEDED', idempotencyKey, challenged: true, ruleIds, ...pass })
}

export function degraded({ actionCode }: Asked, idempotencyKey: string): Outcome {
  return passed({ actionCode, state: 'UNKNOWN', idempotencyKey, challenged: false, degraded: true })
}

export function challenged(challenge: Challenge): Outcome {
  const { actionCode, id: idempotencyKey, ruleIds } = challenge
  return {
    kind: 'challenged',
    challenge,
    event: { actionCode, state: 'CHALLENGE_REQUIRED', idempotencyKey, ruleIds, outcome: 'challenged' },
  }
}

export function refused(asked: Asked, answer: TrackResponse, code: Refused['code']): Outcome {
  const { state, idempotencyKey, ruleIds } = answer
  const decision = { actionCode: asked.actionCode, state, idempotencyKey, ruleIds }
  return { kind: 'refused', code, decision, event: { ...decision, outcome: 'refused', code } }
}
