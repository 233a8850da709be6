import type { Configuration } from './configuration'
import { giveHolder, readClaims } from './flow/browser'
import { forgetVisits } from './flow/visits'
import type { GuardedRequest, GuardedResponse } from './http'

/** For log-out: see `Authsignal`. */
export type Forget = (req: GuardedRequest, res: GuardedResponse) => Promise<void>

export function makeForget({ baseUrls, challenges }: Configuration): Forget {
  return async function authsignalForget(req, res) {
    const base = baseUrls(req)
    const claims = readClaims(req, base.secure)
    giveHolder(res, base.secure)
    forgetVisits(res, base)
    if (claims !== undefined) await challenges.forget(claims)
  }
}
