import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type { AxiosRequestConfig } from 'axios'
import { circuitBreaker, ConsecutiveBreaker, ExponentialBackoff, handleWhen, isBrokenCircuitError } from 'cockatiel'
import { AuthsignalError, isOutage } from '../errors'
import { logAttempt, logBreaker, logPause } from '../telemetry/log'
import { asJson } from './as-json'
import {
  lostConnection,
  MAX_ANSWER_LENGTH,
  readAnswer,
  tooManyRequests,
  type Answer,
  type AttemptOutcome,
} from './answer'
import type { Lookups } from './lookups'
import type { AxiosLike, TransportOptions } from './options'
import { orOwnDelay } from './own-delay'
import type { ownAxios } from './own-axios'

const FIRST_PAUSE_MS = 50
/** After so many questions in a row that met an outage, none is asked for a second, then two, and so on. */
const OUTAGES_BEFORE_OPEN = 5
const OPEN_FOR = { initialDelay: 1_000, maxDelay: 30_000 }

export interface Call {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below the API's URL, percent-encoded, with its query. */
  path: string
  body?: object
  kind: 'track' | 'other'
  /** Whether the API takes the call twice without harm. */
  repeatable: boolean
}

/**
 * One question to the API: all its attempts share one deadline. Lost connections, 429 and 5xx are tried again, where
 * the call may be; redirects are not followed, since the secret must not travel. While the API is down a breaker
 * answers at once, and one probe tells when it is back.
 */
export class Transport {
  readonly #axios: AxiosLike
  readonly #options: TransportOptions
  readonly #headers: Record<string, string>
  readonly #headersOfBody: Record<string, string>
  readonly #basePath: string
  readonly #lean: boolean
  /** Undefined where the app's own axios looks addresses up. */
  readonly #lookups: Lookups | undefined
  /** Two: an outage of any other call must not look like one of track, which may fail open. */
  readonly #breakers = { track: makeBreaker('track'), other: makeBreaker('other') }

  constructor(options: TransportOptions) {
    this.#options = options
    const { apiSecretKey, apiUrl, axios } = options
    const own = axios ? { axios, lean: false, lookups: undefined } : loadOwnAxios()(apiUrl)
    this.#axios = own.axios
    this.#lean = own.lean
    this.#lookups = own.lookups
    // Our own adapter knows the host; axios' takes whole URLs.
    this.#basePath = own.lean ? new URL(apiUrl).pathname.replace(/\/$/, '') : apiUrl
    this.#headers = {
      accept: 'application/json',
      authorization: `Basic ${Buffer.from(`${apiSecretKey}:`).toString('base64')}`,
      'user-agent': 'authsignal-express',
    }
    this.#headersOfBody = { ...this.#headers, 'content-type': 'application/json' }
  }

  async send(call: Call): Promise<Answer> {
    const breaker = this.#breakers[call.kind]
    // While the breaker probes it has the others wait, and their time runs.
    const sentAt = performance.now()
    try {
      return await breaker.execute(() => this.#ask(call, sentAt))
    } catch (error) {
      throw isBrokenCircuitError(error) ? notAsked() : error
    }
  }

  async #ask(call: Call, sentAt: number): Promise<Answer> {
    // Once: what the caller changes between two attempts is another question, and must not go by the same key.
    const data = call.body && asJson(call.body)
    const began = performance.eventLoopUtilization()
    const waited = this.#isLong(performance.now() - sentAt)
    const endsAt = sentAt + this.#options.timeout
    let limited = false
    for (let attempts = 1; ; attempts += 1) {
      const since = performance.now()
      const outcome = await this.#attempt(call, data, endsAt - performance.now(), attempts)
      logAttempt(call, attempts, since, outcome)
      if (outcome.kind === 'answer') return outcome.answer
      const again = outcome.transient && call.repeatable && attempts <= this.#options.retries
      const pause = Math.max(outcome.retryAfterMs, FIRST_PAUSE_MS * 2 ** (attempts - 1) * (0.5 + Math.random()))
      limited ||= outcome.error.apiStatus === 429
      // A Retry-After beyond the deadline is honoured by not asking again.
      if (!again || performance.now() + pause >= endsAt) {
        const error = limited ? tooManyRequests(attempts) : outcome.error
        throw orOwnDelay(error, began, waited || this.#waitedForAddress(sentAt))
      }
      logPause(call, pause)
      await delay(pause)
    }
  }

  async #attempt(
    { method, path }: Call,
    data: string | undefined,
    leftMs: number,
    attempts: number,
  ): Promise<AttemptOutcome> {
    const headers = data === undefined ? this.#headers : this.#headersOfBody
    try {
      const request = { method, url: this.#basePath + path, data, headers, ...this.#bounds(leftMs) }
      return readAnswer(await this.#axios.request(request), this.#options.apiSecretKey, attempts)
    } catch (error) {
      return lostConnection(error, attempts)
    }
  }

  #waitedForAddress(sentAt: number): boolean {
    return this.#isLong(this.#lookups?.waitedSince(sentAt) ?? 0)
  }

  /** Too long to say that the API was given its time. */
  #isLong(waitedMs: number): boolean {
    return waitedMs > this.#options.timeout / 4
  }

  /** Our own adapter is built so, and means the whole attempt by a timeout; what axios calls one ends only a silence. */
  #bounds(leftMs: number): AxiosRequestConfig {
    const ms = Math.max(1, Math.ceil(leftMs))
    return this.#lean ? { timeout: ms } : { ...REQUEST_CONFIG, signal: AbortSignal.timeout(ms) }
  }
}

/** axios and undici take most of the time that this package takes to load: only a client of its own needs them. */
function loadOwnAxios(): typeof ownAxios {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require('./own-axios') as { ownAxios: typeof ownAxios }).ownAxios
}

/** For axios' own adapter, or the app's. */
const REQUEST_CONFIG: AxiosRequestConfig = {
  maxRedirects: 0,
  maxContentLength: MAX_ANSWER_LENGTH,
  responseType: 'text',
  transformRequest: [],
  transformResponse: [],
  validateStatus: null,
}

function notAsked(): AuthsignalError {
  return new AuthsignalError('ERR_AUTHSIGNAL_UNAVAILABLE', 'Authsignal is down, and was not asked.', { attempts: 0 })
}

function makeBreaker(kind: Call['kind']) {
  const breaker = circuitBreaker(handleWhen(isOutage), {
    halfOpenAfter: new ExponentialBackoff(OPEN_FOR),
    breaker: new ConsecutiveBreaker(OUTAGES_BEFORE_OPEN),
  })
  breaker.onBreak(() => {
    logBreaker(kind, 'open, nothing is asked')
  })
  breaker.onHalfOpen(() => {
    logBreaker(kind, 'half open, one call is a probe')
  })
  breaker.onReset(() => {
    logBreaker(kind, 'closed')
  })
  return breaker
}
