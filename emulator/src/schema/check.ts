import { z } from 'zod'

/** @throws TypeError that names the place of everything that is wrong */
export function check<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map(({ path, message }) => `${placeOf(path)}${message}`)
  throw new TypeError(`${where}: ${faults.join('; ')}`)
}

/** Options of a call: an unknown one is refused, and told of those that are known. */
export function optionsOf<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape).join(', ')
  const options = z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? `unknown ${issue.keys.join(', ')}; known are ${known}` : undefined,
  })
  return z.preprocess(given, options)
}

/** What is undefined is not given, whether it is known or not. */
function given(options: unknown): unknown {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return options
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

/** A text in quotation marks, anything else by its type. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (typeof value === 'number') return String(value)
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value
}

/** `users[1].email: ` of ['users', 1, 'email']; nothing where it is the whole. */
export function placeOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '' : `${pathInWords(path)}: `
}

function pathInWords(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
    .join('')
}
