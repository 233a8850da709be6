import type { TrackedAction, User, VerificationMethod } from '../types'
import { defaultAuthenticator } from './users'

/** A way to pass a challenge. `address` is where its code goes: undefined where none is known, or none is sent. */
export interface Way {
  readonly verificationMethod: VerificationMethod
  readonly address?: string
  readonly userAuthenticatorId?: string
}

/**
 * The user's own authenticators, the default first. A user without any gets a code by e-mail. An enrolled address is
 * never joined by one that the action brought along, which an attacker might have chosen.
 */
export function waysToPass(user: User, { attributes }: TrackedAction, recoveryCodesLeft: number): Way[] {
  const first = defaultAuthenticator(user)
  if (!first) return [{ verificationMethod: 'EMAIL_OTP', address: user.email ?? attributes.email }]
  const ways = new Map<VerificationMethod, Way>()
  for (const authenticator of [first, ...user.authenticators]) {
    const way = {
      // The emulator sends codes, no links.
      verificationMethod: authenticator.email === undefined ? authenticator.verificationMethod : 'EMAIL_OTP',
      address: authenticator.email ?? authenticator.phoneNumber,
      userAuthenticatorId: authenticator.userAuthenticatorId,
    } as const
    if (!ways.has(way.verificationMethod)) ways.set(way.verificationMethod, way)
  }
  if (recoveryCodesLeft > 0) ways.set('RECOVERY_CODE', { verificationMethod: 'RECOVERY_CODE' })
  return [...ways.values()]
}

export function isSent({ verificationMethod }: Way): boolean {
  return verificationMethod === 'EMAIL_OTP' || verificationMethod === 'SMS' || verificationMethod === 'WHATSAPP'
}
