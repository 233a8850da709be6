import type { Authenticator, VerificationMethod } from '../types'
import { invalidRequest, notFound } from './api-error'
import { type Call, type Json, optionalString } from './call'

type Address = 'email' | 'phoneNumber'

/** The methods an app may enroll as verified already, and the address each needs. */
const addressOf: Partial<Record<string, Address>> = {
  EMAIL_OTP: 'email',
  EMAIL_MAGIC_LINK: 'email',
  SMS: 'phoneNumber',
  WHATSAPP: 'phoneNumber',
}

export const enrollVerifiedAuthenticator: Call = (tenant, { params: { userId = '' }, body }) => {
  const method = optionalString(body, 'verificationMethod') ?? optionalString(body, 'oobChannel') ?? ''
  const address = addressOf[method]
  if (address === undefined) {
    throw invalidRequest(`verificationMethod must be one of ${Object.keys(addressOf).join(', ')}.`)
  }
  const value = optionalString(body, address)
  if (value === undefined) throw invalidRequest(`${address} is required for ${method}.`)
  const { authenticator, recoveryCodes } = tenant.enrolments.enroll(userId, {
    verificationMethod: method as VerificationMethod,
    [address]: value,
    ...(typeof body.isDefault === 'boolean' && { isDefault: body.isDefault }),
  })
  return { authenticator: onTheWire(authenticator), recoveryCodes }
}

export const getAuthenticators: Call = (tenant, { params: { userId = '' } }) => {
  return tenant.users.get(userId).authenticators.map(onTheWire)
}

export const deleteAuthenticator: Call = (tenant, { params: { userId = '', userAuthenticatorId = '' } }) => {
  if (!tenant.users.removeAuthenticator(userId, userAuthenticatorId)) throw notFound('There is no such authenticator.')
}

/** Older clients read the method from `oobChannel`. */
function onTheWire(authenticator: Authenticator): Json {
  return { ...authenticator, oobChannel: authenticator.verificationMethod }
}
