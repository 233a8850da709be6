import { randomBytes } from 'node:crypto'
import jwt from 'jsonwebtoken'
import type { ActionId } from './actions'

const tokenLifetimeSeconds = 10 * 60

type TokenReading =
  | { readonly action: ActionId; readonly error?: undefined }
  | { readonly action?: undefined; readonly error: 'expired' | 'invalid' }

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
      const { sub, actionCode, idempotencyKey } = jwt.verify(token, this.#key, { algorithms: ['HS256'] }) as Claims
      return { action: { userId: sub, actionCode, idempotencyKey } }
    } catch (error) {
      return { error: error instanceof jwt.TokenExpiredError ? 'expired' : 'invalid' }
    }
  }
}

interface Claims {
  sub: string
  actionCode: string
  idempotencyKey: string
}
