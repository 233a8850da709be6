import ms from 'ms'
import { misconfigured, typeInWords, withoutUndefined } from './errors'

/* What options may be. An error names the option, the type of what was given, never its value, and the cure. */

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
/** A day: no challenge and no window lasts longer. */
export const LONGEST_MS = 24 * 60 * MINUTE

/** Throws `ERR_AUTHSIGNAL_MISCONFIGURED` where the value is none for that option. */
export type Check = (name: string, value: unknown) => void

/** The options that are given, each known and of its type; undefined is the same as absent. */
export function checked<Options extends object>(owner: string, given: Options, known: Record<string, Check>): Options {
  requireOptions(owner, given, Object.keys(known))
  const options = withoutUndefined(given)
  for (const [name, value] of Object.entries(options)) known[name]?.(name, value)
  return options
}

/** Throws where what was given is no object, or has an option that is not known. */
export function requireOptions(owner: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw misconfigured(`${owner}'s options are ${typeInWords(given)}; give an object.`)
  for (const name of Object.keys(withoutUndefined(given)))
    if (!known.includes(name)) throw misconfigured(`${owner} has no option "${name}". It has: ${known.join(', ')}.`)
}

export function wrong(name: string, value: unknown, cure: string, but?: string): Error {
  return misconfigured(`${name} is ${typeInWords(value)}${but ? `, but ${but}` : ''}; ${cure}.`)
}

export function anything(): void {
  // Checked elsewhere.
}

export function aFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw wrong(name, value, 'give a function')
}

export function oneOf(...values: readonly unknown[]): Check {
  const cure = `give ${values.map((value) => JSON.stringify(value)).join(' or ')}`
  return (name, value) => {
    if (!values.includes(value)) throw wrong(name, value, cure, 'none of its values')
  }
}

export function listOfStrings(name: string, value: unknown): void {
  const right =
    Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string' && item !== '')
  if (!right) throw wrong(name, value, 'give an array of non-empty strings')
}

export function stringOrList(name: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') return
  if (!Array.isArray(value)) throw wrong(name, value, 'give a non-empty string, or an array of them')
  listOfStrings(name, value)
}

export function aString(name: string, value: unknown): void {
  if (typeof value !== 'string') throw wrong(name, value, 'give a string')
}

/** `what` it is that has the methods: 'an object'. */
export function withMethods(what: string, ...methods: readonly string[]): Check {
  return (name, value) => {
    for (const method of methods)
      if (typeof (value as Record<string, unknown> | null)?.[method] !== 'function')
        throw misconfigured(`${name} has no method "${method}"; give ${what} with ${methods.join(', ')}.`)
  }
}

export function duration(name: string, value: unknown, least: number, most: number): number {
  const length = typeof value === 'string' && value !== '' && value.length <= 100 ? ms(value as ms.StringValue) : value
  if (typeof length === 'number' && length >= least && length <= most) return length
  const bounds = `from ${ms(least, { long: true })} to ${ms(most, { long: true })}`
  throw wrong(name, value, 'give milliseconds, or a string such as "5m"', `no duration ${bounds}`)
}

export function wholeNumber(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value
  throw wrong(name, value, `give a whole number from ${least} to ${most}`)
}

export function minutes(name: string, value: unknown): void {
  if (typeof value !== 'number' || !(value > 0 && value <= 60))
    throw wrong(name, value, 'give a number above 0, at most 60')
}
