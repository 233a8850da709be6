import { hasBody, header, isGetOrHead, mediaType, requestTarget, type GuardedRequest } from '../http'
import { home, pathOnOrigin, type BaseUrl } from './base-url'
import type { ClientKind } from './client-kind'
import { formFields, type Fields } from './form'

/** Where the browser goes after the challenge, settled at its start and never read off a url. */
export type ReturnTo =
  | { how: 'redirect' | 'page'; path: string }
  | { how: 'form'; path: string; fields: Fields }
  /** The request can't be brought back: the user is asked to send it again from where it came. */
  | { how: 'ask'; path: string }

interface ReturnOptions {
  resume: boolean
  returnVia: 'redirect' | 'page'
}

export function returnTo(req: GuardedRequest, kind: ClientKind, base: BaseUrl, options: ReturnOptions): ReturnTo {
  const back = options.returnVia
  if (kind === 'htmx') return { how: back, path: fromUrl(header(req, 'hx-current-url'), base) ?? home(base) }
  if (kind === 'script') return { how: back, path: referringPage(req, base) ?? home(base) }
  const path = pathOnOrigin(base.prefix + requestTarget(req), base) ?? home(base)
  if (isGetOrHead(req.method)) return { how: back, path }
  const fields = options.resume && isForm(req) ? fieldsOf(req) : undefined
  return fields ? { how: 'form', path, fields } : { how: 'ask', path: referringPage(req, base) ?? home(base) }
}

/** A page to go back to for a user who quits; the guarded page itself would only challenge again. */
export function backTo(req: GuardedRequest, base: BaseUrl): string {
  const page = referringPage(req, base)
  return page === undefined || page === base.prefix + requestTarget(req) ? home(base) : page
}

/** A form may have no field but its button. */
function fieldsOf(req: GuardedRequest): Fields | undefined {
  return hasBody(req) ? formFields(req.body, Number(header(req, 'content-length'))) : []
}

function isForm(req: GuardedRequest): boolean {
  return req.method === 'POST' && mediaType(req) === 'application/x-www-form-urlencoded'
}

function referringPage(req: GuardedRequest, base: BaseUrl): string | undefined {
  return fromUrl(header(req, 'referer'), base)
}

function fromUrl(url: string | undefined, base: BaseUrl): string | undefined {
  return url === undefined || !URL.canParse(url) ? undefined : pathOnOrigin(url, base)
}
