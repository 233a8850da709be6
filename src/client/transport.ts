import http from 'node:http'
import https from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import axios, { type AxiosInstance, type AxiosResponse } from 'axios'
import { AuthsignalError, misconfigured } from '../errors'

/** No answer of the API comes near this; a larger one is refused before it fills the memory. */
const MAX_ANSWER_BYTES = 1024 * 1024
const FIRST_PAUSE_MS = 50

export interface TransportOptions {
  apiSecretKey: string
  apiUrl: string
  timeout: number
  retries: number
}

export interface Call {
  method: 'GET' | 'POST' | 'PATCH'
  path: string
  query?: Record<string, string | undefined>
  body?: object
  /** Whether the API takes the call twice without harm. */
  repeatable: boolean
}

type Answer = Record<string, unknown>

/**
 * One question to the API: all its attempts share one deadline. Lost connections, 429 and 5xx are tried again, where
 * the call may be; redirects are not followed, since the secret must not travel.
 */
export class Transport {
  readonly #axios: AxiosInstance
  readonly #secret: string
  readonly #timeout: number
  readonly #retries: number

  constructor({ apiSecretKey, apiUrl, timeout, retries }: TransportOptions) {
    this.#secret = apiSecretKey
    this.#timeout = timeout
    this.#retries = retries
    this.#axios = axios.create({
      baseURL: apiUrl,
      auth: { username: apiSecretKey, password: '' },
      httpAgent: new http.Agent({ keepAlive: true }),
      httpsAgent: new https.Agent({ keepAlive: true }),
      maxRedirects: 0,
      maxContentLength: MAX_ANSWER_BYTES,
      responseType: 'text',
      transformResponse: (text: unknown) => text,
      validateStatus: () => true,
    })
  }

  async send(call: Call): Promise<Answer> {
    const startedAt = Date.now()
    const deadline = new AbortController()
    const timer = setTimeout(() => {
      deadline.abort()
    }, this.#timeout)
    try {
      return await this.#attempts(call, startedAt + this.#timeout, deadline.signal)
    } finally {
      clearTimeout(timer)
    }
  }

  async #attempts(call: Call, endsAt: number, signal: AbortSignal): Promise<Answer> {
    for (let attempts = 1; ; attempts += 1) {
      const outcome = await this.#attempt(call, signal, attempts)
      if (outcome.answer) return outcome.answer
      const pause = Math.max(outcome.retryAfterMs, FIRST_PAUSE_MS * 2 ** (attempts - 1) * (0.5 + Math.random()))
      const again = outcome.transient && call.repeatable && attempts <= this.#retries
      if (!again || Date.now() + pause >= endsAt) throw outcome.error
      await delay(pause)
    }
  }

  async #attempt(call: Call, signal: AbortSignal, attempts: number): Promise<Outcome> {
    try {
      const response = await this.#axios.request<string>({
        method: call.method,
        url: call.path,
        params: call.query,
        data: call.body,
        signal,
      })
      return this.#read(response, attempts)
    } catch (error) {
      return lostConnection(error, signal.aborted, attempts)
    }
  }

  #read(response: AxiosResponse<string>, attempts: number): Outcome {
    const { status } = response
    const answer = parseObject(response.data)
    if (status >= 200 && status < 300) {
      if (answer ?? response.data === '') return { answer: answer ?? {} } as Outcome
      return failed(unexpected('answered with something that is not a JSON object', status, attempts))
    }
    return {
      error: this.#refusal(status, answer, attempts),
      transient: status === 429 || status >= 500,
      retryAfterMs: retryAfterMs(response.headers['retry-after']),
    }
  }

  #refusal(apiStatus: number, answer: Answer | undefined, attempts: number): AuthsignalError {
    const apiErrorCode = this.#harmless(answer?.errorCode ?? answer?.error)
    const details = { apiStatus, apiErrorCode, attempts }
    if (apiStatus === 429 || apiStatus >= 500)
      return new AuthsignalError('ERR_AUTHSIGNAL_UNAVAILABLE', `Authsignal answered ${apiStatus}.`, details)
    if (apiStatus < 400) return unexpected(`answered ${apiStatus}, which is not followed`, apiStatus, attempts)
    if (apiStatus === 401 || apiStatus === 403)
      return misconfigured(
        `Authsignal refused the API secret key (${apiStatus}). Check apiSecretKey, and that apiUrl is its region's.`,
        details,
      )
    const why = this.#harmless(answer?.errorDescription ?? answer?.message)
    return misconfigured(`Authsignal refused the request (${apiStatus}${why ? `: ${why}` : ''}).`, details)
  }

  /** The API's own words, short, and never where they repeat the secret. */
  #harmless(words: unknown): string | undefined {
    if (typeof words !== 'string' || words.includes(this.#secret)) return undefined
    return words.slice(0, 200)
  }
}

interface Outcome {
  answer?: Answer
  error: AuthsignalError
  /** Whether the same call may succeed when it is sent again. */
  transient: boolean
  retryAfterMs: number
}

function failed(error: AuthsignalError, transient = false): Outcome {
  return { error, transient, retryAfterMs: 0 }
}

/** Built anew: an AxiosError holds the secret in its config and must not leave this file. */
function lostConnection(error: unknown, timedOut: boolean, attempts: number): Outcome {
  const { code, message } = error as { code?: string; message?: string }
  if (timedOut)
    return failed(new AuthsignalError('ERR_AUTHSIGNAL_UNAVAILABLE', 'Authsignal did not answer in time.', { attempts }))
  if (message?.includes('maxContentLength')) return failed(unexpected('answered with too much', undefined, attempts))
  const cause = Object.assign(new Error(message), { code })
  const words = `Authsignal could not be reached (${code ?? 'no code'}).`
  return failed(new AuthsignalError('ERR_AUTHSIGNAL_UNAVAILABLE', words, { attempts, cause }), true)
}

function unexpected(what: string, apiStatus: number | undefined, attempts: number): AuthsignalError {
  return new AuthsignalError('ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE', `Authsignal ${what}.`, { apiStatus, attempts })
}

function parseObject(text: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(text)
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
