import type { AuthsignalError } from '../errors'
import { header, isGetOrHead, requestTarget, type GuardedResponse } from '../http'
import type { Asked, Guard } from './asked'
import type { BaseUrl, Exchange } from './base-url'
import { isChallengeId } from './callback-path'
import { hashOf } from './canonical'
import { requestIdOf, type Challenges, type Spent } from './challenges'
import { cookiesOf, setCookie, type Cookies } from './cookies'
import { requireOneGuard } from './one-guard'
import { refusal } from './refusal'
import type { ReturnTo } from './return-to'

/* A repeat is a request that was challenged and comes back. One that finds no pass to spend is never tracked: a rule
   that now says ALLOW would book it twice, for another user, or with other fields than were confirmed. */

/** The header by which a step-up fetch tells that it repeats a request: the challenge's id. */
const REPEAT_HEADER = 'authsignal-repeat'
/** How long a form that was brought back is known as one. */
const RESUMED_FOR_SECONDS = 60
/** So many forms may be brought back at once, each in a tab of its own. */
const MOST_MARKS = 5

/** That a form was brought back: which challenge's, for which action at which path, with which fields. */
interface Mark {
  challengeId: string
  place: string
  form: string
}

/** Marks the form that the browser is about to send again. One that was brought back before keeps its mark. */
export function markResumed(
  { req, res, base }: Exchange,
  challengeId: string,
  actionCode: string,
  returnTo: ReturnTo & { how: 'form' },
): void {
  const { path, fields } = returnTo
  const mark: Mark = { challengeId, place: shortHash([actionCode, path]), form: shortHash([path, fields]) }
  const others = marksOf(cookiesOf(req), base).filter(({ form }) => form !== mark.form)
  setMarks(res, base, [mark, ...others].slice(0, MOST_MARKS))
}

/** A challenge ended without a pass: what the browser sends next is a new request. */
export function clearMarks({ res, base, cookies }: Asked): void {
  if (cookies[resumedCookie(base.secure)] !== undefined) setMarks(res, base, [])
}

/** The challenge that a step-up fetch says it repeats. */
export function repeatedId({ req }: Asked): string | undefined {
  return header(req, REPEAT_HEADER)
}

/** Throws `ERR_AUTHSIGNAL_ALREADY_SPENT` where the request is a repeat; it has found nothing to spend. */
export async function refuseRepeat(guard: Guard, asked: Asked): Promise<void> {
  const { challenges } = guard.shared
  const window = guard.options.maxAgeMs !== undefined
  for (const { challengeId } of resumedHere(asked)) {
    if (!isChallengeId(challengeId)) throw alreadySpent(guard, asked, UNKNOWN)
    const repeat = window
      ? await repeatByAnotherUser(challenges, asked, challengeId)
      : await repeatOfForm(challenges, asked, challengeId)
    if (repeat) throw alreadySpent(guard, asked, repeat)
  }
  const claimed = window ? undefined : await claimedRepeat(challenges, asked)
  if (claimed) throw alreadySpent(guard, asked, claimed)
}

/** A request that repeats another, and the challenge that was spent on that one, where it is known to be this browser's. */
interface Repeat {
  challengeId: string | undefined
}

const UNKNOWN: Repeat = { challengeId: undefined }

export function alreadySpent(guard: Guard, asked: Asked, { challengeId }: Repeat): AuthsignalError {
  requireOneGuard(guard, asked)
  return refusal('ERR_AUTHSIGNAL_ALREADY_SPENT', { actionCode: asked.actionCode, idempotencyKey: challengeId })
}

/** After its challenge was spent, another request to the same path is a new one; the same is a repeat, whoever asks. */
async function repeatOfForm(challenges: Challenges, asked: Asked, challengeId: string): Promise<Repeat | undefined> {
  const spent = await challenges.spent(challengeId)
  if (spent === undefined || spent === 'unreadable') return UNKNOWN
  return isSpentOn(spent, asked) ? { challengeId } : undefined
}

function isSpentOn({ requestId }: Spent, { claimed }: Asked): boolean {
  return claimed !== undefined && requestId === requestIdOf(claimed)
}

/** Under `maxAge` a request is tracked anyway, but a form goes on for the user alone who sent it. */
async function repeatByAnotherUser(
  challenges: Challenges,
  asked: Asked,
  challengeId: string,
): Promise<Repeat | undefined> {
  const lookup = await challenges.byId(challengeId)
  const own = typeof lookup === 'object' && lookup.challenge.userId === asked.signals.userId
  return own ? undefined : UNKNOWN
}

/** By its header, or by its key. A guard of another action on the same route asks for itself. */
async function claimedRepeat(challenges: Challenges, asked: Asked): Promise<Repeat | undefined> {
  const { browser, actionCode } = asked
  const byKey = browser.byKey && browser.claims !== undefined ? await challenges.idOfKey(browser.claims) : undefined
  const challengeId = repeatedId(asked) ?? byKey
  if (challengeId === undefined) return browser.byKey ? UNKNOWN : undefined
  if (!isChallengeId(challengeId)) return UNKNOWN
  const spent = await challenges.spent(challengeId)
  if (typeof spent === 'object' && isSpentOn(spent, asked)) return { challengeId }
  const known = spent ?? (await challenges.byId(challengeId))
  if (typeof known !== 'object') return UNKNOWN
  const own = ('challenge' in known ? known.challenge.actionCode : known.actionCode) === actionCode
  return own ? UNKNOWN : undefined
}

/** The forms that were brought back to this guard within the last minute. */
function resumedHere({ req, base, cookies, actionCode }: Asked): Mark[] {
  if (isGetOrHead(req.method) || cookies[resumedCookie(base.secure)] === undefined) return []
  const here = shortHash([actionCode, base.prefix + requestTarget(req)])
  return marksOf(cookies, base).filter(({ place }) => place === here)
}

function marksOf(cookies: Cookies, base: BaseUrl): Mark[] {
  const text = cookies[resumedCookie(base.secure)]
  if (typeof text !== 'string' || text === '') return []
  return text
    .split('~', MOST_MARKS)
    .map((mark) => mark.split('.'))
    .map(([challengeId = '', place = '', form = '']) => ({ challengeId, place, form }))
}

function setMarks(res: GuardedResponse, { secure }: BaseUrl, marks: Mark[]): void {
  const text = marks.map(({ challengeId, place, form }) => `${challengeId}.${place}.${form}`).join('~')
  setCookie(res, resumedCookie(secure), text, { secure, maxAge: marks.length === 0 ? 0 : RESUMED_FOR_SECONDS })
}

function resumedCookie(secure: boolean): string {
  return secure ? '__Host-authsignal-resumed' : 'authsignal-resumed'
}

function shortHash(value: unknown): string {
  return hashOf(value).slice(0, 16)
}
