import { codeOfLoss, isErrorCode, isLate, isLost, isTransient } from '../client/answer'
import { AuthsignalError, isCode, type AuthsignalErrorCode } from '../errors'

/* A client of the app's own fails in ways of its own. Under `failure: 'open'` all depends on what is taken for an outage:
   what can't be told is none. */

type Thrown = Record<string, unknown>

const WORDS = 'The client that createAuthsignal was given failed.'

/** The error as one of ours. Of one that is not, only harmless parts are kept: it may hold the secret. */
export function asOurs(error: unknown): AuthsignalError {
  if (error instanceof AuthsignalError) return error
  const thrown = (error ?? {}) as Thrown
  if (isCode(thrown.code)) return ofAnotherCopy(thrown, thrown.code)
  if (isWithoutAnswer(thrown)) return byItsText(String(thrown.errorDescription))
  return byItsStatus(thrown, codeOfLoss(thrown))
}

/** Of another copy of this package, whose class is another one. Its `statusCode` is the app's answer, not the API's. */
function ofAnotherCopy({ apiStatus, apiErrorCode, attempts, cause }: Thrown, code: AuthsignalErrorCode) {
  const { code: why } = (cause ?? {}) as Thrown
  return new AuthsignalError(code, WORDS, {
    apiStatus: numberOr(apiStatus),
    apiErrorCode: isErrorCode(apiErrorCode) ? apiErrorCode : undefined,
    attempts: numberOr(attempts),
    cause: isErrorCode(why) ? Object.assign(new Error('See its code.'), { code: why }) : undefined,
  })
}

/**
 * The published SDK says 500 of whatever came without a body: a 429, a refused key, a lost connection, a certificate. What
 * it was stands in its text alone, which is axios'.
 */
function isWithoutAnswer({ errorCode, axiosError }: Thrown): boolean {
  return errorCode === 'unexpected_error' && axiosError === undefined
}

function byItsText(text: string): AuthsignalError {
  const [, status] = /^Request failed with status code (\d{3})$/.exec(text) ?? []
  if (status !== undefined) return byItsStatus({ statusCode: Number(status) })
  if (/^timeout of \d+ms exceeded$/.test(text)) return byItsStatus({}, 'ECONNABORTED')
  // `connect ECONNREFUSED 127.0.0.1:443`, `getaddrinfo ENOTFOUND api.authsignal.com`
  const [, code] = /^(?:\w+ )?(E[A-Z_]+)\b/.exec(text) ?? []
  return byItsStatus({}, /^socket hang up$|^aborted$/.test(text) ? 'ECONNRESET' : code)
}

function byItsStatus({ statusCode, errorCode }: Thrown, code?: string): AuthsignalError {
  const apiStatus = numberOr(statusCode)
  return new AuthsignalError(codeOf(apiStatus, code), WORDS, {
    apiStatus,
    apiErrorCode: isErrorCode(errorCode) ? errorCode : undefined,
    cause: isLost(code) ? Object.assign(new Error('The connection was lost.'), { code }) : undefined,
  })
}

function codeOf(status: number | undefined, code: unknown): AuthsignalErrorCode {
  if (status === undefined)
    return isLost(code) || isLate(code) ? 'ERR_AUTHSIGNAL_UNAVAILABLE' : 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE'
  if (isTransient(status)) return 'ERR_AUTHSIGNAL_UNAVAILABLE'
  return status >= 400 ? 'ERR_AUTHSIGNAL_MISCONFIGURED' : 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE'
}

function numberOr(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
