import { awaitsUser } from '../tenant/actions'
import type { Tenant } from '../tenant/tenant'
import type { TrackedAction } from '../types'

export interface Problem {
  readonly status: number
  readonly title: string
  readonly text: string
  /** The action it was about, where the way back to the app is known. */
  readonly action?: TrackedAction
  /** The action of a link that has expired: good for the way back, and for nothing else. */
  readonly expired?: TrackedAction | undefined
}

export type Reading =
  | { readonly action: TrackedAction; readonly problem?: undefined }
  | { readonly problem: Problem; readonly action?: undefined }

/** The action a challenge link is for, if its user can still be challenged. */
export function readChallenge(tenant: Tenant, token: unknown): Reading {
  const reading = tenant.tokens.read(token)
  if (reading.error) {
    const expired = reading.expired && tenant.actions.get(reading.expired)
    return { problem: { ...tokenProblems[reading.error], expired } }
  }
  const action = tenant.actions.get(reading.action)
  if (!action) return { problem: unknownAction }
  if (awaitsUser(action.state)) return { action }
  return { problem: { ...(finished[action.state] ?? nothingToApprove), action } }
}

const goBack = 'Go back to the app and start again.'

const tokenProblems: Record<'expired' | 'invalid', Problem> = {
  expired: { status: 410, title: 'This link has expired', text: goBack },
  invalid: { status: 400, title: 'This link is not valid', text: goBack },
}

const unknownAction: Problem = {
  status: 404,
  title: 'There is no such challenge',
  text: `The emulator was probably restarted or reset. ${goBack}`,
}

const nothingToApprove: Problem = {
  status: 409,
  title: 'There is nothing to approve',
  text: 'This action needs no challenge.',
}

const finished: Partial<Record<string, Problem>> = {
  CHALLENGE_SUCCEEDED: { status: 409, title: 'This is approved already', text: 'A challenge can be passed only once.' },
  CHALLENGE_FAILED: { status: 409, title: 'This challenge has failed', text: goBack },
}
