import { AuthsignalError } from '../errors'
import type { DecisionEvent, GuardOptions } from '../options'
import { markActiveSpan } from '../telemetry/active-span'
import { publishDecision } from '../telemetry/decision-channel'
import { logDecision } from '../telemetry/log'

/** Tells whoever listens of a decision. Nothing that they do with it can break the request. */
export function report(onDecision: GuardOptions['onDecision'], event: DecisionEvent): void {
  for (const tell of [logDecision, markActiveSpan, publishDecision, onDecision]) harmlessly(tell, event)
}

function harmlessly(tell: GuardOptions['onDecision'], event: DecisionEvent): void {
  try {
    const told = tell?.(event)
    if (told !== undefined) Promise.resolve(told).catch(() => undefined)
  } catch {
    // Dropped, as documented.
  }
}

/** What an error tells of a decision on that action: nothing of the user or the request. */
export function eventOfError(
  error: unknown,
  actionCode: string | undefined,
): Pick<DecisionEvent, 'actionCode' | 'idempotencyKey' | 'code'> {
  if (!(error instanceof AuthsignalError)) return { actionCode, idempotencyKey: undefined }
  const { idempotencyKey, code } = error
  return { actionCode: error.actionCode ?? actionCode, idempotencyKey, code }
}
