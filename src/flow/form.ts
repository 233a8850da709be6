/* A form that was parsed, back to the fields that a browser sends. */

/** A larger form is not kept. */
const MAX_FORM_BYTES = 64 * 1024
const MAX_DEPTH = 20

export type Fields = [name: string, value: string][]

/** In a hidden field of this name browsers send the form's encoding, whatever its value. */
const CHARSET_NAME = '_charset_'

/**
 * The fields that a parser would make `body` of again, or undefined where no browser could send them unchanged.
 * `sentBytes` is the length of what was parsed.
 */
export function formFields(body: unknown, sentBytes: number): Fields | undefined {
  if (!isRecord(body)) return undefined
  const taken: Taken = { fields: [], room: MAX_FORM_BYTES }
  for (const [name, value] of Object.entries(body)) if (!addFields(taken, name, value, 0)) return undefined
  const { fields } = taken
  const size = sizeOf(fields)
  if (fields.length === 0 || size > MAX_FORM_BYTES || !fields.every(survives)) return undefined
  // A parser of nested fields takes such names apart. One of flat fields keeps them, and leaves nothing out.
  const ambiguous = Object.keys(body).some(hasBracket)
  return ambiguous && !(size === sentBytes && Object.values(body).every(isFlat)) ? undefined : fields
}

/** The fields so far, and for how many characters there is room: one long name may stand in thousands of nested fields. */
interface Taken {
  fields: Fields
  room: number
}

function take(taken: Taken, name: string, value: string): boolean {
  taken.room -= name.length + value.length
  return taken.room >= 0 && taken.fields.push([name, value]) > 0
}

/** What a parser of flat fields makes of one name. */
function isFlat(value: unknown): boolean {
  return isString(value) || (Array.isArray(value) && value.length > 1 && value.every(isString))
}

function addFields(taken: Taken, name: string, value: unknown, depth: number): boolean {
  if (depth > MAX_DEPTH) return false
  if (isString(value)) return take(taken, name, value)
  if (Array.isArray(value)) return addList(taken, name, value, depth)
  if (!isRecord(value)) return false
  const entries = Object.entries(value)
  const nested = ([key, item]: [string, unknown]) =>
    !hasBracket(key) && addFields(taken, `${name}[${key}]`, item, depth + 1)
  return entries.length > 0 && entries.every(nested)
}

/** Repeated fields come back as a list with either parser; a list of one needs its brackets, a nested one its indices. */
function addList(taken: Taken, name: string, list: unknown[], depth: number): boolean {
  if (list.length === 0) return false
  if (list.every(isString)) {
    const repeated = list.length === 1 ? `${name}[]` : name
    return list.every((item) => addFields(taken, repeated, item, depth + 1))
  }
  return list.every((item, index) => addFields(taken, `${name}[${index}]`, item, depth + 1))
}

/** Browsers send no field without a name. */
function survives([name, value]: Fields[number]): boolean {
  if (name === '' || !holds(name) || !holds(value)) return false
  return name.toLowerCase() !== CHARSET_NAME || value === 'UTF-8'
}

/** Browsers turn lone line ends into CRLF, and HTML can't hold a NUL or a lone surrogate. */
function holds(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0') && !/\r(?!\n)|(?<!\r)\n/.test(text)
}

function sizeOf(fields: Fields): number {
  return Buffer.byteLength(new URLSearchParams(fields).toString())
}

function hasBracket(name: string): boolean {
  return /[[\]]/.test(name)
}

function isString(value: unknown): value is string {
  return typeof value === 'string'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)
}
