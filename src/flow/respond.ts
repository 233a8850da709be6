import { STATUS_CODES } from 'node:http'
import { AuthsignalError } from '../errors'
import type { Decision } from '../options'
import type { GuardedResponse } from '../http'
import { isGetOrHead } from '../http'
import { sendFramePage, sendGoOnPage } from '../pages/pages'
import type { Asked, Guard } from './asked'
import type { Challenge } from './challenges'
import { kindOf } from './client-kind'
import { formActionForbids } from './form-action'
import type { Refused } from './outcome'
import { refusal } from './refusal'

/** Sends the user to the challenge, in the way that the client understands. */
export async function answerChallenge(guard: Guard, asked: Asked, challenge: Challenge): Promise<void> {
  const { req, res } = asked
  res.setHeader('cache-control', 'no-store')
  if (guard.options.onChallenge) {
    await guard.options.onChallenge(req, res, decisionOf(challenge))
    return
  }
  switch (kindOf(req)) {
    case 'htmx':
      res.setHeader('hx-redirect', challenge.url)
      res.end()
      return
    case 'script':
      sendProblem(guard, asked, challenge)
      return
    case 'frame':
      sendFramePage(res, guard.shared.words, challenge.url)
      return
    case 'page':
      sendToChallenge(guard, asked, challenge.url)
  }
}

/** The app's own answer, where it has one. It gets no `next`: a hook can't let a request pass. */
export async function answerRefusal(
  { options }: Guard,
  { req, res }: Asked,
  { code, decision }: Refused,
): Promise<void> {
  const { onBlock, onReview } = options
  const hook = { ERR_AUTHSIGNAL_BLOCKED: onBlock, ERR_AUTHSIGNAL_REVIEW_REQUIRED: onReview }[code as string]
  if (!hook) throw refusal(code, decision)
  res.setHeader('cache-control', 'no-store')
  await hook(req, res, decision)
}

/** A browser that loads ahead is turned away: it may come back when the user means it. */
export function answerPrefetch(res: GuardedResponse): false {
  res.statusCode = 503
  res.setHeader('cache-control', 'no-store')
  res.end()
  return false
}

export function answerNotAllowed(res: GuardedResponse, methods: string): void {
  res.statusCode = 405
  res.setHeader('allow', methods)
  res.end()
}

/** For a server without an error handler, whose process would end. What is the app's own to mend is printed, as Express does. */
export function answerError(res: GuardedResponse, error: unknown): void {
  const { status, message } = error instanceof AuthsignalError ? error : { status: 500, message: '' }
  // Its stack alone: an error of the app's own may hold what nobody should read.
  if (status >= 500) console.error(error instanceof Error ? error.stack : error)
  if (res.headersSent) {
    cutOff(res)
    return
  }
  res.statusCode = status
  res.setHeader('cache-control', 'no-store')
  res.setHeader('content-type', 'text/plain; charset=utf-8')
  res.end(status < 500 ? message : (STATUS_CODES[status] ?? ''))
}

/** What was begun and will not be ended: else the client waits on. */
function cutOff(res: GuardedResponse & { writableEnded?: boolean; destroy?(): unknown }): void {
  if (res.writableEnded !== true) res.destroy?.()
}

/** 303 and 302 alone: 307 and 308 would send the body on to another host. */
export function redirect(res: GuardedResponse, status: 302 | 303, location: string): void {
  res.statusCode = status
  res.setHeader('location', location)
  res.end()
}

function sendToChallenge({ shared, options }: Guard, { req, res }: Asked, url: string): void {
  const viaPage = options.challengeVia === 'page' || (!isGetOrHead(req.method) && formActionForbids(res, url))
  if (viaPage) sendGoOnPage(res, shared.words, url)
  else redirect(res, isGetOrHead(req.method) ? 302 : 303, url)
}

/** RFC 9457's problem, with RFC 9470's challenge. */
function sendProblem({ options }: Guard, { res, browser }: Asked, challenge: Challenge): void {
  const status = options.challengeStatus
  res.statusCode = status
  res.setHeader('content-type', 'application/problem+json')
  res.setHeader('www-authenticate', 'Bearer error="insufficient_user_authentication"')
  res.end(
    JSON.stringify({
      type: 'https://www.rfc-editor.org/rfc/rfc9470',
      title: 'Confirm that it is you.',
      status,
      code: 'CHALLENGE_REQUIRED',
      actionCode: challenge.actionCode,
      challengeId: challenge.id,
      idempotencyKey: challenge.id,
      challengeUrl: challenge.url,
      expiresAt: new Date(challenge.expiresAt).toISOString(),
      // The key of this very answer: one that waited already belongs to the answer that began it.
      challengeKey: challenge.byKey && challenge.holder === browser.holder ? browser.challengeKey : undefined,
    }),
  )
}

function decisionOf(challenge: Challenge): Decision {
  return {
    actionCode: challenge.actionCode,
    state: 'CHALLENGE_REQUIRED',
    idempotencyKey: challenge.id,
    challengeUrl: challenge.url,
    challengeId: challenge.id,
    ruleIds: challenge.ruleIds,
  }
}
