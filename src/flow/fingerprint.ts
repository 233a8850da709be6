import { misconfigured, type AuthsignalErrorDetails } from '../errors'
import { header, requestTarget, type GuardedRequest } from '../http'
import type { AppAttributes, GuardOptions } from '../options'
import { canonicalOf } from './canonical'

/**
 * What a challenge is good for, as text to be hashed: method, path with query, and what `bind` gives, by default the parsed body
 * and the app's `custom` attributes. undefined where the request has a body that can't be told: it may pass at ALLOW,
 * but can't be challenged.
 */
export async function fingerprintOf(
  req: GuardedRequest,
  attributes: AppAttributes,
  bind: GuardOptions['bind'],
): Promise<string | undefined> {
  const what = [req.method, requestTarget(req)]
  if (bind) return canonicalOf(['bind', what, await bound(req, bind)])
  if (!hasBody(req)) return canonicalOf(['bare', what, attributes.custom])
  const type = mediaType(req)
  // A multipart parser leaves the files elsewhere than in req.body.
  if (!req.readableEnded || req.body === undefined || type.startsWith('multipart/')) return undefined
  return canonicalOf(['body', what, attributes.custom, type, req.body])
}

/** The error for a request that would be challenged, and whose body can't be told. */
export function unboundBody(details: AuthsignalErrorDetails): Error {
  return misconfigured(
    'The request has a body that the challenge could not be bound to: no parser has read it into req.body, or it is ' +
      'multipart. Put the guard after the body parser, or give bind a function that returns what the challenge is for.',
    details,
  )
}

export function mediaType(req: GuardedRequest): string {
  return (header(req, 'content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

async function bound(req: GuardedRequest, bind: NonNullable<GuardOptions['bind']>): Promise<unknown> {
  const value: unknown = await bind(req)
  if (value === undefined) throw misconfigured('bind(req) is undefined; return what the challenge is good for.')
  return value
}

function hasBody(req: GuardedRequest): boolean {
  if (req.headers['transfer-encoding'] !== undefined) return true
  const length = header(req, 'content-length')
  if (length !== undefined) return length !== '0'
  // Over HTTP/2 a body may come without either header.
  const stream = (req as { stream?: { endAfterHeaders?: boolean } }).stream
  return stream?.endAfterHeaders === false
}
