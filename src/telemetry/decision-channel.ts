import { channel } from 'node:diagnostics_channel'
import type { DecisionEvent } from '../options'

const decisions = channel('authsignal:decision')

/** For whoever subscribes to `authsignal:decision`, in whatever module of the process. */
export function publishDecision(event: DecisionEvent): void {
  if (decisions.hasSubscribers) decisions.publish(event)
}
