import type { Attributes, trace } from '@opentelemetry/api'
import type { DecisionEvent } from '../options'

type Tracing = Pick<typeof trace, 'getActiveSpan'>

/** Writes the decision on the span that the request is in, where the app traces with OpenTelemetry. */
export function markActiveSpan(event: DecisionEvent): void {
  const span = openTelemetry()?.getActiveSpan()
  if (span?.isRecording()) span.setAttributes(attributesOf(event))
}

let sought = false
let tracing: Tracing | undefined

/** It is no dependency: the app has it or not, and it is looked for at the first decision, not at the import. */
function openTelemetry(): Tracing | undefined {
  if (sought) return tracing
  sought = true
  try {
    // A plain require in a try: bundlers take it for optional then.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    tracing = (require('@opentelemetry/api') as { trace: Tracing }).trace
  } catch {
    // Not installed.
  }
  return tracing
}

/** Attributes that are undefined are left out by `setAttributes`. */
function attributesOf(event: DecisionEvent): Attributes {
  return {
    'authsignal.action_code': event.actionCode,
    'authsignal.idempotency_key': event.idempotencyKey,
    'authsignal.state': event.state,
    'authsignal.outcome': event.outcome,
    'authsignal.challenged': event.challenged,
    'authsignal.verification_method': event.verificationMethod,
    'authsignal.rule_ids': event.ruleIds,
    'authsignal.degraded': event.degraded,
    'authsignal.error_code': event.code,
  }
}
