import createHttpError from 'http-errors'

/**
 * Every error of this package has one of these codes; match errors by `code`, not by class.
 * docs/errors.md gives each one's cause and cure.
 */
export type AuthsignalErrorCode = keyof typeof STATUS_OF

const STATUS_OF = {
  ERR_AUTHSIGNAL_BLOCKED: 403,
  ERR_AUTHSIGNAL_REVIEW_REQUIRED: 403,
  ERR_AUTHSIGNAL_CHALLENGE_FAILED: 403,
  ERR_AUTHSIGNAL_METHOD_REFUSED: 403,
  ERR_AUTHSIGNAL_NOT_ENROLLED: 403,
  ERR_AUTHSIGNAL_UNAUTHENTICATED: 401,
  ERR_AUTHSIGNAL_CHALLENGE_UNKNOWN: 400,
  ERR_AUTHSIGNAL_ALREADY_SPENT: 409,
  ERR_AUTHSIGNAL_CROSS_SITE: 403,
  ERR_AUTHSIGNAL_UNAVAILABLE: 503,
  ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE: 502,
  ERR_AUTHSIGNAL_MISCONFIGURED: 500,
  ERR_AUTHSIGNAL_SIGNATURE_INVALID: 400,
} as const

export function isCode(value: unknown): value is AuthsignalErrorCode {
  return typeof value === 'string' && Object.hasOwn(STATUS_OF, value)
}

/** What an error may say beside its code and message. None of it is ever a secret, a token, a cookie or a body. */
export interface AuthsignalErrorDetails {
  actionCode?: string | undefined
  idempotencyKey?: string | undefined
  /** The HTTP status that the API answered with, where it answered. */
  apiStatus?: number | undefined
  /** The API's own `errorCode`, where it gave one. */
  apiErrorCode?: string | undefined
  /** How many requests were sent to the API. */
  attempts?: number | undefined
  cause?: unknown
}

/**
 * An error of this package. `status`, `statusCode` and `expose` are those of http-errors, so that Express and Connect
 * answer with the right status; `expose` is false for 5xx, whose message is meant for the developer alone.
 */
export class AuthsignalError extends Error {
  readonly code: AuthsignalErrorCode
  declare readonly status: number
  declare readonly statusCode: number
  declare readonly expose: boolean
  declare readonly actionCode?: string
  declare readonly idempotencyKey?: string
  declare readonly apiStatus?: number
  declare readonly apiErrorCode?: string
  declare readonly attempts?: number

  constructor(code: AuthsignalErrorCode, message: string, { cause, ...details }: AuthsignalErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'AuthsignalError'
    this.code = code
    createHttpError(STATUS_OF[code], this, withoutUndefined(details))
  }
}

/** The code of an unavailability's cause, where it was this process that was too slow. */
export const OWN_DELAY = 'OWN_DELAY'

/**
 * Whether Authsignal is down. A 429 is an answer: the API is up, and a thief could cause it, as they could keep this
 * process busy.
 */
export function isOutage(error: unknown): error is AuthsignalError {
  if (!(error instanceof AuthsignalError) || error.code !== 'ERR_AUTHSIGNAL_UNAVAILABLE') return false
  const { apiStatus } = error
  if (apiStatus !== undefined && apiStatus < 500) return false
  return (error.cause as { code?: unknown } | undefined)?.code !== OWN_DELAY
}

/** The error for a mistake of the app's own: `message` names the option, what it got and the cure. */
export function misconfigured(message: string, details?: AuthsignalErrorDetails): AuthsignalError {
  return new AuthsignalError('ERR_AUTHSIGNAL_MISCONFIGURED', message, details)
}

/** Whatever an app's function rejected with, as an error: `next()`, or `next('route')`, would let the request pass. */
export function asError(thrown: unknown): object {
  if (typeof thrown === 'object' && thrown !== null) return thrown
  return misconfigured(`A function of the app's threw ${typeInWords(thrown)}, which is not an error.`)
}

/** The error, naming the action that it is about where it names none. */
export function withAction(
  error: unknown,
  { actionCode, idempotencyKey }: Pick<AuthsignalErrorDetails, 'actionCode' | 'idempotencyKey'>,
): unknown {
  if (!(error instanceof AuthsignalError)) return error
  const { actionCode: action = actionCode, idempotencyKey: key = idempotencyKey } = error
  return Object.assign(error, withoutUndefined({ actionCode: action, idempotencyKey: key }))
}

/** A value's type in words, for an error message that must not show the value. */
export function typeInWords(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array'
  if (value === '') return 'an empty string'
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return 'a number that is not a safe integer'
  return `${/^[aeiou]/.test(typeof value) ? 'an' : 'a'} ${typeof value}`
}

export function withoutUndefined<Values extends object>(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Values
}
