import type { Tenant } from '../tenant/tenant'
import { allowedMethods, enrolledMethods } from '../tenant/users'
import type { User, UserAttributes } from '../types'
import { invalidRequest, notFound } from './api-error'
import { type Call, type Json, optionalString } from './call'
import { isRedirectUrl } from './redirect-url'

const defaultPageSize = 10

export const getUser: Call = (tenant, { params: { userId = '' }, query }) => {
  const user = tenant.users.get(userId)
  return {
    isEnrolled: user.authenticators.length > 0,
    ...attributesOf(user),
    emailVerified: user.emailVerified ?? false,
    phoneNumberVerified: user.phoneNumberVerified ?? false,
    enrolledVerificationMethods: enrolledMethods(user),
    allowedVerificationMethods: allowedMethods(user),
    ...(query.redirectUrl !== undefined && { url: settingsUrl(tenant, userId, query.redirectUrl) }),
  }
}

export const queryUsers: Call = (tenant, { query }) => {
  const limit = query.limit === undefined ? defaultPageSize : Number(query.limit)
  if (!Number.isInteger(limit) || limit < 1) throw invalidRequest('limit must be a positive integer.')
  const token = query.token === undefined ? undefined : readToken(tenant, query.token)
  const found = tenant.users
    .all()
    .filter(({ userId }) => token === undefined || userId === token.userId)
    .filter(({ username }) => query.username === undefined || username === query.username)
    .filter(({ email }) => query.email === undefined || email === query.email)
    .filter(({ phoneNumber }) => query.phoneNumber === undefined || phoneNumber === query.phoneNumber)
  const start = found.findIndex(({ userId }) => userId === query.lastEvaluatedUserId) + 1
  const page = found.slice(start, start + limit)
  return {
    users: page.map(summaryOf),
    ...(start + limit < found.length && { lastEvaluatedUserId: page.at(-1)?.userId }),
    ...(token && { tokenPayload: token }),
  }
}

function readToken(tenant: Tenant, token: string): { userId: string } {
  const { action } = tenant.tokens.read(token)
  if (!action) throw invalidRequest('The token is invalid or expired.')
  return action
}

export const updateUser: Call = (tenant, { params: { userId = '' }, body }) => {
  return attributesOf(tenant.users.update(userId, userAttributesOf(body)))
}

export const deleteUser: Call = (tenant, { params: { userId = '' } }) => {
  if (!tenant.users.delete(userId)) throw notFound('There is no such user.')
}

function attributesOf(user: User): UserAttributes {
  const { email, emailVerified, phoneNumber, phoneNumberVerified, username, displayName, custom, locale } = user
  return { email, emailVerified, phoneNumber, phoneNumberVerified, username, displayName, custom, locale }
}

function summaryOf({ userId, email, emailVerified, phoneNumber, phoneNumberVerified, username }: User): Json {
  return {
    userId,
    email,
    emailVerified: emailVerified ?? false,
    phoneNumber,
    phoneNumberVerified: phoneNumberVerified ?? false,
    username,
  }
}

function userAttributesOf(body: Json): UserAttributes {
  const attributes: Record<string, unknown> = {}
  for (const name of ['email', 'phoneNumber', 'username', 'displayName', 'locale']) {
    const value = optionalString(body, name)
    if (value !== undefined) attributes[name] = value
  }
  for (const name of ['emailVerified', 'phoneNumberVerified']) {
    if (body[name] === undefined) continue
    if (typeof body[name] !== 'boolean') throw invalidRequest(`${name} must be true or false.`)
    attributes[name] = body[name]
  }
  if (body.custom !== undefined) attributes.custom = body.custom
  return attributes
}

function settingsUrl(tenant: Tenant, userId: string, redirectUrl: string): string {
  if (!isRedirectUrl(redirectUrl)) throw invalidRequest('redirectUrl must be an absolute URL.')
  return `${tenant.url}/settings?token=${tenant.settingsTokens.sign({ userId, redirectUrl })}`
}
