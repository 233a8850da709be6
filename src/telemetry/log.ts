import type { Debug, Debugger } from 'debug'
import { AuthsignalError } from '../errors'
import type { DecisionEvent } from '../options'

/* Every line that DEBUG=authsignal:* may print. None holds a user, a url's query, a body, a header or a foreign error's
   message: what a line may show is listed here, and nothing is put into it as it came. */

const decision = logOf('decision')
const callback = logOf('callback')
const client = logOf('client')
const store = logOf('store')

interface Log {
  readonly enabled: boolean
  line(format: string, ...values: unknown[]): void
}

/** debug is loaded with the first event, not with this package; axios has loaded it by then, or Express. */
function logOf(part: string): Log {
  let loaded: Debugger | undefined
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const log = () => (loaded ??= (require('debug') as Debug)(`authsignal:${part}`))
  return {
    get enabled() {
      return log().enabled
    },
    line: (format, ...values) => {
      log()(format, ...values)
    },
  }
}

export function logDecision({ actionCode, outcome, state, code, idempotencyKey, durationMs }: DecisionEvent): void {
  if (!decision.enabled) return
  const why = [state, code].filter(isWord).join(', ')
  decision.line('%s%s (%s) in %d ms', about(actionCode, idempotencyKey), outcome, why, Math.round(durationMs))
}

/** An error that came after the answer, and which nobody can be told of otherwise. */
export function logDropped(error: unknown): void {
  if (!decision.enabled) return
  const what = error instanceof AuthsignalError ? error.code : 'an error of the app’s own'
  decision.line('answered already, so this was dropped: %s', what)
}

/** Why a return is of no challenge that is known here. */
export type UnknownReason =
  | 'names no challenge'
  | 'unknown, or too late'
  | 'of one that was spent, under another secret'
  | 'without our cookie: at another host, or in another browser'
  | 'of another browser'
  | 'after a log-out'
  | 'of another user'

/** What became of a browser that came back. */
type Return =
  'resumed' | 'back from self-service' | 'incomplete' | 'spent already' | 'of a client without cookies' | 'unreadable'

export function logReturn(outcome: Return, challenge?: { actionCode: string; id: string }): void {
  if (callback.enabled) callback.line('%s%s', about(challenge?.actionCode, challenge?.id), outcome)
}

/** The user is told less, who may be a thief. */
export function logUnknownChallenge(why: UnknownReason): void {
  if (callback.enabled) callback.line('refused: %s', why)
}

export function logReturnError(error: unknown): void {
  if (!callback.enabled) return
  if (error instanceof AuthsignalError)
    callback.line('%srefused (%s)', about(error.actionCode, error.idempotencyKey), error.code)
  else callback.line('failed by an error of the app’s own')
}

interface LoggedCall {
  method: string
  path: string
}

export function logAttempt(
  call: LoggedCall,
  attempt: number,
  since: number,
  outcome: { error?: AuthsignalError },
): void {
  if (!client.enabled) return
  const ms = Math.round(performance.now() - since)
  const { error } = outcome
  client.line('%s, attempt %d: %s in %d ms', named(call), attempt, error ? inWords(error) : 'answered', ms)
}

export function logPause(call: LoggedCall, pauseMs: number): void {
  if (client.enabled) client.line('%s: again in %d ms', named(call), Math.round(pauseMs))
}

export function logBreaker(kind: string, what: string): void {
  client.line('breaker of %s calls: %s', kind, what)
}

/** A store's own error may quote what was sent to it, or how to reach it: its class and code alone are shown. */
export function logStoreFailure(operation: string, entryId: string, error: unknown): void {
  if (!store.enabled) return
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown }
  store.line('%s of a %s entry failed: %s', operation, entryId.split(':', 1)[0], [name, code].filter(isWord).join(' '))
}

/** The call without what the app put into its path: the user, keys and the query. */
function named({ method, path }: LoggedCall): string {
  const [shown = ''] = path.split('?', 1)
  const withoutUser = shown.replace(/^\/users\/[^/]+/, '/users/…')
  return `${method} ${withoutUser.replace(/\/(actions\/[^/]+|authenticators)\/.*/, '/$1/…')}`
}

function inWords({ code, apiStatus, cause }: AuthsignalError): string {
  return [code, apiStatus?.toString(), (cause as { code?: unknown } | undefined)?.code].filter(isWord).join(', ')
}

function about(actionCode: string | undefined, idempotencyKey: string | undefined): string {
  const known = [actionCode, idempotencyKey].filter(isWord)
  return known.length === 0 ? '' : `${known.join(' ')}: `
}

/** Codes, keys and states are words; whatever is none is not shown. */
function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{1,64}$/.test(value)
}
