import { randomUUID } from 'node:crypto'
import type { TrackAttributes } from '../types'
import { maxAttempts, sameCode, sixDigits } from './codes'
import type { Outbox } from './outbox'

const lifetimeMs = 10 * 60 * 1000

export type CodeMethod = 'SMS' | 'EMAIL_OTP' | 'WHATSAPP'

/** A challenge that the app makes with pages of its own, by `challenge`, `verify` and `claim`. */
export interface CodeChallenge {
  readonly challengeId: string
  readonly idempotencyKey: string
  readonly actionCode: string
  readonly verificationMethod: CodeMethod
  /** The e-mail address or phone number. */
  readonly to: string
  readonly userId: string | undefined
  readonly attributes: TrackAttributes
  readonly code: string
  readonly wrongCodes: number
  readonly verified: boolean
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

export type Order = Omit<CodeChallenge, 'challengeId' | 'code' | 'wrongCodes' | 'verified' | 'expiresAt'>

export type CodeAttempt = 'verified' | 'CODE_INVALID_OR_EXPIRED' | 'MAX_ATTEMPTS_EXCEEDED'

export class CodeChallenges {
  readonly #challenges = new Map<string, CodeChallenge>()

  constructor(private readonly outbox: Outbox) {}

  /** With the id of a challenge that waits: sends that one a new code. */
  start(order: Order, challengeId: string = randomUUID()): CodeChallenge {
    const code = sixDigits()
    const challenge = {
      ...order,
      challengeId,
      code,
      wrongCodes: this.#challenges.get(challengeId)?.wrongCodes ?? 0,
      verified: false,
      expiresAt: Date.now() + lifetimeMs,
    }
    this.#challenges.set(challengeId, challenge)
    const { to, userId = '', actionCode, idempotencyKey } = order
    this.outbox.send({ to, code, userId, actionCode, idempotencyKey })
    return challenge
  }

  verify(challenge: CodeChallenge, code: string): CodeAttempt {
    if (challenge.wrongCodes >= maxAttempts) return 'MAX_ATTEMPTS_EXCEEDED'
    if (challenge.verified || hasExpired(challenge)) return 'CODE_INVALID_OR_EXPIRED'
    const right = sameCode(code, challenge.code)
    const wrongCodes = challenge.wrongCodes + (right ? 0 : 1)
    this.#challenges.set(challenge.challengeId, { ...challenge, verified: right, wrongCodes })
    if (right) return 'verified'
    return wrongCodes < maxAttempts ? 'CODE_INVALID_OR_EXPIRED' : 'MAX_ATTEMPTS_EXCEEDED'
  }

  claim(challenge: CodeChallenge, userId: string): void {
    this.#challenges.set(challenge.challengeId, { ...challenge, userId })
  }

  get(challengeId: string): CodeChallenge | undefined {
    return this.#challenges.get(challengeId)
  }

  /** The newest that still waits for its code. */
  findActive(matches: (challenge: CodeChallenge) => boolean): CodeChallenge | undefined {
    const waiting = (challenge: CodeChallenge): boolean => !challenge.verified && !hasExpired(challenge)
    return [...this.#challenges.values()].findLast((challenge) => waiting(challenge) && matches(challenge))
  }

  clear(): void {
    this.#challenges.clear()
  }
}

export function hasExpired({ expiresAt }: CodeChallenge): boolean {
  return expiresAt <= Date.now()
}
