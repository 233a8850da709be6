import { randomBytes } from 'node:crypto'
import jwt from 'jsonwebtoken'

const lifetimeSeconds = 10 * 60

export interface SettingsVisit {
  readonly userId: string
  readonly redirectUrl: string
}

/** Tokens of self-service links that belong to no action. Their key is their own: they can pass for no other token. */
export class SettingsTokens {
  readonly #key = randomBytes(32)

  sign({ userId, redirectUrl }: SettingsVisit): string {
    return jwt.sign({ redirectUrl }, this.#key, {
      algorithm: 'HS256',
      subject: userId,
      expiresIn: lifetimeSeconds,
    })
  }

  read(token: string): SettingsVisit | undefined {
    try {
      const { sub, redirectUrl } = jwt.verify(token, this.#key, { algorithms: ['HS256'] }) as Claims
      return { userId: sub, redirectUrl }
    } catch {
      return undefined
    }
  }
}

interface Claims {
  sub: string
  redirectUrl: string
}
