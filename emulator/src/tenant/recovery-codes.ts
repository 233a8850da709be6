import { randomBytes } from 'node:crypto'
import { withoutBlanks } from './codes'

const count = 10

/** A user's way in when all else is lost; each code is good once. */
export class RecoveryCodes {
  readonly #codes = new Map<string, ReadonlySet<string>>()

  /** New ones replace the old. */
  issue(userId: string): string[] {
    const codes = Array.from({ length: count }, () => randomBytes(5).toString('hex'))
    this.keep(userId, codes)
    return codes
  }

  keep(userId: string, codes: readonly string[]): void {
    this.#codes.set(userId, new Set(codes.map(normalised)))
  }

  left(userId: string): number {
    return this.#codes.get(userId)?.size ?? 0
  }

  spend(userId: string, code: string): boolean {
    const rest = new Set(this.#codes.get(userId))
    if (!rest.delete(normalised(code))) return false
    this.#codes.set(userId, rest)
    return true
  }

  clear(): void {
    this.#codes.clear()
  }
}

function normalised(code: string): string {
  return withoutBlanks(code).toLowerCase().replaceAll('-', '')
}
