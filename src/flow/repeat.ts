import { createHash } from 'node:crypto'
import { AuthsignalError } from '../errors'
import { header, isSafeMethod, requestTarget, type GuardedResponse } from '../http'
import type { Asked, Guard } from './asked'
import type { BaseUrl } from './base-url'
import type { Challenges, Lookup } from './challenges'
import { setCookie } from './cookies'

/* A repeat is a request that was challenged and comes back. One that finds no pass to spend is never tracked: a rule
   that now says ALLOW would book it twice, for another user, or with other fields than were confirmed. */

/** The header by which a step-up fetch tells that it repeats a request: the challenge's id. */
const REPEAT_HEADER = 'authsignal-repeat'
/** How long a form that was brought back is known as one. */
const RESUMED_FOR_SECONDS = 60

/** Marks the form that the browser is about to send again. */
export function markResumed(res: GuardedResponse, base: BaseUrl, challengeId: string, path: string): void {
  const mark = `${challengeId}.${hashOfPath(path)}`
  setCookie(res, resumedCookie(base.secure), mark, { secure: base.secure, maxAge: RESUMED_FOR_SECONDS })
}

/** Throws `ERR_AUTHSIGNAL_ALREADY_SPENT` where the request is a repeat; it has found nothing to spend. */
export async function refuseRepeat(guard: Guard, asked: Asked): Promise<void> {
  const spent = asked.browser.byKey || header(asked.req, REPEAT_HEADER) !== undefined
  const resumed = resumedChallenge(asked)
  if (guard.options.maxAgeMs !== undefined) {
    if (resumed !== undefined) await refuseOtherUser(guard.shared.challenges, asked, resumed)
    return
  }
  if (spent || (resumed !== undefined && (await isRepeat(guard.shared.challenges, asked, resumed))))
    throw alreadySpent(asked)
}

export function alreadySpent({ actionCode }: Pick<Asked, 'actionCode'>): AuthsignalError {
  return new AuthsignalError(
    'ERR_AUTHSIGNAL_ALREADY_SPENT',
    'This was confirmed and done already. It was not done again.',
    {
      actionCode,
    },
  )
}

/** After its challenge was spent, another request to the same path is a new one; the same is a repeat. */
async function isRepeat(challenges: Challenges, asked: Asked, challengeId: string): Promise<boolean> {
  const spent = await challenges.spent(challengeId)
  if (spent === undefined || spent === 'unreadable') return true
  return spent.questionId === asked.claimed?.id
}

/** Under `maxAge` a request is tracked anyway, but a form goes on for the user alone who sent it. */
async function refuseOtherUser(challenges: Challenges, asked: Asked, challengeId: string): Promise<void> {
  const lookup: Lookup = await challenges.byId(challengeId)
  if (typeof lookup === 'object' && lookup.challenge.userId === asked.signals.userId) return
  throw alreadySpent(asked)
}

/** The challenge whose form was sent again to this path within the last minute. */
function resumedChallenge({ req, base, cookies }: Asked): string | undefined {
  if (isSafeMethod(req.method)) return undefined
  const mark = cookies[resumedCookie(base.secure)]
  if (typeof mark !== 'string') return undefined
  const [challengeId, path] = mark.split('.')
  return path === hashOfPath(base.prefix + requestTarget(req)) ? challengeId : undefined
}

function resumedCookie(secure: boolean): string {
  return secure ? '__Host-authsignal-resumed' : 'authsignal-resumed'
}

function hashOfPath(path: string): string {
  return createHash('sha256').update(path).digest('base64url').slice(0, 22)
}
