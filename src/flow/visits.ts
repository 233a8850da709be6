import type { GuardedRequest, GuardedResponse } from '../http'
import { home, pathOnOrigin, type BaseUrl, type Exchange } from './base-url'
import { cookiesOf, setCookie } from './cookies'
import type { ReturnTo } from './return-to'

/* A visit to the self-service page grants nothing, so where it comes back to needs no store: a cookie of the browser
   keeps it. It has no end of its own, since nobody can tell how long a user sets up authenticators. */

/** So many visits may be under way in one browser, each in a tab of its own. */
const MOST_VISITS = 3
/** A path that takes more in the cookie is not kept: it is sent with every request. */
const LONGEST_PATH = 500
/** A path holds no blanks, which part the visits. */
const VISIT = /^([0-9a-f-]{36}),(redirect|page),(\/.*)$/

type Back = ReturnTo & { how: 'redirect' | 'page' }

interface Visit {
  id: string
  back: Back
}

export function beginVisit({ req, res, base }: Exchange, id: string, back: Back): void {
  const path = encodeURIComponent(back.path).length > LONGEST_PATH ? home(base) : back.path
  keep(res, base, [{ id, back: { ...back, path } }, ...visitsOf(req, base)].slice(0, MOST_VISITS))
}

/** Where the visit goes back to; undefined where this browser has begun none with that id. */
export function endVisit({ req, res, base }: Exchange, id: string): Back | undefined {
  const visits = visitsOf(req, base)
  const visit = visits.find((one) => one.id === id)
  if (!visit) return undefined
  const others = visits.filter((one) => one !== visit)
  keep(res, base, others)
  // A cookie is a claim too: another host of the site may have set it over http.
  return { how: visit.back.how, path: pathOnOrigin(visit.back.path, base) ?? home(base) }
}

/** A visit of the user before comes back to nothing. */
export function forgetVisits(res: GuardedResponse, base: BaseUrl): void {
  keep(res, base, [])
}

function visitsOf(req: GuardedRequest, base: BaseUrl): Visit[] {
  const text = cookiesOf(req)[cookieName(base)]
  if (typeof text !== 'string') return []
  return text
    .split(' ', MOST_VISITS)
    .map((visit) => VISIT.exec(visit))
    .filter((found) => found !== null)
    .map(([, id = '', how, path = '']) => ({ id, back: { how: how as Back['how'], path } }))
}

function keep(res: GuardedResponse, base: BaseUrl, visits: Visit[]): void {
  const text = visits.map(({ id, back }) => `${id},${back.how},${back.path}`).join(' ')
  setCookie(res, cookieName(base), text, { secure: base.secure, ...(visits.length === 0 && { maxAge: 0 }) })
}

function cookieName({ secure }: BaseUrl): string {
  return secure ? '__Host-authsignal-visits' : 'authsignal-visits'
}
