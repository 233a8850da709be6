import { parseCallbackOptions, type CallbackConfiguration, type Configuration } from './configuration'
import { misconfigured, type AuthsignalError } from './errors'
import { getAction } from './flow/ask-api'
import { home, requireBaseUrl, type Exchange } from './flow/base-url'
import { readHolder } from './flow/browser'
import { challengeIdOf, isBelow } from './flow/callback-path'
import type { Challenge, Spent } from './flow/challenges'
import { isPrefetch } from './flow/client-kind'
import { isPass } from './flow/pass'
import { refusal } from './flow/refusal'
import { markResumed } from './flow/repeat'
import { answerNotAllowed, answerPrefetch, redirect } from './flow/respond'
import type { ReturnTo } from './flow/return-to'
import { userOf } from './flow/user'
import { endVisit } from './flow/visits'
import { handOn } from './hand-on'
import { requestTarget, type GuardedRequest, type GuardedResponse, type Middleware } from './http'
import type { CallbackOptions } from './options'
import {
  sendAgainPage,
  sendElsewherePage,
  sendGoOnPage,
  sendQuitPage,
  sendResumePage,
  sendSpentPage,
  sendUnreadablePage,
} from './pages/pages'
import { logReturn, logReturnError, logUnknownChallenge, type UnknownReason } from './telemetry/log'

/** One return: the request, and what it is answered with. */
interface Return extends Exchange {
  shared: Configuration
  options: CallbackConfiguration
}

/**
 * The way back from a challenge, mounted at `callbackPath`. What the browser brings is taken for a claim: the record is
 * found by the id in the path, the browser that began it is required, and get-action is asked.
 */
export function makeCallback(shared: Configuration, options: CallbackOptions = {}): Middleware {
  const own = parseCallbackOptions(options, shared)
  requireBaseUrl(shared.baseUrls)
  return function authsignalCallback(req, res, next) {
    comeBack(shared, own, req, res).catch((error: unknown) => {
      logReturnError(error)
      handOn(error, res, next)
    })
  }
}

async function comeBack(
  shared: Configuration,
  options: CallbackConfiguration,
  req: GuardedRequest,
  res: GuardedResponse,
): Promise<void> {
  res.setHeader('cache-control', 'no-store')
  res.setHeader('referrer-policy', 'no-referrer')
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    answerNotAllowed(res, 'GET, HEAD')
    return
  }
  if (!isBelow(req, shared.callbackPath)) throw mountedElsewhere(shared.callbackPath, req)
  // Whoever looks ahead changes nothing and learns nothing.
  if (req.method === 'HEAD') res.end()
  else if (isPrefetch(req)) answerPrefetch(res)
  else await answerReturn({ shared, options, req, res, base: shared.baseUrls(req) })
}

async function answerReturn(back: Return): Promise<void> {
  const { shared, req } = back
  const id = challengeIdOf(req, shared.callbackPath)
  if (id === undefined) throw unknownChallenge('names no challenge')
  const visit = endVisit(back, id)
  if (visit) {
    logReturn('back from self-service')
    goBack(back, visit)
    return
  }
  const spent = await shared.challenges.spent(id)
  if (spent === 'unreadable') throw unknownChallenge('of one that was spent, under another secret')
  const found = await shared.challenges.byId(id)
  if (spent) {
    await answerSpent(back, spent, typeof found === 'object' ? found.challenge : undefined)
    return
  }
  if (!found) throw unknownChallenge('unknown, or too late')
  if (found === 'unreadable') answerUnreadable(back)
  else await resumeIfPassed(back, found.challenge)
}

async function answerSpent(back: Return, spent: Spent, challenge: Challenge | undefined): Promise<void> {
  const { shared, res, base } = back
  if (isElsewhere(back, spent)) {
    answerElsewhere(back)
    return
  }
  if (spent.holder !== holderOf(back)) throw unknownChallenge('of another browser')
  if (challenge && ruleAtReturn(challenge)) {
    // Nothing was done by that: the callback itself has opened the window.
    if (await isOfAnotherUser(back, challenge)) throw unknownChallenge('of another user')
    logReturn('resumed', challenge)
    const { how, path } = challenge.returnTo
    goBack(back, { how: how === 'page' ? 'page' : 'redirect', path })
    return
  }
  logReturn('spent already')
  sendSpentPage(res, shared.words, home(base))
}

/** A client without cookies repeats its request by itself, and the browser where its user confirmed is another. */
function isElsewhere(back: Return, { byKey, holder }: Pick<Challenge, 'byKey' | 'holder'>): boolean {
  return byKey && holder !== holderOf(back)
}

function answerElsewhere({ shared, res }: Return): void {
  logReturn('of a client without cookies')
  sendElsewherePage(res, shared.words)
}

function holderOf({ req, base }: Return): string | undefined {
  return readHolder(req, base.secure)
}

