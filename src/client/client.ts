import { randomUUID } from 'node:crypto'
import { AuthsignalError } from '../errors'
import type { Answer } from './answer'
import { parseClientOptions, type AuthsignalClientOptions } from './options'
import { actionInstancePath, actionPath, authenticatorPath, query, userPath } from './path'
import { Transport } from './transport'
import type * as Api from './types'
import { Webhook } from './webhook'

/**
 * Authsignal's server API. Every method throws an `AuthsignalError`: `ERR_AUTHSIGNAL_UNAVAILABLE` where the API can't
 * be reached in time or answers 429 or 5xx, `…_UNEXPECTED_RESPONSE` where its answer is malformed or a redirect,
 * `…_MISCONFIGURED` where the key or the request is refused. No error holds the secret. Fields of answers that this
 * version does not know are kept.
 *
 * @example
 * const client = new AuthsignalClient({ apiSecretKey })
 * const { state } = await client.track({ userId: 'alice', action: 'transfer' })
 */
export class AuthsignalClient {
  readonly webhook: Webhook
  readonly #transport: Transport

  constructor(options: AuthsignalClientOptions = {}) {
    const parsed = parseClientOptions(options)
    this.#transport = new Transport(parsed)
    this.webhook = new Webhook(parsed.apiSecretKey)
  }

