import type { z } from 'zod'

/** @throws TypeError that names the place of everything that is wrong */
export function check<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map(({ path, message }) => `${placeOf(path)}${message}`)
  throw new TypeError(`${where}: ${faults.join('; ')}`)
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
