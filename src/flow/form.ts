/* A form that was parsed, back to the fields that a browser sends. */

/** A larger form is not kept. */
const MAX_FORM_BYTES = 64 * 1024
const MAX_DEPTH = 20

export type Fields = [name: string, value: string][]

/** The fields that a parser would make `body` of again, or undefined where no browser could send them unchanged. */
export function formFields(body: unknown): Fields | undefined {
  if (!isRecord(body)) return undefined
  const fields: Fields = []
  for (const [name, value] of Object.entries(body)) if (!addFields(fields, name, value, 0)) return undefined
  return sizeOf(fields) <= MAX_FORM_BYTES && fields.flat().every(survives) ? fields : undefined
}

function addFields(fields: Fields, name: string, value: unknown, depth: number): boolean {
  if (depth > MAX_DEPTH) return false
  if (typeof value === 'string') return fields.push([name, value]) > 0
  if (Array.isArray(value)) return addList(fields, name, value, depth)
  if (!isRecord(value)) return false
  return Object.entries(value).every(([key, item]) => addFields(fields, `${name}[${key}]`, item, depth + 1))
}

/** Repeated fields come back as a list with either parser; a list of one needs its brackets, a nested one its indices. */
function addList(fields: Fields, name: string, list: unknown[], depth: number): boolean {
  if (list.length === 0) return false
  const flat = list.every((item) => typeof item === 'string')
  if (flat) {
    const repeated = list.length === 1 ? `${name}[]` : name
    return list.every((item) => addFields(fields, repeated, item, depth + 1))
  }
  return list.every((item, index) => addFields(fields, `${name}[${index}]`, item, depth + 1))
}

/** Browsers turn lone line ends into CRLF, and HTML can't hold a NUL or a lone surrogate. */
function survives(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0') && !/\r(?!\n)|(?<!\r)\n/.test(text)
}

function sizeOf(fields: Fields): number {
  return Buffer.byteLength(new URLSearchParams(fields).toString())
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)
}
