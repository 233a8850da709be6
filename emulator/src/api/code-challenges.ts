import { randomUUID } from 'node:crypto'
import { type CodeChallenge, type CodeMethod, hasExpired } from '../tenant/code-challenges'
import type { Tenant } from '../tenant/tenant'
import type { TrackAttributes } from '../types'
import { checkActionCode } from './actions'
import { invalidRequest, notFound } from './api-error'
import { type Call, type Json, matches, optionalString, requiredString } from './call'

const defaultAction = 'challenge'

const addressOf: Record<CodeMethod, 'email' | 'phoneNumber'> = {
  SMS: 'phoneNumber',
  EMAIL_OTP: 'email',
  WHATSAPP: 'phoneNumber',
}

/** Its actions are challenged because the app said so; no rule is asked. */
export const challenge: Call = (tenant, { body }) => {
  const verificationMethod = methodOf(body)
  const to = addressFor(tenant, body, verificationMethod)
  const actionCode = checkActionCode(optionalString(body, 'action') ?? defaultAction)
  const userId = optionalString(body, 'userId')
  const waiting = tenant.codeChallenges.get(optionalString(body, 'challengeId') ?? '')
  const idempotencyKey = optionalString(body, 'idempotencyKey') ?? waiting?.idempotencyKey ?? randomUUID()
  const attributes: TrackAttributes = { ...body, idempotencyKey }
  if (userId !== undefined) tenant.actions.record({ userId, actionCode, idempotencyKey }, attributes, required)
  const order = { idempotencyKey, actionCode, verificationMethod, to, userId, attributes }
  const { challengeId, expiresAt } = tenant.codeChallenges.start(order, waiting?.challengeId)
  return { challengeId, idempotencyKey, expiresAt: seconds(expiresAt) }
}

export const verify: Call = (tenant, { body }) => {
  const asked = existing(tenant, body)
  const attempt = tenant.codeChallenges.verify(asked, requiredString(body, 'verificationCode'))
  const { userId, verificationMethod, to } = asked
  if (userId !== undefined) {
    const id = { ...asked, userId }
    if (attempt === 'verified') tenant.actions.setState(id, 'CHALLENGE_SUCCEEDED', { verificationMethod })
    if (attempt === 'MAX_ATTEMPTS_EXCEEDED') tenant.actions.setState(id, 'CHALLENGE_FAILED')
  }
  return {
    isVerified: attempt === 'verified',
    [addressOf[verificationMethod]]: to,
    verificationMethod,
    ...(attempt !== 'verified' && { failureReason: attempt }),
  }
}

export const claimChallenge: Call = async (tenant, { body }) => {
  const userId = requiredString(body, 'userId')
  const claimed = existing(tenant, body)
  const { verificationMethod } = claimed
  if (hasExpired(claimed)) throw invalidRequest('The challenge has expired.')
  if (!claimed.verified && body.skipVerificationCheck !== true) {
    throw invalidRequest('The challenge is not verified yet.')
  }
  if (claimed.userId !== undefined && claimed.userId !== userId) throw invalidRequest('It is another user’s challenge.')
  tenant.codeChallenges.claim(claimed, userId)
  const action = tenant.actions.record({ ...claimed, userId }, claimed.attributes, required)
  if (action.state === required) tenant.actions.setState(action, 'CHALLENGE_SUCCEEDED', { verificationMethod })
  await tenant.actions.settled(action)
  return { token: tenant.tokens.sign(action), verificationMethod }
}

export const getChallenge: Call = (tenant, { query }) => {
  const found = tenant.codeChallenges.findActive(
    ({ challengeId, userId, actionCode, verificationMethod }) =>
      matches(query.challengeId, challengeId) &&
      matches(query.userId, userId) &&
      matches(query.action, actionCode) &&
      matches(query.verificationMethod, verificationMethod),
  )
  if (!found) return {}
  const { challengeId, expiresAt, verificationMethod, to, actionCode } = found
  const smsChannel = { SMS: 'DEFAULT', WHATSAPP: 'WHATSAPP', EMAIL_OTP: undefined }[verificationMethod]
  const address = { [addressOf[verificationMethod]]: to }
  return { challengeId, expiresAt: seconds(expiresAt), verificationMethod, smsChannel, ...address, action: actionCode }
}

const required = 'CHALLENGE_REQUIRED'

/** Older clients ask for WhatsApp by `smsChannel`, and leave the method to the address. */
function methodOf(body: Json): CodeMethod {
  const byAddress = body.phoneNumber === undefined ? 'EMAIL_OTP' : 'SMS'
  const method = optionalString(body, 'verificationMethod') ?? byAddress
  if (!Object.hasOwn(addressOf, method)) {
    throw invalidRequest(`verificationMethod must be one of ${Object.keys(addressOf).join(', ')}.`)
  }
  return method === 'SMS' && body.smsChannel === 'WHATSAPP' ? 'WHATSAPP' : (method as CodeMethod)
}

function addressFor(tenant: Tenant, body: Json, method: CodeMethod): string {
  const name = addressOf[method]
  const user = tenant.users.get(optionalString(body, 'userId') ?? '')
  const enrolled = user.authenticators.find(({ verificationMethod }) => verificationMethod === method)
  const address = optionalString(body, name) ?? enrolled?.[name] ?? user[name]
  if (address === undefined) throw invalidRequest(`${name} is required for ${method}.`)
  return address
}

function existing(tenant: Tenant, body: Json): CodeChallenge {
  const found = tenant.codeChallenges.get(requiredString(body, 'challengeId'))
  if (!found) throw notFound('There is no such challenge.')
  return found
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}
