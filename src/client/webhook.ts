import { createHmac, timingSafeEqual } from 'node:crypto'
import { minutes } from '../checks'
import { AuthsignalError, misconfigured, typeInWords } from '../errors'
import type { WebhookEvent } from './webhook-types'

const DEFAULT_TOLERANCE_MINUTES = 5
const VERSION = 'v2'

/** Reads Authsignal's webhooks. Source of the signature's form: the `X-Signature-V2` header of the public documentation. */
export class Webhook {
  readonly #secret: string

  constructor(apiSecretKey: string) {
    this.#secret = apiSecretKey
  }

  /**
   * The event, once its signature is found right. `toleranceMinutes` bounds its age, and how far ahead its clock may be:
   * above 0, at most 60; 5 by default. Throws `ERR_AUTHSIGNAL_SIGNATURE_INVALID` where the signature is wrong, malformed
   * or old, `ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE` where what is signed is no event, and `ERR_AUTHSIGNAL_MISCONFIGURED` where
   * the body is not raw or `toleranceMinutes` out of its bounds.
   *
   * @example
   * app.post('/hooks', express.raw({ type: 'application/json' }), (req, res) => {
   *   const event = client.webhook.constructEvent(req.body, req.get('x-signature-v2'))
   * })
   */
  constructEvent(
    rawBody: string | Uint8Array,
    signature: string | undefined,
    toleranceMinutes: number = DEFAULT_TOLERANCE_MINUTES,
  ): WebhookEvent {
    const body = requireRaw(rawBody)
    const { time, signatures } = parseSignature(signature)
    requireRecent(time, toleranceMinutes)
    const right = createHmac('sha256', this.#secret).update(`${time}.`).update(body).digest()
    // All are compared, so that the time taken tells nothing.
    const matches = signatures.filter((candidate) => sameBytes(Buffer.from(candidate, 'base64'), right))
    if (matches.length === 0) throw invalid('it does not match')
    return parseEvent(body)
  }
}

function requireRaw(body: unknown): Buffer {
  if (typeof body === 'string') return Buffer.from(body)
  if (body instanceof Uint8Array) return Buffer.from(body)
  throw misconfigured(
    `The webhook's body is ${typeInWords(body)}, and its signature is over the raw body. Put express.raw({ type: ` +
      "'application/json' }) on the route, before any express.json().",
  )
}

function parseSignature(header: unknown): { time: string; signatures: string[] } {
  if (typeof header !== 'string') throw invalid('there is none')
  const parts = header.split(',').map((part) => part.trim())
  const valuesOf = (key: string) =>
    parts.flatMap((part) => (part.startsWith(`${key}=`) ? [part.slice(key.length + 1)] : []))
  const [time, second] = valuesOf('t')
  const signatures = valuesOf(VERSION)
  if (time === undefined || second !== undefined || !/^\d{1,12}$/.test(time) || signatures.length === 0)
    throw invalid('it is malformed')
  return { time, signatures }
}

function requireRecent(time: string, toleranceMinutes: number): void {
  minutes('toleranceMinutes', toleranceMinutes)
  const apartMs = Math.abs(Date.now() - Number(time) * 1000)
  if (apartMs > toleranceMinutes * 60_000) throw invalid('its time is too far from now')
}

function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

function parseEvent(body: Buffer): WebhookEvent {
  try {
    const event = withData(JSON.parse(body.toString()))
    if (isEvent(event)) return event
  } catch {
    // Answered below.
  }
  throw new AuthsignalError('ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE', 'The webhook is signed, but it is not an event.')
}

/** What the types say of every event, and nothing of what an event of its own type holds. */
function isEvent(parsed: unknown): parsed is WebhookEvent {
  const { type, data } = (parsed ?? {}) as { type?: unknown; data?: { records?: unknown } | null }
  if (typeof type !== 'string' || typeof data !== 'object' || data === null) return false
  return !type.endsWith('.log_created') || isListOfObjects(data.records)
}

function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null)
}

/** Log events come with their records in place of `data`; a batch that names no type of its own has its first record's. */
function withData(parsed: unknown): unknown {
  const { records, ...envelope } = (parsed ?? {}) as { records?: unknown; type?: unknown; data?: unknown }
  if (!Array.isArray(records) || envelope.data !== undefined) return parsed
  const [first] = records as { type?: unknown }[]
  return { ...envelope, type: envelope.type ?? first?.type, data: { records: records as unknown } }
}

function invalid(why: string): AuthsignalError {
  return new AuthsignalError('ERR_AUTHSIGNAL_SIGNATURE_INVALID', `The webhook's signature is not accepted: ${why}.`)
}
