/**
 * Freezes a value of JSON, and all in it: what is kept is handed out, and must stay what was sent. Without recursion, as a
 * client may nest deeper than the stack.
 */
export function frozen<T>(value: T): T {
  const open: unknown[] = [value]
  for (const one of open) {
    if (typeof one !== 'object' || one === null || Object.isFrozen(one)) continue
    Object.freeze(one)
    for (const part of Object.values(one)) open.push(part)
  }
  return value
}
