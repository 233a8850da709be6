import type { Configuration, GuardConfiguration } from '../configuration'
import type { AuthsignalError } from '../errors'
import type { GuardedRequest, GuardedResponse } from '../http'
import type { Exchange } from './base-url'
import { giveHolder, identifyBrowser, ofAnotherSite, type Browser } from './browser'
import { makeQuestion, type Question } from './challenges'
import { isCrossSite } from './client-kind'
import { cookiesOf, type Cookies } from './cookies'
import { fingerprintOf } from './fingerprint'
import type { InFlight } from './in-flight'
import { gatherSignals, type Signals } from './signals'

/** One guard: what it shares with the others, and its own options. */
export interface Guard {
  shared: Configuration
  options: GuardConfiguration
  inFlight: InFlight
}

/** All that is known of a request before Authsignal is asked: step 1, Signals. */
export interface Asked extends Exchange {
  cookies: Cookies
  actionCode: string
  signals: Signals
  browser: Browser
  crossSite: boolean
  /** What the request is to the challenges that it may meet; undefined where it can meet none. */
  claimed: Question | undefined
  /** What the request is to a challenge that is made for it. */
  fresh: Question | undefined
  /** Why the request can be bound to no challenge. */
  unbound: AuthsignalError | undefined
}

export async function prepare(
  { shared, options }: Guard,
  req: GuardedRequest,
  res: GuardedResponse,
  actionCode: string,
): Promise<Asked> {
  const base = shared.baseUrls(req)
  const cookies = cookiesOf(req)
  const crossSite = isCrossSite(req, base)
  const browser = crossSite ? ofAnotherSite(req, cookies) : identifyBrowser(req, res, cookies, base.secure)
  const signals = await gatherSignals(req, cookies, options)
  const fingerprint = await fingerprintOf(req, base.origin, signals.attributes, options.bind)
  const about = (holder: string | undefined) =>
    holder === undefined || typeof fingerprint !== 'string'
      ? undefined
      : makeQuestion(holder, signals.userId, actionCode, fingerprint)
  const fresh = about(browser.holder)
  return {
    req,
    res,
    base,
    cookies,
    actionCode,
    signals,
    browser,
    crossSite,
    claimed: browser.claims === browser.holder ? fresh : about(browser.claims),
    fresh,
    unbound: typeof fingerprint === 'string' ? undefined : fingerprint,
  }
}

/**
 * The question of a challenge that begins now. A browser whose cookie counts no more, since the answer to its log-out was
 * lost with the new one, gets one here: else no challenge of its would ever be known again.
 */
export async function questionToChallenge({ shared }: Guard, asked: Asked, fresh: Question): Promise<Question> {
  if (asked.browser.claims !== fresh.holder || !(await shared.challenges.isForgotten(fresh.holder))) return fresh
  return makeQuestion(giveHolder(asked.res, asked.base.secure), fresh.userId, fresh.actionCode, fresh.fingerprint)
}
