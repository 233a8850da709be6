import { randomInt } from 'node:crypto'
import type { TrackedAction, User, VerificationMethod } from '../types'
import { type Actions, keyOf } from './actions'
import type { Outbox } from './outbox'
import { defaultAuthenticator, type Users } from './users'

export const maxAttempts = 5

/** A code on its way to a user; `address` is undefined where none is known and the outbox alone has it. */
export interface Challenge {
  readonly verificationMethod: VerificationMethod
  readonly address: string | undefined
  readonly code: string
  readonly wrongCodes: number
}

export type Attempt = 'passed' | 'wrong' | 'failed'

export class Challenges {
  readonly #challenges = new Map<string, Challenge>()

  constructor(
    private readonly actions: Actions,
    private readonly users: Users,
    private readonly outbox: Outbox,
  ) {}

  /** Sends the code when the challenge is first opened; later calls find that same challenge. */
  open(action: TrackedAction): Challenge {
    const known = this.#challenges.get(keyOf(action))
    if (known) return known
    const code = String(randomInt(1_000_000)).padStart(6, '0')
    const challenge = { ...deliveryFor(this.users.get(action.userId), action), code, wrongCodes: 0 }
    this.#challenges.set(keyOf(action), challenge)
    const { userId, actionCode, idempotencyKey } = action
    this.outbox.send({ to: challenge.address ?? userId, code, userId, actionCode, idempotencyKey })
    return challenge
  }

  attempt(action: TrackedAction, code: string): Attempt {
    const challenge = this.open(action)
    if (code.replaceAll(/\s/g, '') === challenge.code) {
      this.succeed(action, challenge.verificationMethod)
      return 'passed'
    }
    const wrongCodes = challenge.wrongCodes + 1
    this.#challenges.set(keyOf(action), { ...challenge, wrongCodes })
    if (wrongCodes < maxAttempts) return 'wrong'
    this.fail(action)
    return 'failed'
  }

  succeed(action: TrackedAction, verificationMethod?: VerificationMethod): void {
    const method = verificationMethod ?? deliveryFor(this.users.get(action.userId), action).verificationMethod
    this.actions.setState(action, 'CHALLENGE_SUCCEEDED', method)
  }

  fail(action: TrackedAction): void {
    this.actions.setState(action, 'CHALLENGE_FAILED')
  }

  clear(): void {
    this.#challenges.clear()
  }
}

/** An enrolled address is preferred to one that the action brought along, which an attacker might have chosen. */
function deliveryFor(user: User, { attributes }: TrackedAction): Pick<Challenge, 'verificationMethod' | 'address'> {
  const authenticator = defaultAuthenticator(user)
  if (authenticator?.phoneNumber !== undefined) {
    return { verificationMethod: authenticator.verificationMethod, address: authenticator.phoneNumber }
  }
  return { verificationMethod: 'EMAIL_OTP', address: authenticator?.email ?? user.email ?? attributes.email }
}
