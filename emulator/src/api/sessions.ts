import type { Tenant } from '../tenant/tenant'
import { ApiError, invalidRequest } from './api-error'
import type { Call, Json } from './call'
import { requiredString } from './call'

export const createSession: Call = async (tenant, { body }) => {
  const clientId = requiredString(body, 'clientId')
  const { action: id } = tenant.tokens.read(requiredString(body, 'token'))
  const action = id && (await tenant.actions.settled(id))
  if (action?.state !== 'CHALLENGE_SUCCEEDED') throw notUsable('The token is not one of a challenge that was passed.')
  if (body.action !== undefined && body.action !== action.actionCode) throw notUsable('The token is of another action.')
  const { userId, verificationMethod } = action
  return tenant.sessions.create({ userId, clientId, verificationMethod })
}

export const validateSession: Call = (tenant, { body }) => {
  const { clientId, userId, expiresAt, verificationMethod } = sessionOf(tenant, body)
  const clientIds = body.clientIds ?? [clientId]
  if (!Array.isArray(clientIds)) throw invalidRequest('clientIds must be a list.')
  if (!clientIds.includes(clientId)) throw notUsable('The access token is of another client.')
  const { email, emailVerified, phoneNumber, phoneNumberVerified, username, displayName, custom } =
    tenant.users.get(userId)
  const user = { userId, email, emailVerified, phoneNumber, phoneNumberVerified, username, displayName, custom }
  return { user, expiresAt, verificationMethod }
}

export const refreshSession: Call = (tenant, { body }) => {
  const tokens = tenant.sessions.refresh(requiredString(body, 'refreshToken'))
  if (!tokens) throw notUsable('The refresh token is invalid, expired, spent or revoked.')
  return tokens
}

export const revokeSession: Call = (tenant, { body }) => {
  tenant.sessions.revoke(sessionOf(tenant, body).id)
}

export const revokeUserSessions: Call = (tenant, { body }) => {
  tenant.sessions.revokeUser(requiredString(body, 'userId'))
}

function sessionOf(tenant: Tenant, body: Json): NonNullable<ReturnType<Tenant['sessions']['read']>> {
  const session = tenant.sessions.read(requiredString(body, 'accessToken'))
  if (!session) throw notUsable('The access token is invalid, expired or revoked.')
  return session
}

/** Not 401, which says that the API key is wrong. */
function notUsable(description: string): ApiError {
  return new ApiError(400, 'invalid_credential', description)
}
