import type { Readable } from 'node:stream'
import { AuthsignalError, misconfigured } from '../errors'
import { mediaType, type GuardedRequest } from '../http'

/**
 * The webhook's body as it was sent, by `express.raw()` or read here. Throws `ERR_AUTHSIGNAL_SIGNATURE_INVALID` where it
 * can be none of Authsignal's, and `ERR_AUTHSIGNAL_MISCONFIGURED` where a parser has taken it.
 */
export async function rawBody(req: GuardedRequest, maxBytes: number): Promise<string | Uint8Array> {
  if (mediaType(req) !== 'application/json') throw notAccepted('its content type is not application/json')
  const given: unknown = req.body
  if (typeof given === 'string' || given instanceof Uint8Array) return given
  // Some parsers leave {} for a body that they skip, so that the body alone does not tell.
  if (req.readableEnded)
    throw misconfigured(
      "The webhook's body was parsed before, and its signature is over the raw body. Mount the webhook before " +
        'express.json() and other body parsers.',
    )
  return read(req as unknown as Readable, maxBytes)
}

/**
 * Iterated, it is read whatever a middleware before did to the stream: paused it, listened to it, or set an encoding.
 * What is above the bound is read to its end, so that the sender hears the answer, and not kept.
 */
async function read(stream: Readable, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  try {
    for await (const part of stream as AsyncIterable<Buffer | string>) {
      const raw = typeof part === 'string' ? Buffer.from(part, stream.readableEncoding ?? 'utf8') : part
      bytes += raw.length
      if (bytes <= maxBytes) parts.push(raw)
    }
  } catch {
    throw notAccepted('its body was cut off')
  }
  if (bytes > maxBytes) throw notAccepted('its body is larger than maxBytes')
  return Buffer.concat(parts)
}

function notAccepted(why: string): AuthsignalError {
  return new AuthsignalError('ERR_AUTHSIGNAL_SIGNATURE_INVALID', `The webhook is not accepted: ${why}.`)
}
