import { type Problem, readChallenge } from '../challenge/read-challenge'
import type { Tenant } from '../tenant/tenant'
import type { TrackedAction } from '../types'

export interface AccountVisit {
  readonly userId: string
  /** Why the user may set up authenticators here; in a challenge the first one passes it. */
  readonly purpose: 'settings' | 'enrolment' | 'challenge'
  readonly action?: TrackedAction
  readonly redirectUrl: string | undefined
}

export type Reading =
  | { readonly visit: AccountVisit; readonly problem?: undefined }
  | { readonly problem: Problem; readonly visit?: undefined }

/** Whose authenticators a link is about, if it may still be used to change them. */
export function readAccountVisit(tenant: Tenant, token: string): Reading {
  const settings = tenant.settingsTokens.read(token)
  if (settings) return { visit: { ...settings, purpose: 'settings' } }
  const { action, problem } = readChallenge(tenant, token)
  if (action) {
    const enrolled = tenant.users.isEnrolled(action.userId)
    return enrolled ? { problem: { ...challengeFirst, action } } : { visit: visitFor(action, 'challenge') }
  }
  if (problem.action && leadsToSettings(problem.action)) return { visit: visitFor(problem.action, 'settings') }
  if (problem.action && leadsToEnrolment(tenant, problem.action))
    return { visit: visitFor(problem.action, 'enrolment') }
  return { problem }
}

/** A challenge that is required comes first. */
export function leadsToSettings({ state, attributes }: TrackedAction): boolean {
  return attributes.redirectToSettings === true && (state === 'ALLOW' || state === 'CHALLENGE_SUCCEEDED')
}

export function leadsToEnrolment(tenant: Tenant, { state, userId }: TrackedAction): boolean {
  return state === 'ALLOW' && !tenant.users.isEnrolled(userId)
}

function visitFor(action: TrackedAction, purpose: AccountVisit['purpose']): AccountVisit {
  return { userId: action.userId, purpose, action, redirectUrl: action.attributes.redirectUrl }
}

const challengeFirst: Problem = {
  status: 403,
  title: 'Confirm that it is you first',
  text: 'Go back to the app and start again.',
}
