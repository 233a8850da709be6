import type { ActionState } from '../client/types'

const STATES: Record<ActionState, true> = {
  ALLOW: true,
  BLOCK: true,
  CHALLENGE_REQUIRED: true,
  CHALLENGE_SUCCEEDED: true,
  CHALLENGE_FAILED: true,
  REVIEW_REQUIRED: true,
  REVIEW_SUCCEEDED: true,
  REVIEW_FAILED: true,
}

export function isKnownState(state: string): state is ActionState {
  return Object.hasOwn(STATES, state)
}
