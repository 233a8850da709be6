import { misconfigured } from '../errors'
import type { Asked, Guard } from './asked'

/** Throws where an earlier guard of this action has used the pass up: this one could never be passed. */
export function requireOneGuard({ options }: Guard, { req, actionCode }: Asked): void {
  if (options.maxAgeMs !== undefined || req.authsignal?.actionCode !== actionCode || !req.authsignal.challenged) return
  throw misconfigured(
    `Two guards of the action "${actionCode}" are on this route. The first has used the user's pass, so the second could ` +
      'never be passed: keep one of them, or give both maxAge.',
    { actionCode },
  )
}
