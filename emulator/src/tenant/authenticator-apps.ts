import { Secret, TOTP } from 'otpauth'
import { withoutBlanks } from './codes'

const issuer = 'Authsignal emulator'
/** How many steps of 30 seconds a phone's clock may be off. */
const clockSkewSteps = 1

interface Enrolled {
  readonly secret: string
  readonly usedStep: number
}

export interface AppKey {
  /** Base32, as it is typed into an app. */
  readonly secret: string
  /** `otpauth://…`, as it is scanned. */
  readonly uri: string
}

/** Time-based one-time codes (RFC 6238), and the secrets they are made from, which leave here only to be enrolled. */
export class AuthenticatorApps {
  readonly #offered = new Map<string, string>()
  readonly #enrolled = new Map<string, Enrolled>()

  /** The same key however often the page is loaded, until it is enrolled. */
  offer(userId: string, label: string): AppKey {
    const secret = this.#offered.get(userId) ?? new Secret({ size: 20 }).base32
    this.#offered.set(userId, secret)
    return { secret, uri: totpOf(secret, label).toString() }
  }

  /** Keeps the offered key for good, where the code shows that the user's app has it. */
  enroll(userId: string, code: string): boolean {
    const secret = this.#offered.get(userId)
    const usedStep = secret === undefined ? undefined : stepOf(secret, code)
    if (secret === undefined || usedStep === undefined) return false
    this.#enrolled.set(userId, { secret, usedStep })
    this.#offered.delete(userId)
    return true
  }

  /** Keeps a key that the user's app has already. */
  keep(userId: string, secret: string): void {
    this.#enrolled.set(userId, { secret, usedStep: 0 })
  }

  /** A code is good once: whoever looked over the user's shoulder can't use it again. */
  verify(userId: string, code: string): boolean {
    const enrolled = this.#enrolled.get(userId)
    if (!enrolled) return false
    const step = stepOf(enrolled.secret, code)
    if (step === undefined || step <= enrolled.usedStep) return false
    this.#enrolled.set(userId, { ...enrolled, usedStep: step })
    return true
  }

  clear(): void {
    this.#offered.clear()
    this.#enrolled.clear()
  }
}

function totpOf(secret: string, label: string): TOTP {
  return new TOTP({ issuer, label, secret })
}

/** The time step the code belongs to, if it is a right one. */
function stepOf(secret: string, code: string): number | undefined {
  const totp = totpOf(secret, '')
  const delta = totp.validate({ token: withoutBlanks(code), window: clockSkewSteps })
  return delta === null ? undefined : totp.counter() + delta
}
