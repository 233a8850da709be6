import { randomUUID } from 'node:crypto'
import { isOutage, withAction } from '../errors'
import type { TrackResponse } from '../client/types'
import { track, unexpected, type ActionName } from './ask-api'
import { questionToChallenge, type Asked, type Guard } from './asked'
import { publicUrl } from './base-url'
import type { Challenge } from './challenges'
import { kindOf, type ClientKind } from './client-kind'
import { findWindow, type Passed } from './grant'
import { requireOneGuard } from './one-guard'
import type { Refused } from './outcome'
import { windowRuleOf } from './pass'
import { backTo, returnTo } from './return-to'
import { safeUrl } from './safe-url'
import { userOf } from './user'

/** What is to be done with a request that was tracked: steps 3 and 4, Track and Decision. */
export type Verdict =
  | { kind: 'allowed'; answer: TrackResponse; challenge?: undefined }
  /** Authsignal asks for a challenge, and one passed under `maxAge` answers it. */
  | { kind: 'covered'; answer: TrackResponse; passed: Passed; challenge?: undefined }
  | { kind: 'refused'; code: Refused['code']; answer: TrackResponse; challenge?: undefined }
  | { kind: 'challenged'; challenge: Challenge }
  /** Authsignal can't be reached, and the guard is to let pass then. */
  | { kind: 'degraded'; idempotencyKey: string; challenge?: undefined }

/** Asks Authsignal, or waits for an equal request that asks already: the same question is not asked twice. */
export async function decide(guard: Guard, asked: Asked, held: Passed | undefined): Promise<Verdict> {
  if (!asked.fresh) return trackAndJudge(guard, asked, held)
  const { id: questionId, holder } = asked.fresh
  const asking = guard.inFlight.join(questionId)
  const challenge = asking && (await asking)
  // Where the leader's cookie was logged out, its challenge belongs to the new cookie it was given, and not to ours.
  if (challenge?.holder === holder) return { kind: 'challenged', challenge }
  return guard.inFlight.lead(questionId, () => trackAndJudge(guard, asked, held))
}

/** Tracks the request under a new idempotency key, which is the challenge's id as well, should there be one. */
export function trackRequest({ shared }: Guard, asked: Asked): Promise<TrackResponse> {
  const { userId, deviceId, userAgent, ipAddress, attributes } = asked.signals
  const idempotencyKey = randomUUID()
  const redirectUrl = publicUrl(asked.base, `${shared.callbackPath}/${idempotencyKey}`)
  // The app's attributes can't turn the challenge into something else.
  const ours = { idempotencyKey, redirectUrl, deviceId, userAgent, ipAddress, redirectToSettings: undefined }
  // Not by a spread, which takes Node 20 thirty times as long: 3 µs.
  const all = Object.assign({}, attributes, ours)
  return track(shared, { userId, actionCode: asked.actionCode, idempotencyKey }, all)
}

async function trackAndJudge(guard: Guard, asked: Asked, held: Passed | undefined): Promise<Verdict> {
  let answer: TrackResponse
  try {
    answer = await trackRequest(guard, asked)
  } catch (error) {
    // This one call alone may fail open: an outage of the store, or of get-action, never lets a request pass.
    if (guard.options.failure === 'closed' || !isOutage(error)) throw error
    return { kind: 'degraded', idempotencyKey: error.idempotencyKey ?? randomUUID() }
  }
  try {
    return await judge(guard, asked, answer, held)
  } catch (error) {
    throw withAction(error, nameOf(asked, answer))
  }
}

async function judge(guard: Guard, asked: Asked, answer: TrackResponse, held: Passed | undefined): Promise<Verdict> {
  if (answer.state === 'BLOCK') return { kind: 'refused', code: 'ERR_AUTHSIGNAL_BLOCKED', answer }
  const unenrolled = answer.isEnrolled !== true
  if (unenrolled && guard.options.whenUnenrolled === 'block')
    return { kind: 'refused', code: 'ERR_AUTHSIGNAL_NOT_ENROLLED', answer }
  const enrolsFirst = unenrolled && guard.options.whenUnenrolled === 'enroll'
  switch (answer.state) {
    case 'REVIEW_REQUIRED':
      return { kind: 'refused', code: 'ERR_AUTHSIGNAL_REVIEW_REQUIRED', answer }
    case 'ALLOW':
      return enrolsFirst ? challenge(guard, asked, answer, 'enrolment') : { kind: 'allowed', answer }
    case 'CHALLENGE_REQUIRED':
      if (enrolsFirst) return challenge(guard, asked, answer, 'enrolment')
      return challengeUnlessCovered(guard, asked, answer, held)
    default:
      // An unknown state never lets a request pass.
      throw unexpected('an unknown state', nameOf(asked, answer))
  }
}

async function challengeUnlessCovered(
  guard: Guard,
  asked: Asked,
  answer: TrackResponse,
  held: Passed | undefined,
): Promise<Verdict> {
  const passed = held ?? (await findWindow(guard, asked))
  return passed ? { kind: 'covered', answer, passed } : challenge(guard, asked, answer, 'step-up')
}

async function challenge(
  guard: Guard,
  asked: Asked,
  answer: TrackResponse,
  purpose: Challenge['purpose'],
): Promise<Verdict> {
  if (asked.crossSite) return { kind: 'refused', code: 'ERR_AUTHSIGNAL_CROSS_SITE', answer }
  requireOneGuard(guard, asked)
  if (!asked.fresh) throw asked.unbound ?? new Error('A request that is bound has its question.')
  const { req, base } = asked
  const kind = kindOf(req)
  const draft = {
    id: answer.idempotencyKey,
    byKey: tellsKey(guard, asked, kind),
    knownAs: await knownAs(guard, asked),
    purpose,
    opensWindow: purpose === 'step-up' ? windowRule(guard) : undefined,
    ruleIds: answer.ruleIds,
    url: safeUrl(answer.url, nameOf(asked, answer)),
    returnTo: returnTo(req, kind, base, guard.options),
    backTo: backTo(req, base),
  }
  const question = await questionToChallenge(guard, asked, asked.fresh)
  return { kind: 'challenged', challenge: await guard.shared.challenges.begin(question, draft) }
}

function windowRule({ shared, options }: Guard): Challenge['opensWindow'] {
  const rule = windowRuleOf(options)
  return rule && { ...rule, keptForMs: shared.windows.keptForMs }
}

/** The callback may be told the user by another option than this guard. */
async function knownAs({ shared, options }: Guard, { req, signals }: Asked): Promise<string | undefined> {
  if (!options.ownUserId) return signals.userId
  return userOf(req, shared.guardDefaults.userId).catch(() => undefined)
}

/** Only the answer to a script has a place for the key. */
function tellsKey({ options }: Guard, { browser }: Asked, kind: ClientKind): boolean {
  return browser.challengeKey !== undefined && kind === 'script' && !options.onChallenge
}

function nameOf({ actionCode, signals }: Asked, { idempotencyKey }: TrackResponse): ActionName {
  return { userId: signals.userId, actionCode, idempotencyKey }
}
