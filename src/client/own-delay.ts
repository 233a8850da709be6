import { performance, type EventLoopUtilization } from 'node:perf_hooks'
import { AuthsignalError, isOutage, OWN_DELAY } from '../errors'

/**
 * The error of a question since `since`, or, where that looks like an outage and is none, one that says so: a process
 * that was kept busy reads no answer in time, or `waited` before it asked, and whoever can keep it busy must open neither a
 * guard nor the breaker so.
 */
export function orOwnDelay(error: AuthsignalError, since: EventLoopUtilization, waited = false): AuthsignalError {
  const { apiStatus, attempts, cause } = error
  // The breaker answers before anything is asked, and nothing can be late then.
  const timedOut = isOutage(error) && apiStatus === undefined && cause === undefined && attempts !== 0
  const late = timedOut && (waited || performance.eventLoopUtilization(since).utilization > 0.5)
  return late ? ownDelay(attempts) : error
}

/** Unavailable as others, and no outage. */
function ownDelay(attempts: number | undefined): AuthsignalError {
  const cause = Object.assign(
    new Error('The time went by in this process: it was busy, or waited for an address or a probe.'),
    { code: OWN_DELAY },
  )
  return new AuthsignalError('ERR_AUTHSIGNAL_UNAVAILABLE', 'Authsignal was not heard in time.', { attempts, cause })
}
