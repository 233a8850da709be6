import { AuthsignalError, misconfigured } from '../errors'
import { hasBody, header, mediaType, requestTarget, routedTarget, type GuardedRequest } from '../http'
import type { AppAttributes, GuardOptions } from '../options'
import { canonicalOf } from './canonical'

/**
 * What a challenge is good for, as text to be hashed: origin, method, path with query, as it was asked for and as the app
 * rewrote it, and what `bind` gives, by default the parsed body and the app's `custom` attributes. Where that can't be
 * told, the error that says why: such a request may pass at ALLOW, but can't be challenged.
 */
export async function fingerprintOf(
  req: GuardedRequest,
  origin: string,
  attributes: AppAttributes,
  bind: GuardOptions['bind'],
): Promise<string | AuthsignalError> {
  const what = [origin, req.method, requestTarget(req), routedTarget(req)]
  if (bind) return textOf(['bind', what, await bound(req, bind)])
  if (!hasBody(req)) return textOf(['bare', what, attributes.custom])
  const type = mediaType(req)
  if (!isRead(req, type)) return unreadBody()
  // The handler reads bytes itself, by the charset that comes with them.
  const meaning = req.body instanceof Uint8Array ? header(req, 'content-type') : type
  return textOf(['body', what, attributes.custom, meaning, req.body])
}

/** A multipart parser leaves the files elsewhere than in req.body, and some parsers leave {} for a body they skip. */
function isRead(req: GuardedRequest, type: string): boolean {
  const body: unknown = req.body
  if (!req.readableEnded || body === undefined || type.startsWith('multipart/')) return false
  // Without a length, as with chunks, nobody can tell that an empty object is all that was sent.
  return !isEmpty(body) || Number(header(req, 'content-length') ?? Infinity) <= '{}'.length
}

function isEmpty(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false
  // Of megabytes, Object.keys would make a string each.
  return body instanceof Uint8Array ? body.length === 0 : Object.keys(body).length === 0
}

function textOf(what: unknown): string | AuthsignalError {
  try {
    return canonicalOf(what)
  } catch (error) {
    if (error instanceof AuthsignalError) return error
    throw error
  }
}

function unreadBody(): AuthsignalError {
  return misconfigured(
    'The request has a body that the challenge could not be bound to: no parser has read it into req.body, or it is ' +
      'multipart. Put the guard after the body parser, or give bind a function that returns what the challenge is for.',
  )
}

async function bound(req: GuardedRequest, bind: NonNullable<GuardOptions['bind']>): Promise<unknown> {
  const value: unknown = await bind(req)
  if (value === undefined) throw misconfigured('bind(req) is undefined; return what the challenge is good for.')
  return value
}
