import type { TrackedAction, VerificationMethod } from '../types'
import { type Actions, keyOf } from './actions'
import type { AuthenticatorApps } from './authenticator-apps'
import { maxAttempts, sameCode, sixDigits } from './codes'
import type { Outbox } from './outbox'
import type { RecoveryCodes } from './recovery-codes'
import type { Users } from './users'
import { isSent, type Way, waysToPass } from './ways'

/** A challenge in the way that was chosen; `address` and `code` are undefined where none is known, or none is sent. */
export interface Challenge {
  readonly verificationMethod: VerificationMethod
  readonly address: string | undefined
  readonly code: string | undefined
  /** Wrong answers of any method. */
  readonly wrongCodes: number
}

export type Attempt = 'passed' | 'wrong' | 'failed'

interface Progress {
  readonly wrongCodes: number
  /** The codes that were sent, by method. */
  readonly codes: Readonly<Partial<Record<VerificationMethod, string>>>
}

export class Challenges {
  readonly #progress = new Map<string, Progress>()

  constructor(
    private readonly actions: Actions,
    private readonly users: Users,
    private readonly outbox: Outbox,
    private readonly apps: AuthenticatorApps,
    private readonly recoveryCodes: RecoveryCodes,
  ) {}

  /** Never empty; the first is taken where nothing else is asked for. */
  ways(action: TrackedAction): Way[] {
    return waysToPass(this.users.get(action.userId), action, this.recoveryCodes.left(action.userId))
  }

  /** Sends the code when the method is first opened; later calls find that same challenge. */
  open(action: TrackedAction, method?: VerificationMethod): Challenge {
    const way = this.#way(action, method)
    const { codes } = this.#progressOf(action)
    if (isSent(way) && codes[way.verificationMethod] === undefined) this.#send(action, way)
    return this.#challenge(action, way)
  }

  /** Sends another code; the one before is no longer good. */
  resend(action: TrackedAction, method?: VerificationMethod): void {
    const way = this.#way(action, method)
    if (isSent(way)) this.#send(action, way)
  }

  attempt(action: TrackedAction, code: string, method?: VerificationMethod): Attempt {
    const { verificationMethod } = this.open(action, method)
    if (!this.#isRight(action, verificationMethod, code)) return this.countWrong(action)
    this.succeed(action, verificationMethod)
    return 'passed'
  }

  countWrong(action: TrackedAction): Attempt {
    const progress = this.#progressOf(action)
    const wrongCodes = progress.wrongCodes + 1
    this.#progress.set(keyOf(action), { ...progress, wrongCodes })
    if (wrongCodes < maxAttempts) return 'wrong'
    this.fail(action)
    return 'failed'
  }

  /** Without a method the user's first is meant; without an authenticator, the user's own for that method. */
  succeed(
    action: TrackedAction,
    verificationMethod = this.#way(action).verificationMethod,
    userAuthenticatorId = this.#authenticatorFor(action, verificationMethod),
  ): void {
    this.actions.setState(action, 'CHALLENGE_SUCCEEDED', { verificationMethod, userAuthenticatorId })
    if (userAuthenticatorId !== undefined) this.users.verified(action.userId, userAuthenticatorId)
  }

  fail(action: TrackedAction): void {
    this.actions.setState(action, 'CHALLENGE_FAILED')
  }

  clear(): void {
    this.#progress.clear()
  }

  #way(action: TrackedAction, method?: VerificationMethod): Way {
    const ways = this.ways(action)
    const way = ways.find(({ verificationMethod }) => verificationMethod === method) ?? ways[0]
    if (!way) throw new Error('A challenge has at least one way to pass it')
    return way
  }

  #authenticatorFor(action: TrackedAction, method: VerificationMethod): string | undefined {
    return this.ways(action).find(({ verificationMethod }) => verificationMethod === method)?.userAuthenticatorId
  }

  #isRight(action: TrackedAction, method: VerificationMethod, code: string): boolean {
    if (method === 'AUTHENTICATOR_APP') return this.apps.verify(action.userId, code)
    if (method === 'RECOVERY_CODE') return this.recoveryCodes.spend(action.userId, code)
    const sent = this.#progressOf(action).codes[method]
    return sent !== undefined && sameCode(code, sent)
  }

  #send(action: TrackedAction, { verificationMethod, address }: Way): void {
    const code = sixDigits()
    const progress = this.#progressOf(action)
    this.#progress.set(keyOf(action), { ...progress, codes: { ...progress.codes, [verificationMethod]: code } })
    const { userId, actionCode, idempotencyKey } = action
    this.outbox.send({ to: address ?? userId, code, userId, actionCode, idempotencyKey })
  }

  #challenge(action: TrackedAction, { verificationMethod, address }: Way): Challenge {
    const { wrongCodes, codes } = this.#progressOf(action)
    return { verificationMethod, address, code: codes[verificationMethod], wrongCodes }
  }

  #progressOf(action: TrackedAction): Progress {
    return this.#progress.get(keyOf(action)) ?? { wrongCodes: 0, codes: {} }
  }
}
