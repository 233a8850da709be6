import { parseGuardOptions, type Configuration } from './configuration'
import { withAction } from './errors'
import { parseActionCode, type CodeOf } from './flow/action-code'
import { prepare, type Asked, type Guard } from './flow/asked'
import { requireBaseUrl } from './flow/base-url'
import { isCallback } from './flow/callback-path'
import { isPrefetch } from './flow/client-kind'
import { decide, trackRequest } from './flow/decision'
import { findGrant } from './flow/grant'
import { InFlight } from './flow/in-flight'
import { allowed, challenged, covered, degraded, passed, refused, type Outcome } from './flow/outcome'
import { alreadySpent, refuseRepeat } from './flow/repeat'
import { eventOfError, report } from './flow/report'
import { answerChallenge, answerPrefetch, answerRefusal } from './flow/respond'
import { handOn } from './hand-on'
import type { GuardedRequest, GuardedResponse, Middleware, StepUp } from './http'
import type { ActionCode, DecisionEvent, GuardOptions } from './options'

/**
 * One guard, which is asked about requests: true where the request may go on to its handler, false where it is answered
 * already. Rejects where it is refused.
 */
export type Gate = (req: GuardedRequest, res: GuardedResponse) => Promise<boolean>

/** Throws `ERR_AUTHSIGNAL_MISCONFIGURED` at an option that it can't work with. */
export function makeGate(shared: Configuration, actionCode: ActionCode, options: GuardOptions = {}): Gate {
  const codeOf = parseActionCode(actionCode)
  const own = parseGuardOptions(options, shared.guardDefaults)
  requireBaseUrl(shared.baseUrls)
  shared.windows.keepFor(own.maxAgeMs ?? 0)
  const guard: Guard = { shared, options: own, inFlight: new InFlight() }
  const handle = own.enforce ? enforce : observe
  return async (req, res) => isCallback(req, shared.callbackPath) || handle(guard, codeOf, req, res)
}

/** The middleware. */
export function makeGuard(shared: Configuration, actionCode: ActionCode, options?: GuardOptions): Middleware {
  const gate = makeGate(shared, actionCode, options)
  return function authsignalGuard(req, res, next) {
    // next is called outside of the promise's own handling: what it throws must not come back as an error of ours.
    gate(req, res).then(
      (on) => {
        if (on) next()
      },
      (error: unknown) => {
        handOn(error, res, next)
      },
    )
  }
}

type Untimed = Omit<DecisionEvent, 'durationMs'>

/** Reports the decision, with the time that it took from here on. */
function startTiming({ options }: Guard): (event: Untimed) => void {
  const since = performance.now()
  return (event) => {
    report(options.onDecision, Object.assign(event, { durationMs: performance.now() - since }))
  }
}

async function isSkipped({ options }: Guard, req: GuardedRequest): Promise<boolean> {
  return options.skip !== undefined && (await options.skip(req)) === true
}

async function enforce(guard: Guard, codeOf: CodeOf, req: GuardedRequest, res: GuardedResponse): Promise<boolean> {
  const tell = startTiming(guard)
  let actionCode: string | undefined
  let asked: Asked
  let outcome: Outcome
  try {
    if (await isSkipped(guard, req)) return true
    if (isPrefetch(req)) return answerPrefetch(res)
    actionCode = await codeOf(req)
    asked = await prepare(guard, req, res, actionCode)
    outcome = await outcomeOf(guard, asked)
  } catch (caught) {
    const error = withAction(caught, { actionCode })
    tell({ state: undefined, outcome: 'refused', ...eventOfError(error, actionCode) })
    throw error
  }
  tell(outcome.event)
  if (outcome.kind === 'passed') return letPass(req, res, outcome.stepUp)
  if (outcome.kind === 'challenged') await answerChallenge(guard, asked, outcome.challenge)
  else await answerRefusal(guard, asked, outcome)
  return false
}

/** Steps 2 to 4 of what happens, as README draws it: grant, track, decision. The first, signals, is `prepare`. */
async function outcomeOf(guard: Guard, asked: Asked): Promise<Outcome> {
  const grant = await findGrant(guard, asked)
  if (grant.kind === 'passed') return passed(grant.stepUp)
  if (grant.kind === 'waiting') return challenged(grant.challenge)
  if (grant.kind === 'spent') throw alreadySpent(guard, asked, grant)
  if (grant.kind === 'none') await refuseRepeat(guard, asked)

  const verdict = await decide(guard, asked, grant.kind === 'window' ? grant.passed : undefined)
  switch (verdict.kind) {
    case 'allowed':
      return allowed(asked, verdict.answer)
    case 'covered':
      return covered(asked, verdict.answer, verdict.passed)
    case 'challenged':
      return challenged(verdict.challenge)
    case 'degraded':
      return degraded(asked, verdict.idempotencyKey)
    case 'refused':
      return refused(asked, verdict.answer, verdict.code)
  }
}

/** A request that was answered meanwhile, by a time-out of the app's, must not be carried out. */
function letPass(req: GuardedRequest, res: GuardedResponse, stepUp: StepUp): boolean {
  req.authsignal = stepUp
  return !res.headersSent
}

/** `enforce: false`: asks and reports, and stops nobody, whatever goes wrong. */
async function observe(guard: Guard, codeOf: CodeOf, req: GuardedRequest, res: GuardedResponse): Promise<boolean> {
  const tell = startTiming(guard)
  let actionCode: string | undefined
  let event: Untimed
  try {
    if (isPrefetch(req) || (await isSkipped(guard, req))) return true
    actionCode = await codeOf(req)
    const asked = await prepare(guard, req, res, actionCode)
    const outcome = allowed(asked, await trackRequest(guard, asked))
    event = outcome.event
    req.authsignal = outcome.stepUp
  } catch (error) {
    event = { state: undefined, outcome: 'passed', ...eventOfError(error, actionCode) }
  }
  tell(event)
  return true
}
