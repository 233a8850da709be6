import { misconfigured } from '../errors'
import { isLoopback, peer, type GuardedRequest, type GuardedResponse } from '../http'

/** Where the app is reached from outside. */
export interface BaseUrl {
  origin: string
  /** The path that a proxy strips before the app sees the request: '' or '/app'. */
  prefix: string
  secure: boolean
}

/** A request and what answers it, at the app's own base URL. */
export interface Exchange {
  req: GuardedRequest
  res: GuardedResponse
  base: BaseUrl
}

const LOCAL_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/

export type BaseUrls = (req: GuardedRequest) => BaseUrl

/** From the option to a function that tells the base URL of a request, or throws `ERR_AUTHSIGNAL_MISCONFIGURED`. */
export function parseBaseUrls(option: string | readonly string[] | undefined): BaseUrls {
  if (option === undefined) return ownOrigin
  const given = (typeof option === 'string' ? [option] : option).map(parseBaseUrl)
  const urls = [...new Map(given.map((url) => [url.origin + url.prefix, url])).values()]
  const [first, second] = urls
  if (first && !second) return () => first
  if (new Set(urls.map(({ origin }) => new URL(origin).host)).size < urls.length)
    throw misconfigured(
      "baseUrl lists the same host twice, and a request can't say which one it came to; keep one of them.",
    )
  const byHost = new Map(urls.flatMap((url) => hostsOf(url).map((host) => [host, url])))
  return (req) => {
    const found = byHost.get(hostOf(req))
    if (!found) throw misconfigured('The request came to a host that is not in baseUrl. Add its origin to the list.')
    return found
  }
}

/** Throws where no request could be answered: what is known at the start should be told then. */
export function requireBaseUrl(baseUrls: BaseUrls): void {
  if (baseUrls === ownOrigin && process.env.NODE_ENV === 'production') throw noBaseUrl()
}

/** The public URL of a path of the app's. */
export function publicUrl(base: BaseUrl, path: string): string {
  return base.origin + base.prefix + path
}

/** The path of the app's first page, where nothing better is known. */
export function home(base: BaseUrl): string {
  return `${base.prefix}/`
}

/**
 * `target` as a path on the base URL's origin, or undefined where it would lead to another origin. What the URL
 * parser makes of it is checked once more, since browsers read `/\host` and `//host` as another site.
 */
export function pathOnOrigin(target: string, base: BaseUrl): string | undefined {
  if (!URL.canParse(target, base.origin)) return undefined
  const url = new URL(target, base.origin)
  url.hash = ''
  // Cut off, and not put together: an empty query is a query too.
  const path = url.href.slice(url.origin.length)
  const again = URL.canParse(path, base.origin) ? new URL(path, base.origin) : undefined
  const kept = url.origin === base.origin && again?.origin === base.origin && path.startsWith('/')
  return kept ? path : undefined
}

export function parseBaseUrl(text: string): BaseUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const other = !url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash
  // The URL parser takes "https://a,https://b" for a host and a path.
  if (other || url.hostname.includes(',') || /\/\/+[^/]/.test(url.pathname))
    throw misconfigured(
      'baseUrl, or AUTHSIGNAL_BASE_URL, must be the public origin of the app, such as https://bank.example, with neither ' +
        'credentials nor a query. Where it has several, give createAuthsignal an array of them.',
    )
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, ''), secure: url.protocol === 'https:' }
}

function ownOrigin(req: GuardedRequest): BaseUrl {
  const secure = peer(req).encrypted === true
  const host = hostOf(req)
  if (
    !LOCAL_HOST.test(host) ||
    !URL.canParse(`http://${host}`) ||
    !isLoopback(peer(req).remoteAddress) ||
    process.env.NODE_ENV === 'production'
  )
    throw noBaseUrl()
  return { origin: new URL(`${secure ? 'https' : 'http'}://${host}`).origin, prefix: '', secure }
}

function noBaseUrl(): Error {
  return misconfigured(
    "baseUrl is undefined, and the request's own origin is trusted only on loopback outside production. " +
      'Set AUTHSIGNAL_BASE_URL, or give createAuthsignal the baseUrl option: the public origin of the app.',
  )
}

/** The Host headers that name it: the port of its protocol may be left out. */
function hostsOf({ origin, secure }: BaseUrl): string[] {
  const { host, port } = new URL(origin)
  return port === '' ? [host, `${host}:${secure ? 443 : 80}`] : [host]
}

function hostOf(req: GuardedRequest): string {
  const host = req.headers[':authority'] ?? req.headers.host
  return typeof host === 'string' ? host.toLowerCase() : ''
}
