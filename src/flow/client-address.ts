import { isIP } from 'node:net'
import type { IncomingMessage } from 'node:http'
import proxyAddr from 'proxy-addr'
import type { GuardedRequest } from '../http'

/** Express keeps here whether `trust proxy` is still its default. */
const TRUST_PROXY_IS_DEFAULT = '@@symbol:trust_proxy_default'

const isNearPeer = proxyAddr.compile(['loopback', 'linklocal', 'uniquelocal'])

let warned = false

/**
 * The client's address: by the app's own `trust proxy` where it has set one, else the first address from the right of
 * X-Forwarded-For that is no loopback, link-local or private peer. Never the leftmost entry as it stands.
 */
export function clientAddress(req: GuardedRequest): string | undefined {
  if (appSetTrustProxy(req)) return req.ip
  const address = proxyAddr(req as unknown as IncomingMessage, isNearPeer)
  if (req.headers['x-forwarded-for'] !== undefined) warnOnceInProduction()
  return withoutPort(address)
}

/** A mounted app inherits its parent's settings by prototype: the one that holds the setting tells. */
function appSetTrustProxy(req: GuardedRequest): boolean {
  let settings = (req.app as { settings?: object } | undefined)?.settings
  while (settings && !Object.hasOwn(settings, 'trust proxy')) settings = Object.getPrototypeOf(settings) as object
  return settings !== undefined && (settings as Record<string, unknown> | null)?.[TRUST_PROXY_IS_DEFAULT] === false
}

/** Some proxies append the port. What is no address then is left out: better none than a made-up one. */
function withoutPort(address: string | undefined): string | undefined {
  if (address === undefined || isIP(address)) return address
  const [, bracketed, plain] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(address) ?? []
  const bare = bracketed ?? plain ?? ''
  return isIP(bare) ? bare : undefined
}

function warnOnceInProduction(): void {
  if (warned || process.env.NODE_ENV !== 'production') return
  warned = true
  process.emitWarning(
    "X-Forwarded-For is read past private peers, which is right only where each is a proxy that appends to it. Set Express' `trust proxy`, or the ipAddress option.",
    { code: 'AUTHSIGNAL_TRUST_PROXY' },
  )
}
