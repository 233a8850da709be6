import { randomInt } from 'node:crypto'

/** So many wrong answers end a challenge. */
export const maxAttempts = 5

export function sixDigits(): string {
  return String(randomInt(1_000_000)).padStart(6, '0')
}

export function sameCode(typed: string, sent: string): boolean {
  return withoutBlanks(typed) === sent
}

/** People type codes in groups. */
export function withoutBlanks(typed: string): string {
  return typed.replaceAll(/\s/g, '')
}
