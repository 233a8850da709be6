import { AuthsignalError, misconfigured } from '../errors'

/** In bytes. No answer of the API comes near this; a larger one is cut off before it fills the memory. */
export const MAX_ANSWER_LENGTH = 1024 * 1024

/** The code of the error for an attempt that took all the time there was; axios' own. */
export const TIMED_OUT = 'ECONNABORTED'

/** The code of the error for an answer above the bound. */
export const TOO_LARGE = 'ERR_AUTHSIGNAL_ANSWER_TOO_LARGE'

/** A JSON object or array; an empty object where the API had nothing to say. */
export type Answer = Record<string, unknown>

/** What one attempt came to. */
export type AttemptOutcome =
  | { kind: 'answer'; answer: Answer; error?: undefined }
  /** `transient`: the same call may succeed when it is sent again. */
  | { kind: 'failure'; error: AuthsignalError; transient: boolean; retryAfterMs: number }

interface Response {
  status: number
  data: unknown
  headers: object
}

export function readAnswer(response: Response, secret: string, attempts: number): AttemptOutcome {
  const { status, data } = response
  const answer = parseObject(data)
  if (status >= 200 && status < 300) {
    if (answer) return { kind: 'answer', answer }
    return failure(unexpected('answered with something that is not a JSON object', attempts, status))
  }
  const retryAfter = (response.headers as Record<string, unknown>)['retry-after']
  return {
    kind: 'failure',
    error: refusal(status, answer, secret, attempts),
    transient: isTransient(status),
    retryAfterMs: retryAfterMs(retryAfter),
  }
}

/** Built anew: an AxiosError holds the secret in its config and must not leave this folder. */
export function lostConnection(error: unknown, attempts: number): AttemptOutcome {
  const code = codeOfLoss(error)
  const message = messageOf(error)
  if (isLate(code))
    return failure(
      new AuthsignalError('ERR_AUTHSIGNAL_UNAVAILABLE', 'Authsignal did not answer in time.', { attempts }),
      true,
    )
  if (code === TOO_LARGE || message?.includes('maxContentLength'))
    return failure(unexpected('answered with too much', attempts))
  const cause = Object.assign(new Error(message), { code })
  if (isLost(code)) {
    const words = `Authsignal could not be reached (${code}).`
    return failure(new AuthsignalError('ERR_AUTHSIGNAL_UNAVAILABLE', words, { attempts, cause }), true)
  }
  const trouble = tlsTrouble(code)
  if (trouble) return failure(misconfigured(`${TLS_TROUBLES[trouble]} (${code ?? ''}).`, { attempts, cause }))
  return failure(unexpected(`did not answer as an HTTP server does (${code ?? 'no code'})`, attempts))
}

/** An interceptor of the app's own may reject with anything. */
function messageOf(error: unknown): string | undefined {
  const { message } = (error ?? {}) as { message?: unknown }
  return typeof message === 'string' ? message : undefined
}

/** The error of a question that met a 429 on its way, whatever came after: it is no outage, and may be a thief's doing. */
export function tooManyRequests(attempts: number): AuthsignalError {
  return new AuthsignalError('ERR_AUTHSIGNAL_UNAVAILABLE', 'Authsignal answered 429.', { apiStatus: 429, attempts })
}

/**
 * The code that tells why there was no answer. Where a name has several addresses, a connection is given up after a moment
 * and the next one tried: of their errors the one counts that this process may have caused, by being too busy to see that
 * it was connected.
 */
export function codeOfLoss(error: unknown): string | undefined {
  const { code, message, errors, cause } = (error ?? {}) as Loss
  if (message === CUT_OFF) return 'ECONNRESET'
  const each: unknown = errors ?? cause?.errors
  if (!Array.isArray(each)) return code
  return (each as (Loss | undefined)[]).map((one) => one?.code).find(isLate) ?? code
}

interface Loss {
  code?: string
  message?: string
  /** Of an `AggregateError`, which axios keeps as the cause of its own. */
  errors?: unknown
  cause?: { errors?: unknown }
}

