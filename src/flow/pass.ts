import type { GetActionResponse } from '../client/types'
import type { GuardConfiguration } from '../configuration'

/** What makes a passed challenge good for other requests as well: the guard's own, under `maxAge`. */
export interface WindowRule {
  maxAgeMs: number
  verificationMethods: readonly string[] | undefined
}

/** None without `maxAge`: each of the guard's challenges is good for one request. */
export function windowRuleOf({ maxAgeMs, verificationMethods }: GuardConfiguration): WindowRule | undefined {
  return maxAgeMs === undefined ? undefined : { maxAgeMs, verificationMethods }
}

/** Whether what get-action tells of a challenge opens a window by that rule, or keeps one open. */
export function isPass({ state, stateUpdatedAt, verificationMethod }: GetActionResponse, rule: WindowRule): boolean {
  return (
    state === 'CHALLENGE_SUCCEEDED' &&
    isYoung(stateUpdatedAt, rule.maxAgeMs) &&
    methodCounts(verificationMethod, rule.verificationMethods)
  )
}

export function methodCounts(method: string | undefined, counting: readonly string[] | undefined): boolean {
  return counting === undefined || (method !== undefined && counting.includes(method))
}

export function isTime(text: unknown): text is string {
  return typeof text === 'string' && !Number.isNaN(Date.parse(text))
}

export function isYoung(stateUpdatedAt: string | undefined, maxAgeMs: number): boolean {
  return isTime(stateUpdatedAt) && Date.now() - Date.parse(stateUpdatedAt) <= maxAgeMs
}
