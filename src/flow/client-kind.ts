import { header, isGetOrHead, mediaType, type GuardedRequest } from '../http'
import type { BaseUrl } from './base-url'

/** How a client is told of a challenge. */
export type ClientKind = 'page' | 'frame' | 'script' | 'htmx'

const FRAMES = new Set(['iframe', 'frame', 'fencedframe', 'embed', 'object'])

export function kindOf(req: GuardedRequest): ClientKind {
  if (header(req, 'hx-request') === 'true') return 'htmx'
  if (!isPageLoad(req)) return 'script'
  return FRAMES.has(header(req, 'sec-fetch-dest') ?? '') ? 'frame' : 'page'
}

function isPageLoad(req: GuardedRequest): boolean {
  if (/^application\/(?:.+\+)?json$/.test(mediaType(req))) return false
  const mode = header(req, 'sec-fetch-mode')
  if (mode !== undefined) return mode === 'navigate'
  const accept = header(req, 'accept')
  return accept === undefined || accept.toLowerCase().includes('text/html')
}

function isBlind(req: GuardedRequest): boolean {
  return header(req, 'sec-fetch-mode') === 'no-cors'
}

/** A browser that loads ahead what the user may never open. */
export function isPrefetch(req: GuardedRequest): boolean {
  return /\b(?:prefetch|prerender)\b/i.test(header(req, 'sec-purpose') ?? '')
}

/**
 * A request that a page of another site sent. A form must be of this very origin: another host of the same site sends our
 * cookie too, and the form would come back as one of our own. So must a request whose answer its sender may not read, an
 * image's say. A link leads here from anywhere.
 */
export function isCrossSite(req: GuardedRequest, base: BaseUrl): boolean {
  const site = header(req, 'sec-fetch-site')
  if (isGetOrHead(req.method)) return isBlind(req) && (site === 'cross-site' || site === 'same-site')
  if (site !== undefined) return site === 'cross-site' || (site === 'same-site' && (isPageLoad(req) || isBlind(req)))
  const origin = header(req, 'origin')
  return origin !== undefined && origin !== base.origin
}
