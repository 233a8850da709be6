import { performance, type EventLoopUtilization } from 'node:perf_hooks'
import { AuthsignalError, isOutage, OWN_DELAY } from '../errors'

/**
 * The error of a question since `since`; in place of a timeout one that is no outage, where this process was busy since then,
 * or `waited` before it asked. Whoever can keep us busy must be able to open neither a guard that fails open nor the breaker.
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
    new Error("The time was lost in this process: it was busy, or waited for an address or for the breaker's probe."),
    { code: OWN_DELAY },
  )
  return new AuthsignalError(
    'ERR_AUTHSIGNAL_UNAVAILABLE',
    "This process was too busy to read Authsignal's answer in time.",
    { attempts, cause },
  )
}
