import { misconfigured } from '../errors'
import type { Configuration } from '../configuration'
import type { GuardedRequest } from '../http'
import type { Asked, Guard } from './asked'

/* Of two guards of one action on a route the first spends the pass for the request, and the second would ask for ever. */

interface Spending {
  shared: Configuration
  actionCode: string
}

const spendings = new WeakMap<GuardedRequest, Spending[]>()

/** This guard has spent a pass for this very request. */
export function noteSpending({ shared }: Guard, { req, actionCode }: Asked): void {
  spendings.set(req, [...(spendings.get(req) ?? []), { shared, actionCode }])
}

/** Throws where an earlier guard of this action has spent the pass: what this one is about to answer would help nobody. */
export function requireOneGuard({ shared }: Guard, { req, actionCode }: Asked): void {
  const earlier = spendings.get(req)?.some((one) => one.shared === shared && one.actionCode === actionCode)
  if (!earlier) return
  throw misconfigured(
    `Two guards of the action "${actionCode}" are on this route, and the first has used up what the user confirmed: keep ` +
      'one of them, or give both maxAge.',
    { actionCode },
  )
}
