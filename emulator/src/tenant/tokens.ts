import { randomBytes } from 'node:crypto'
import jwt from 'jsonwebtoken'
import type { ActionId } from './actions'

const tokenLifetimeSeconds = 10 * 60

type TokenReading =
  | { readonly action: ActionId; readonly error?: undefined }
  | {
      readonly action?: undefined
      readonly error: 'expired' | 'invalid'
      /** Whose token it was, where it is genuine. */
      readonly expired?: ActionId
    }

/** The tokens that `track` answers and that the challenge page takes and gives back. */
export class Tokens {
  readonly #key = randomBytes(32)

  sign({ userId, actionCode, idempotencyKey }: ActionId): string {
    return jwt.sign({ actionCode, idempotencyKey }, this.#key, {
      algorithm: 'HS256',
      subject: userId,
      expiresIn: tokenLifetimeSeconds,
    })
  }

  read(token: unknown): TokenReading {
    if (typeof token !== 'string') return { error: 'invalid' }
    try {
      return { action: this.#read(token, false) }
    } catch (error) {
      if (error instanceof jwt.TokenExpiredError) return { error: 'expired', expired: this.#read(token, true) }
      return { error: 'invalid' }
    }
  }

  #read(token: string, ignoreExpiration: boolean): ActionId {
    const claims = jwt.verify(token, this.#key, { algorithms: ['HS256'], ignoreExpiration }) as Claims
    const { sub: userId, actionCode, idempotencyKey } = claims
    return { userId, actionCode, idempotencyKey }
  }
}

interface Claims {
  sub: string
  actionCode: string
  idempotencyKey: string
}
