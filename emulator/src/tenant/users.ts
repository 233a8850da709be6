import { randomUUID } from 'node:crypto'
import type { Authenticator, User, UserAttributes, VerificationMethod, WebauthnCredential } from '../types'
import type { TenantEvents } from './events'
import { UserMap } from './user-map'

export interface Enrolment {
  readonly verificationMethod: VerificationMethod
  readonly email?: string
  readonly phoneNumber?: string
  readonly isDefault?: boolean
  readonly webauthnCredential?: WebauthnCredential
}

export class Users {
  readonly #users: UserMap

  constructor(events: TenantEvents) {
    this.#users = new UserMap(events)
  }

  get(userId: string): User {
    return this.#users.get(userId) ?? { userId, authenticators: [] }
  }

  isEnrolled(userId: string): boolean {
    return this.get(userId).authenticators.length > 0
  }

  update(userId: string, attributes: UserAttributes): User {
    const user = { ...this.get(userId), ...attributes }
    this.#users.set(userId, user)
    return user
  }

  /** What an action says of its user fills gaps, and never replaces an address that is already there. */
  meet(userId: string, { email, phoneNumber, username }: UserAttributes): void {
    const user = this.get(userId)
    this.update(userId, {
      ...(email !== undefined && { email }),
      ...(phoneNumber !== undefined && { phoneNumber }),
      ...(username !== undefined && { username }),
      ...user,
    })
  }

  delete(userId: string): boolean {
    return this.#users.delete(userId)
  }

  /** Enrolling a method again replaces it; passkeys add up, as each device has its own. */
  enroll(userId: string, { isDefault, ...enrolment }: Enrolment): Authenticator {
    const at = new Date().toISOString()
    const others = this.get(userId).authenticators.filter(
      (other) => other.verificationMethod === 'PASSKEY' || other.verificationMethod !== enrolment.verificationMethod,
    )
    const first = others.length === 0
    const authenticator: Authenticator = {
      userAuthenticatorId: randomUUID(),
      userId,
      ...enrolment,
      createdAt: at,
      verifiedAt: at,
      isDefault: isDefault ?? first,
    }
    const rest = authenticator.isDefault ? others.map((other) => ({ ...other, isDefault: false })) : others
    this.#users.set(userId, {
      ...this.get(userId),
      ...verifiedAddress(enrolment),
      authenticators: [...rest, authenticator],
    })
    return authenticator
  }

  verified(userId: string, userAuthenticatorId: string): void {
    const user = this.get(userId)
    const lastVerifiedAt = new Date().toISOString()
    const authenticators = user.authenticators.map((one) =>
      one.userAuthenticatorId === userAuthenticatorId ? { ...one, lastVerifiedAt } : one,
    )
    this.#users.set(userId, { ...user, authenticators })
  }

  removeAuthenticator(userId: string, userAuthenticatorId: string): boolean {
    const user = this.get(userId)
    const authenticators = user.authenticators.filter((one) => one.userAuthenticatorId !== userAuthenticatorId)
    if (authenticators.length === user.authenticators.length) return false
    this.#users.set(userId, { ...user, authenticators })
    return true
  }

  all(): User[] {
    return [...this.#users.values()]
  }

  clear(): void {
    this.#users.clear()
  }
}

export function enrolledMethods(user: User): VerificationMethod[] {
  return [...new Set(user.authenticators.map((authenticator) => authenticator.verificationMethod))]
}

/** A user without authenticators can still pass by a code to an e-mail address. */
export function allowedMethods(user: User): VerificationMethod[] {
  const enrolled = enrolledMethods(user)
  return enrolled.length > 0 ? enrolled : ['EMAIL_OTP']
}

export function defaultAuthenticator(user: User): Authenticator | undefined {
  return user.authenticators.find((authenticator) => authenticator.isDefault) ?? user.authenticators[0]
}

function verifiedAddress({ email, phoneNumber }: Enrolment): UserAttributes {
  return {
    ...(email !== undefined && { email, emailVerified: true }),
    ...(phoneNumber !== undefined && { phoneNumber, phoneNumberVerified: true }),
  }
}
