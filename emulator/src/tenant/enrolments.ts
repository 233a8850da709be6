import type { Authenticator, VerificationMethod } from '../types'
import type { ActionId } from './actions'
import type { AuthenticatorApps } from './authenticator-apps'
import type { Attempt } from './challenges'
import { maxAttempts, sameCode, sixDigits } from './codes'
import type { Outbox } from './outbox'
import type { RecoveryCodes } from './recovery-codes'
import type { Enrolment, Users } from './users'

export interface Enrolled {
  readonly authenticator: Authenticator
  /** With a user's first authenticator only, and never again. */
  readonly recoveryCodes?: readonly string[]
}

/** An address on its way to be enrolled: a code was sent there. */
export interface PendingAddress {
  readonly address: string
  readonly code: string
  readonly wrongCodes: number
}

export type EnrolmentResult = { readonly attempt: Attempt; readonly enrolled?: Enrolled }

/** How users come by authenticators. */
export class Enrolments {
  readonly #pending = new Map<string, PendingAddress>()

  constructor(
    private readonly users: Users,
    private readonly outbox: Outbox,
    private readonly apps: AuthenticatorApps,
    private readonly recoveryCodes: RecoveryCodes,
  ) {}

  /** Keeps an authenticator that was verified, here or by the app. */
  enroll(userId: string, enrolment: Enrolment): Enrolled {
    const first = this.users.get(userId).authenticators.length === 0
    const authenticator = this.users.enroll(userId, enrolment)
    return { authenticator, ...(first && { recoveryCodes: this.recoveryCodes.issue(userId) }) }
  }

  pending(userId: string, method: VerificationMethod): PendingAddress | undefined {
    return this.#pending.get(keyOf(userId, method))
  }

  /** Sends a code to the address; one sent before is no longer good. */
  sendCode(userId: string, method: VerificationMethod, address: string, about?: ActionId): void {
    const code = sixDigits()
    this.#pending.set(keyOf(userId, method), { address, code, wrongCodes: 0 })
    const { actionCode = 'enrolment', idempotencyKey = '' } = about ?? {}
    this.outbox.send({ to: address, code, userId, actionCode, idempotencyKey })
  }

  verifyCode(userId: string, method: VerificationMethod, code: string): EnrolmentResult {
    const key = keyOf(userId, method)
    const pending = this.#pending.get(key)
    if (!pending) return { attempt: 'failed' }
    if (sameCode(code, pending.code)) {
      this.#pending.delete(key)
      const address = method === 'EMAIL_OTP' ? { email: pending.address } : { phoneNumber: pending.address }
      return { attempt: 'passed', enrolled: this.enroll(userId, { verificationMethod: method, ...address }) }
    }
    const wrongCodes = pending.wrongCodes + 1
    if (wrongCodes < maxAttempts) this.#pending.set(key, { ...pending, wrongCodes })
    else this.#pending.delete(key)
    return { attempt: wrongCodes < maxAttempts ? 'wrong' : 'failed' }
  }

  /** Guessing is pointless here: the user has the key on the screen. */
  verifyApp(userId: string, code: string): Enrolled | undefined {
    if (!this.apps.enroll(userId, code)) return undefined
    return this.enroll(userId, { verificationMethod: 'AUTHENTICATOR_APP' })
  }

  clear(): void {
    this.#pending.clear()
  }
}

function keyOf(userId: string, method: VerificationMethod): string {
  return JSON.stringify([userId, method])
}
