import { performance, type EventLoopUtilization } from 'node:perf_hooks'
import type { AuthsignalError } from '../errors'

/**
 * Whether an outage that a question since `since` met is none: a process that was kept busy reads no answer in time, and
 * whoever can keep it busy must open neither a guard nor the breaker so.
 */
export function isOurOwnDelay({ apiStatus, attempts, cause }: AuthsignalError, since: EventLoopUtilization): boolean {
  // The breaker answers before anything is asked, and nothing can be late then.
  const timedOut = apiStatus === undefined && cause === undefined && attempts !== 0
  return timedOut && performance.eventLoopUtilization(since).utilization > 0.5
}
