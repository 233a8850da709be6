import { hash } from 'node:crypto'
import { misconfigured } from '../errors'

/** Deeper data is refused: it serves nobody, and would exhaust the stack. */
const MAX_DEPTH = 100

/**
 * Plain data as text, in which different data never look alike: every value is tagged with its type and its length,
 * keys are sorted, and a `__proto__` key counts as any other.
 */
export function canonicalOf(value: unknown): string {
  return canonical(value, 0)
}

export function hashOf(value: unknown): string {
  return hash('sha256', canonicalOf(value), 'base64url')
}

function canonical(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw misconfigured('What the challenge is bound to is nested too deeply. Give bind less.')
  if (value === null || value === undefined) return value === null ? 'n' : 'u'
  switch (typeof value) {
    case 'string':
      return canonicalString(value)
    case 'number':
      return `d${Object.is(value, -0) ? '-0' : value};`
    case 'boolean':
      return value ? 't' : 'f'
    case 'bigint':
      return `b${value.toString()};`
    case 'object':
      return canonicalObject(value, depth)
    default:
      throw misconfigured(
        `What the challenge is bound to (the body and attributes(req).custom, or bind(req)) holds a ${typeof value}. ` +
          'Give plain data.',
      )
  }
}

/** In UTF-8 all lone surrogates look alike, so they are escaped. */
function canonicalString(text: string): string {
  if (text.isWellFormed()) return `s${text.length}:${text}`
  const escaped = JSON.stringify(text)
  return `S${escaped.length}:${escaped}`
}

function canonicalObject(value: object, depth: number): string {
  if (Array.isArray(value)) return canonicalList(value, depth)
  if (value instanceof Uint8Array) return `y${value.length}:${hash('sha256', value, 'base64url')}`
  if (value instanceof Date) return `D${value.getTime()};`
  if (!isPlain(value))
    throw misconfigured(
      'What the challenge is bound to (the body and attributes(req).custom, or bind(req)) holds an instance of a class. ' +
        'Give plain data.',
    )
  const keys = Object.keys(value).sort()
  let text = `o${keys.length}{`
  for (const key of keys) text += canonical(key, 0) + canonical((value as Record<string, unknown>)[key], depth + 1)
  return `${text}}`
}

/** Holes are told like undefined: to leave them out would make [, 1] of [1, ,]. */
function canonicalList(list: unknown[], depth: number): string {
  let text = `a${list.length}[`
  for (const item of list) text += canonical(item, depth + 1)
  return `${text}]`
}

/** Parsers make plain objects of either kind: with Object's prototype, or with none. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