  /** Asks what to do about a user's action. A known `idempotencyKey` names the action it began; without one, one is made. */
  async track({ userId, action, attributes }: Api.TrackRequest): Promise<Api.TrackResponse> {
    // An empty key could never be asked for.
    const body = attributes?.idempotencyKey ? attributes : { ...attributes, idempotencyKey: randomUUID() }
    const answer = await this.#transport.send({
      kind: 'track',
      method: 'POST',
      path: actionPath(userId, action),
      body,
      repeatable: true,
    })
    if (typeof answer.idempotencyKey !== 'string') throw malformed('idempotencyKey')
    // `challengeUrl` is the name in old answers.
    const url = answer.url ?? answer.challengeUrl
    return as(Object.assign(answer, { url, state: stateOf(answer) }))
  }

  /** How an action stands now. */
  async getAction({ userId, action, idempotencyKey }: Api.GetActionRequest): Promise<Api.GetActionResponse> {
    const answer = await this.#get(actionInstancePath(userId, action, idempotencyKey))
    return { ...answer, state: stateOf(answer) }
  }

  /** Sets an action's state, as after a review. */
  async updateAction({
    userId,
    action,
    idempotencyKey,
    attributes,
  }: Api.UpdateActionRequest): Promise<Api.ActionAttributes> {
    return as(await this.#patch(actionInstancePath(userId, action, idempotencyKey), attributes))
  }

  /** A user's actions. */
  async queryUserActions(request: Api.QueryUserActionsRequest): Promise<Api.QueryUserActionsResponse> {
    const { userId, fromDate, actionCodes, state } = request
    const codes = actionCodes?.includes('') ? '' : actionCodes?.join()
    return list(await this.#get(`${userPath(userId)}/actions${query({ fromDate, codes, state })}`))
  }

  /** A user and how they can verify themselves; `isEnrolled` is false for a user whom the API does not know. */
  async getUser({ userId, redirectUrl }: Api.GetUserRequest): Promise<Api.GetUserResponse> {
    return having('isEnrolled', 'boolean', await this.#get(userPath(userId) + query({ redirectUrl })))
  }

  async queryUsers({ limit, ...by }: Api.QueryUsersRequest): Promise<Api.QueryUsersResponse> {
    const { username, email, phoneNumber, token, lastEvaluatedUserId } = by
    const bound = limit === undefined ? undefined : String(limit)
    const parameters = { username, email, phoneNumber, token, limit: bound, lastEvaluatedUserId }
    return having('users', 'object', await this.#get(`/users${query(parameters)}`))
  }

  /** Stores what is known of a user, and answers with it as stored. */
  async identify({ userId, attributes }: Api.IdentifyRequest): Promise<Api.UserAttributes> {
    return this.#patch(userPath(userId), attributes)
  }

  /** `identify`, by the name that the published SDK has for it. */
  async updateUser(request: Api.IdentifyRequest): Promise<Api.UserAttributes> {
    return this.identify(request)
  }

  async deleteUser({ userId }: { userId: string }): Promise<void> {
    await this.#delete(userPath(userId))
  }

  async getAuthenticators({ userId }: { userId: string }): Promise<Api.UserAuthenticator[]> {
    return list(await this.#get(`${userPath(userId)}/authenticators`))
  }

  /** Enrols an authenticator that the app itself has verified. It is sent once: sent again, it might enrol another. */
  async enrollVerifiedAuthenticator(
    request: Api.EnrollVerifiedAuthenticatorRequest,
  ): Promise<Api.EnrollVerifiedAuthenticatorResponse> {
    const answer = await this.#post(`${userPath(request.userId)}/authenticators`, request.attributes, false)
    return having('authenticator', 'object', answer)
  }

  async deleteAuthenticator({ userId, userAuthenticatorId }: Api.DeleteAuthenticatorRequest): Promise<void> {
    await this.#delete(authenticatorPath(userId, userAuthenticatorId))
  }

  /** What a token says. Let nothing pass on it alone: see docs/security.md. */
  async validateChallenge(request: Api.ValidateChallengeRequest): Promise<Api.ValidateChallengeResponse> {
    const { actionCode, ...rest } = await this.#post('/validate', request, true)
    const answer = having<Api.ValidateChallengeResponse>('isValid', 'boolean', { action: actionCode, ...rest })
    return { ...answer, isValid: answer.isValid && answer.state === 'CHALLENGE_SUCCEEDED' }
  }

  /** Sends a code by e-mail, SMS or WhatsApp. It is sent once. */
  async challenge(request: Api.ChallengeRequest): Promise<Api.ChallengeResponse> {
    return having('challengeId', 'string', await this.#post('/challenge', request, false))
  }

  /** Checks a code. It is sent once: each attempt counts. */
  async verify(request: Api.VerifyRequest): Promise<Api.VerifyResponse> {
    return having('isVerified', 'boolean', await this.#post('/verify', request, false))
  }

  /** Makes a challenge a user's, who was not known when it began. It is sent once. */
  async claimChallenge(request: Api.ClaimChallengeRequest): Promise<Api.ClaimChallengeResponse> {
    return having('token', 'string', await this.#post('/claim', request, false))
  }

  async getChallenge(request: Api.GetChallengeRequest): Promise<Api.GetChallengeResponse> {
    const { challengeId, userId, action, verificationMethod } = request
    return this.#get(`/challenges${query({ challengeId, userId, action, verificationMethod })}`)
  }

  /** It is sent once. */
  async createSession(request: Api.CreateSessionRequest): Promise<Api.SessionTokens> {
    return having('accessToken', 'string', await this.#post('/sessions', request, false))
  }

  async validateSession(request: Api.ValidateSessionRequest): Promise<Api.ValidateSessionResponse> {
    return having('user', 'object', await this.#post('/sessions/validate', request, true))
  }

  /** It is sent once: a refresh token may be good for one use. */
  async refreshSession(request: { refreshToken: string }): Promise<Api.SessionTokens> {
    return having('accessToken', 'string', await this.#post('/sessions/refresh', request, false))
  }

  async revokeSession(request: { accessToken: string }): Promise<void> {
    await this.#post('/sessions/revoke', request, true)
  }

  async revokeUserSessions(request: { userId: string }): Promise<void> {
    await this.#post('/sessions/user/revoke', request, true)
  }

  #get(path: string): Promise<Answer> {
    return this.#transport.send({ kind: 'other', method: 'GET', path, repeatable: true })
  }

  #post(path: string, body: object, repeatable: boolean): Promise<Answer> {
    return this.#transport.send({ kind: 'other', method: 'POST', path, body, repeatable })
  }

  #patch(path: string, body: object): Promise<Answer> {
    return this.#transport.send({ kind: 'other', method: 'PATCH', path, body, repeatable: true })
  }

  #delete(path: string): Promise<Answer> {
    return this.#transport.send({ kind: 'other', method: 'DELETE', path, repeatable: true })
  }
}

function stateOf({ state }: Answer): string {
  if (typeof state !== 'string') throw malformed('state')
  // The name in very old answers.
  return state === 'CHALLENGE_INITIATED' ? 'CHALLENGE_REQUIRED' : state
}

// The caller names what the API documents; only what this package relies on is checked.
/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters */
function having<Response>(field: string, type: string, answer: Answer): Response {
  if (typeof answer[field] !== type || answer[field] === null) throw malformed(field)
  return as(answer)
}

function list<Response extends unknown[]>(answer: Answer): Response {
  if (!Array.isArray(answer)) throw malformed('list')
  return answer as unknown as Response
}

function as<Response>(answer: Answer): Response {
  return answer as unknown as Response
}

/* eslint-enable @typescript-eslint/no-unnecessary-type-parameters */

function malformed(field: string): AuthsignalError {
  return new AuthsignalError('ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE', `Authsignal's answer has no valid ${field}.`)
}
