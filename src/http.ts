import type { IncomingHttpHeaders } from 'node:http'

/* What this package needs of a request and a response: met by node:http, node:http2's compatibility API, Connect and
   Express alike, so that none of them has to be installed for the types. */

/**
 * A request as servers give it. A guard asks for no more, so that Express goes on telling the types of `req.params` and
 * `req.query` to the handlers behind it.
 */
export interface PlainRequest {
  method?: string | undefined
  url?: string | undefined
  originalUrl?: string | undefined
  headers: IncomingHttpHeaders
  readonly readableEnded: boolean
}

/**
 * A request as the options' functions get it. The fields that other middleware adds are `any`, so that
 * `(req) => req.body.amount` needs no cast; annotate the parameter (`req: express.Request`) to have them typed.
 */
/* eslint-disable @typescript-eslint/no-explicit-any */
export interface GuardedRequest extends PlainRequest {
  body?: any
  cookies?: any
  /** Of multer. */
  file?: any
  files?: any
  params?: any
  query?: any
  session?: any
  user?: any
  oidc?: any
  auth?: any
  app?: any
  ip?: string | undefined
  /** What the guard found, from the guard on. */
  authsignal?: StepUp | undefined
}
/* eslint-enable @typescript-eslint/no-explicit-any */

/** A response, as far as this package and the app's own hooks need it. Annotate with `express.Response` for more. */
export interface GuardedResponse {
  statusCode: number
  readonly headersSent: boolean
  readonly destroyed?: boolean | undefined
  getHeader(name: string): number | string | string[] | undefined
  setHeader(name: string, value: number | string | readonly string[]): unknown
  removeHeader(name: string): void
  end(): unknown
  // Not one with `body?`: http2's own `end` takes no undefined.
  // eslint-disable-next-line @typescript-eslint/unified-signatures
  end(body: string): unknown
}

export type Next = (error?: unknown) => void

/** A middleware for Express 4 and 5, Connect, and plain servers of node:http and node:http2. */
export type Middleware = (req: PlainRequest, res: GuardedResponse, next: Next) => void

/** What the guard leaves on `req.authsignal` for the handlers behind it. */
export interface StepUp {
  actionCode: string
  /**
   * The action's state when the request was let pass: `CHALLENGE_SUCCEEDED` also where a challenge under `maxAge` answered
   * for it, `UNKNOWN` where `degraded`.
   */
  state: string
  /** Unique to the pass: serves the handler as its own idempotency key. */
  idempotencyKey: string
  /** Whether the user passed a challenge for this request, or a still valid one under `maxAge`. */
  challenged: boolean
  verificationMethod?: string | undefined
  ruleIds?: string[] | undefined
  /** True where Authsignal could not be reached and `failure: 'open'` let the request pass. */
  degraded?: boolean | undefined
}

declare global {
  // The one way to add a field to Express' request.
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    interface Request {
      authsignal?: StepUp | undefined
    }
  }
}

/** Whether nobody waits for the answer any more: it is given, or the client is gone. */
export function isOver(res: GuardedResponse): boolean {
  const { stream } = res as { stream?: { destroyed?: boolean } }
  return res.headersSent || res.destroyed === true || stream?.destroyed === true
}

/** The first value of a header, where there is one. */
export function header(req: GuardedRequest, name: string): string | undefined {
  const value = req.headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** Of the body, in small letters; '' where none is told. */
export function mediaType(req: GuardedRequest): string {
  return (header(req, 'content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** Whether a body comes with the request, read or not. */
export function hasBody(req: GuardedRequest): boolean {
  if (req.headers['transfer-encoding'] !== undefined) return true
  const length = header(req, 'content-length')
  if (length !== undefined) return length !== '0'
  // Over HTTP/2 a body may come without either header.
  const stream = (req as { stream?: { endAfterHeaders?: boolean } }).stream
  return stream?.endAfterHeaders === false
}

/** The path with query that the client asked for, also behind a mount point. */
export function requestTarget(req: GuardedRequest): string {
  return req.originalUrl ?? req.url ?? '/'
}

/** The path with query that the app's routes see, which a middleware may have rewritten: subdomains into paths, say. */
export function routedTarget(req: PlainRequest & { baseUrl?: string | undefined }): string {
  return (req.baseUrl ?? '') + (req.url ?? '/')
}

export function isGetOrHead(method: string | undefined): boolean {
  return method === 'GET' || method === 'HEAD'
}

export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/.test(address)
}

/** Whether a URL is of this machine. */
export function isLocalUrl({ hostname }: URL): boolean {
  return hostname === 'localhost' || isLoopback(hostname.replace(/[[\]]/g, ''))
}

/** Whether a URL may be trusted with what is secret: https, or http that does not leave this machine. */
export function isSecureUrl(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLocalUrl(url))
}

export interface PeerSocket {
  remoteAddress?: string | undefined
  encrypted?: boolean | undefined
}

/** The connection below the request; http2's compatibility API gives a proxy of it. */
export function peer(req: GuardedRequest): PeerSocket {
  return (req as { socket?: PeerSocket | null }).socket ?? {}
}
