import { performance, type EventLoopUtilization } from 'node:perf_hooks'
import { AuthsignalError, OWN_DELAY } from '../errors'

/**
 * Whether an outage that a question since `since` met is none: a process that was kept busy reads no answer in time, or
 * waits for an address, and whoever can keep it busy must open neither a guard nor the breaker so.
 */
export function isOurOwnDelay(
  { apiStatus, attempts, cause }: AuthsignalError,
  since: EventLoopUtilization,
  waitedForAddress = false,
): boolean {
  // The breaker answers before anything is asked, and nothing can be late then.
  const timedOut = apiStatus === undefined && cause === undefined && attempts !== 0
  return timedOut && (waitedForAddress || performance.eventLoopUtilization(since).utilization > 0.5)
}

/** The error that says so: unavailable as others, and no outage. */
export function ownDelay({ attempts }: AuthsignalError): AuthsignalError {
  const cause = Object.assign(new Error('This process was too busy to read an answer in time.'), { code: OWN_DELAY })
  return new AuthsignalError('ERR_AUTHSIGNAL_UNAVAILABLE', 'Authsignal was not heard in time.', { attempts, cause })
}
