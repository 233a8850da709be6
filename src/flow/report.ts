import { AuthsignalError } from '../errors'
import type { DecisionEvent, GuardOptions } from '../options'

/** Tells the app of a decision. Nothing that the app does with it can break the request. */
export function report(onDecision: GuardOptions['onDecision'], event: DecisionEvent): void {
  if (!onDecision) return
  try {
    Promise.resolve(onDecision(event)).catch(() => undefined)
  } catch {
    // Dropped, as documented.
  }
}

/** What an error tells of a decision: nothing of the user or the request. */
export function eventOfError(error: unknown): Pick<DecisionEvent, 'actionCode' | 'idempotencyKey' | 'code'> {
  if (!(error instanceof AuthsignalError)) return { actionCode: undefined, idempotencyKey: undefined }
  const { actionCode, idempotencyKey, code } = error
  return { actionCode, idempotencyKey, code }
}