/** That there was no answer in time. Whether the API or this process was slow, the code does not tell. */
export function isLate(code: unknown): boolean {
  return LATE.has(code)
}

/** That a connection could not be made, or was lost. Whatever else goes wrong is no outage. */
export function isLost(code: unknown): boolean {
  return LOST.has(code)
}

/** Why no TLS connection was made, where that is why there was none. */
export function tlsTrouble(code: string | undefined = ''): keyof typeof TLS_TROUBLES | undefined {
  if (/CERT|UNABLE_TO/.test(code)) return 'certificate'
  return /TLS|SSL|EPROTO/.test(code) ? 'protocol' : undefined
}

const TLS_TROUBLES = {
  certificate: "Authsignal's certificate was not accepted",
  protocol: 'No TLS connection to Authsignal was made; check that the port of apiUrl speaks https',
}

/** What axios' own adapter says of a connection that is lost in the body; its code is that of any bad answer. */
const CUT_OFF = 'stream has been aborted'

const LATE = new Set<unknown>([
  TIMED_OUT,
  'ERR_CANCELED',
  // The system itself takes minutes to say so, and Node a quarter of a second for all addresses but the last.
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
])

const LOST = new Set<unknown>([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_NETWORK',
])

function refusal(apiStatus: number, answer: Answer | undefined, secret: string, attempts: number): AuthsignalError {
  // Old answers say `error`. The description is left out: it may quote what was sent.
  const apiErrorCode = harmless(answer?.errorCode ?? answer?.error, secret)
  const details = { apiStatus, apiErrorCode, attempts }
  if (isTransient(apiStatus))
    return new AuthsignalError('ERR_AUTHSIGNAL_UNAVAILABLE', `Authsignal answered ${apiStatus}.`, details)
  if (apiStatus < 400) return unexpected(`answered ${apiStatus}, which is not followed`, attempts, apiStatus)
  if (apiStatus === 401 || apiStatus === 403)
    return misconfigured(
      `Authsignal refused the API secret key (${apiStatus}). Check apiSecretKey, and that apiUrl is its region's.`,
      details,
    )
  return misconfigured(
    `Authsignal refused the request (${apiStatus}${apiErrorCode ? `, ${apiErrorCode}` : ''}).${cureOf(details)}`,
    details,
  )
}

/** The API itself gives each refusal a code. */
function cureOf({ apiStatus, apiErrorCode }: { apiStatus: number; apiErrorCode: string | undefined }): string {
  if (apiErrorCode !== undefined) return ' Check what is sent: attributes(req), of a guard.'
  return apiStatus === 404 ? ' Check apiUrl, which ends in /v1.' : ''
}

/** Whether the same call may succeed when it is sent again. 408 is a gateway's, which waited too long for the request. */
export function isTransient(status: number): boolean {
  return status === 408 || status === 429 || status >= 500
}

function failure(error: AuthsignalError, transient = false): AttemptOutcome {
  return { kind: 'failure', error, transient, retryAfterMs: 0 }
}

function unexpected(what: string, attempts: number, apiStatus?: number): AuthsignalError {
  return new AuthsignalError('ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE', `Authsignal ${what}.`, { apiStatus, attempts })
}

/** The API's own code for an error, where it is a code and not something that was sent. */
function harmless(code: unknown, secret: string): string | undefined {
  return isErrorCode(code) && !code.includes(secret) ? code : undefined
}

/** By its form: anything else may be a message, which quotes what was sent. */
export function isErrorCode(code: unknown): code is string {
  return typeof code === 'string' && /^[\w.-]{1,64}$/.test(code)
}

function parseObject(text: unknown): Answer | undefined {
  if (text === '') return {}
  try {
    const value: unknown = JSON.parse(String(text))
    return typeof value === 'object' && value !== null ? (value as Answer) : undefined
  } catch {
    return undefined
  }
}

/** Retry-After in milliseconds: seconds or a date, by RFC 9110; 0 where it says nothing. */
function retryAfterMs(value: unknown): number {
  if (typeof value !== 'string') return 0
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return ms > 0 ? ms : 0
}
