import { randomBytes, randomUUID } from 'node:crypto'
import jwt from 'jsonwebtoken'
import type { VerificationMethod } from '../types'

const accessLifetimeSeconds = 60 * 60
const refreshLifetimeSeconds = 30 * 24 * 60 * 60

export interface Session {
  readonly userId: string
  readonly clientId: string
  readonly verificationMethod: VerificationMethod | undefined
}

export interface SessionTokens {
  readonly accessToken: string
  readonly refreshToken: string
}

interface Issued extends Session {
  readonly refreshToken: string
  readonly refreshUntil: number
}

/** Sessions by the id that stands in their access token; one that is not here was revoked. */
export class Sessions {
  readonly #key = randomBytes(32)
  readonly #issued = new Map<string, Issued>()

  create(session: Session): SessionTokens {
    const id = randomUUID()
    const refreshToken = randomBytes(32).toString('hex')
    const refreshUntil = Date.now() + refreshLifetimeSeconds * 1000
    this.#issued.set(id, { ...session, refreshToken, refreshUntil })
    const accessToken = jwt.sign({}, this.#key, {
      algorithm: 'HS256',
      subject: session.userId,
      audience: session.clientId,
      jwtid: id,
      expiresIn: accessLifetimeSeconds,
    })
    return { accessToken, refreshToken }
  }

  /** Undefined for a token that is forged, expired or revoked. `expiresAt` is in seconds since 1970. */
  read(accessToken: string): (Session & { readonly id: string; readonly expiresAt: number }) | undefined {
    try {
      const { jti, exp } = jwt.verify(accessToken, this.#key, { algorithms: ['HS256'] }) as { jti: string; exp: number }
      const session = this.#issued.get(jti)
      return session && { ...session, id: jti, expiresAt: exp }
    } catch {
      return undefined
    }
  }

  /** Both old tokens are spent by it. */
  refresh(refreshToken: string): SessionTokens | undefined {
    const [id, session] = [...this.#issued].find(([, issued]) => issued.refreshToken === refreshToken) ?? []
    if (id === undefined || !session || session.refreshUntil < Date.now()) return undefined
    this.#issued.delete(id)
    const { userId, clientId, verificationMethod } = session
    return this.create({ userId, clientId, verificationMethod })
  }

  revoke(id: string): void {
    this.#issued.delete(id)
  }

  revokeUser(userId: string): void {
    for (const [id, session] of this.#issued) if (session.userId === userId) this.#issued.delete(id)
  }

  clear(): void {
    this.#issued.clear()
  }
}