async function resumeIfPassed(back: Return, challenge: Challenge): Promise<void> {
  const { shared } = back
  if (isElsewhere(back, challenge)) {
    answerElsewhere(back)
    return
  }
  const holder = holderOf(back)
  if (holder === undefined) throw unknownChallenge('without our cookie: at another host, or in another browser')
  if (holder !== challenge.holder) throw unknownChallenge('of another browser')
  if (await shared.challenges.isForgotten(holder)) throw unknownChallenge('after a log-out')
  if (await isOfAnotherUser(back, challenge)) throw unknownChallenge('of another user')
  if (challenge.purpose === 'enrolment') {
    await shared.challenges.markReturned(challenge)
    resume(back, challenge)
    return
  }
  const { userId: owner, actionCode, id: idempotencyKey } = challenge
  const answer = await getAction(shared, { userId: owner, actionCode, idempotencyKey })
  const { state } = answer
  const rule = ruleAtReturn(challenge)
  if (state === 'CHALLENGE_SUCCEEDED') {
    if (rule && isPass(answer, rule)) await openWindow(back, challenge, rule.keptForMs)
    resume(back, challenge)
  } else if (state === 'CHALLENGE_REQUIRED') await answerIncomplete(back, challenge)
  else {
    await shared.challenges.markEnded(challenge)
    throw refusal('ERR_AUTHSIGNAL_CHALLENGE_FAILED', { actionCode, idempotencyKey })
  }
}

/**
 * Where the callback is mounted before the session nobody is signed in yet, and a guard's own `userId` may tell another
 * name, or the only one: the guard asks again at the resume.
 */
async function isOfAnotherUser({ options, req }: Return, challenge: Challenge): Promise<boolean> {
  const expected = options.ownUserId ? challenge.userId : challenge.knownAs
  if (expected === undefined) return false
  const userId = await userOf(req, options.userId)
  return userId !== undefined && userId !== expected
}

/**
 * Under `maxAge` the browser may come back with another request than the one that was challenged: htmx goes to the page it
 * was on, and a form that could not be kept is filled in anew. A form that is brought back opens its window at the guard,
 * which knows by that mark that it was sent.
 */
function ruleAtReturn({ opensWindow, byKey, returnTo }: Challenge): Challenge['opensWindow'] {
  return byKey || returnTo.how === 'form' ? undefined : opensWindow
}

/** The question stays, since the request itself may come back as well. */
async function openWindow({ shared, base }: Return, challenge: Challenge, forMs: number): Promise<void> {
  const { id: idempotencyKey, holder, byKey, userId, actionCode } = challenge
  const owner = { origin: base.origin, holder, byKey, userId, actionCode }
  if (await shared.challenges.spend(challenge)) await shared.windows.open(owner, { idempotencyKey }, forMs)
}

/** The browser goes on to what it wanted. No pass for one request is spent here: that is the guard's part. */
function resume(back: Return, challenge: Challenge): void {
  const { shared, res } = back
  const { returnTo } = challenge
  logReturn('resumed', challenge)
  switch (returnTo.how) {
    case 'redirect':
    case 'page':
      goBack(back, returnTo)
      return
    case 'ask':
      sendAgainPage(res, shared.words, returnTo.path)
      return
    case 'form':
      // With no-referrer the form's Origin would be null, which CSRF checks refuse.
      res.setHeader('referrer-policy', 'same-origin')
      markResumed(back, challenge.id, challenge.actionCode, returnTo)
      sendResumePage(res, shared.words, returnTo.path, returnTo.fields)
  }
}

function goBack({ shared, res }: Return, { how, path }: ReturnTo & { how: 'redirect' | 'page' }): void {
  if (how === 'redirect') redirect(res, 303, path)
  else sendGoOnPage(res, shared.words, path)
}

function answerUnreadable({ shared, res, base }: Return): void {
  logReturn('unreadable')
  sendUnreadablePage(res, shared.words, home(base))
}

async function answerIncomplete({ shared, options, req, res }: Return, challenge: Challenge): Promise<void> {
  const { actionCode, id: idempotencyKey, url: challengeUrl, backTo: backUrl } = challenge
  logReturn('incomplete', challenge)
  if (options.onIncomplete) await options.onIncomplete(req, res, { actionCode, idempotencyKey, challengeUrl, backUrl })
  else sendQuitPage(res, shared.words, challengeUrl, backUrl)
}

function unknownChallenge(why: UnknownReason): AuthsignalError {
  logUnknownChallenge(why)
  return refusal('ERR_AUTHSIGNAL_CHALLENGE_UNKNOWN')
}

function mountedElsewhere(callbackPath: string, req: GuardedRequest): Error {
  const [path] = requestTarget(req).split('?', 1)
  return misconfigured(
    `Challenges lead back to ${callbackPath}, and the callback was asked for ${path ?? ''}. Give createAuthsignal the ` +
      'callbackPath option: the whole path that the callback is reached at, with the mount points around it.',
  )
}
