import { AuthsignalError, misconfigured, typeInWords } from '../errors'
import { isSecureUrl } from '../http'
import { actionInstancePath, actionPath, userPath } from './path'
import { Transport } from './transport'
import type {
  EnrollVerifiedAuthenticatorRequest,
  EnrollVerifiedAuthenticatorResponse,
  GetActionRequest,
  GetActionResponse,
  GetUserRequest,
  GetUserResponse,
  IdentifyRequest,
  TrackRequest,
  TrackResponse,
  UserAttributes,
} from './types'

const DEFAULT_API_URL = 'https://api.authsignal.com/v1'

export interface AuthsignalClientOptions {
  /** The tenant's API secret key. Default: `AUTHSIGNAL_API_SECRET_KEY` of the environment. */
  apiSecretKey?: string
  /**
   * The API's base URL, the tenant's region in it; https, or http on loopback. Default: `AUTHSIGNAL_API_URL` of the
   * environment, else `https://api.authsignal.com/v1`.
   */
  apiUrl?: string
  /** How long one question may take with all its attempts, in milliseconds, 1 to 60,000. Default: 2,000. */
  timeout?: number
  /** How many times a question is asked again at the most, 0 to 10. Default: 2. */
  retries?: number
}

/**
 * Authsignal's server API. Every method throws an `AuthsignalError`: `ERR_AUTHSIGNAL_UNAVAILABLE` where the API can't
 * be reached in time or answers 429 or 5xx, `…_UNEXPECTED_RESPONSE` where its answer is malformed or a redirect,
 * `…_MISCONFIGURED` where the key or the request is refused. No error holds the secret.
 *
 * @example
 * const client = new AuthsignalClient({ apiSecretKey })
 * const { state } = await client.track({ userId: 'alice', action: 'transfer' })
 */
export class AuthsignalClient {
  readonly #transport: Transport

  constructor(options: AuthsignalClientOptions = {}) {
    this.#transport = new Transport(parseOptions(options))
  }

  /** Asks what to do about a user's action. A known `idempotencyKey` names the action it began; without one, one is made. */
  async track({ userId, action, attributes = {} }: TrackRequest): Promise<TrackResponse> {
    const idempotencyKey = attributes.idempotencyKey ?? crypto.randomUUID()
    const answer = await this.#transport.send({
      method: 'POST',
      path: actionPath(userId, action),
      body: { ...attributes, idempotencyKey },
      repeatable: true,
    })
    const state = stateOf(answer)
    // `challengeUrl` is the name in old answers.
    return { idempotencyKey, ...answer, url: answer.url ?? answer.challengeUrl, state } as TrackResponse
  }

  /** How an action stands now. */
  async getAction({ userId, action, idempotencyKey }: GetActionRequest): Promise<GetActionResponse> {
    const path = actionInstancePath(userId, action, idempotencyKey)
    const answer = await this.#transport.send({ method: 'GET', path, repeatable: true })
    return { ...answer, state: stateOf(answer) }
  }

  /** A user and how they can verify themselves; `isEnrolled` is false for a user whom the API does not know. */
  async getUser({ userId, redirectUrl }: GetUserRequest): Promise<GetUserResponse> {
    const answer = await this.#transport.send({
      method: 'GET',
      path: userPath(userId),
      query: { redirectUrl },
      repeatable: true,
    })
    if (typeof answer.isEnrolled !== 'boolean') throw malformed('isEnrolled')
    return answer as unknown as GetUserResponse
  }

  /** Stores what is known of a user, and answers with it as stored. */
  async identify({ userId, attributes }: IdentifyRequest): Promise<UserAttributes> {
    return this.#transport.send({ method: 'PATCH', path: userPath(userId), body: attributes, repeatable: true })
  }

  /** `identify`, by the name that the published SDK has for it. */
  async updateUser(request: IdentifyRequest): Promise<UserAttributes> {
    return this.identify(request)
  }

  /** Enrols an authenticator that the app itself has verified. It is sent once: sent again, it might enrol another. */
  async enrollVerifiedAuthenticator({
    userId,
    attributes,
  }: EnrollVerifiedAuthenticatorRequest): Promise<EnrollVerifiedAuthenticatorResponse> {
    const answer = await this.#transport.send({
      method: 'POST',
      path: `${userPath(userId)}/authenticators`,
      body: attributes,
      repeatable: false,
    })
    if (typeof answer.authenticator !== 'object') throw malformed('authenticator')
    return answer as unknown as EnrollVerifiedAuthenticatorResponse
  }
}

function stateOf({ state }: Record<string, unknown>): string {
  if (typeof state !== 'string') throw malformed('state')
  // The name in very old answers.
  return state === 'CHALLENGE_INITIATED' ? 'CHALLENGE_REQUIRED' : state
}

function malformed(field: string): AuthsignalError {
  return new AuthsignalError('ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE', `Authsignal's answer has no valid ${field}.`)
}

const KNOWN_OPTIONS: Record<keyof AuthsignalClientOptions, true> = {
  apiSecretKey: true,
  apiUrl: true,
  timeout: true,
  retries: true,
}

function parseOptions(options: AuthsignalClientOptions) {
  for (const name of Object.keys(options))
    if (!Object.hasOwn(KNOWN_OPTIONS, name)) throw misconfigured(`AuthsignalClient has no option "${name}".`)
  return {
    apiSecretKey: parseSecretKey(options.apiSecretKey ?? process.env.AUTHSIGNAL_API_SECRET_KEY),
    apiUrl: parseApiUrl(options.apiUrl ?? (process.env.AUTHSIGNAL_API_URL || DEFAULT_API_URL)),
    timeout: wholeNumber('timeout', options.timeout ?? 2_000, 1, 60_000),
    retries: wholeNumber('retries', options.retries ?? 2, 0, 10),
  }
}

function parseSecretKey(key: unknown): string {
  if (typeof key === 'string' && key.trim() !== '') return key
  throw misconfigured(
    `apiSecretKey is ${typeInWords(key)}. Set AUTHSIGNAL_API_SECRET_KEY in the environment, or give the apiSecretKey option.`,
  )
}

function parseApiUrl(value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (!url || !isSecureUrl(url) || url.username || url.search || url.hash)
    throw misconfigured('apiUrl must be an https URL (http on loopback alone), with neither credentials nor a query.')
  return url.href.replace(/\/+$/, '')
}

function wholeNumber(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value
  throw misconfigured(`${name} is ${typeInWords(value)}; give a whole number from ${least} to ${most}.`)
}
