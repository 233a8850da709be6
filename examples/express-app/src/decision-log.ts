import { subscribe } from 'node:diagnostics_channel'
import type { DecisionEvent } from 'authsignal-express'

/** A line for each decision of any guard, for whoever follows the bank at a terminal. */
export function logDecisions(): void {
  subscribe('authsignal:decision', (message) => {
    console.log(lineOf(message as DecisionEvent))
  })
}

function lineOf({
  actionCode = '(no action)',
  outcome,
  state,
  code,
  verificationMethod,
  durationMs,
}: DecisionEvent): string {
  const why = [state, verificationMethod, code].filter(Boolean).join(', ')
  const time = new Date().toTimeString().slice(0, 8)
  return `  ${time}  ${actionCode.padEnd(15)} ${outcome.padEnd(11)} ${why} (${Math.round(durationMs)} ms)`
}
