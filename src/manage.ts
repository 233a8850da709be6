import { randomUUID } from 'node:crypto'
import { aFunction, checked, oneOf, type Check } from './checks'
import type { Configuration } from './configuration'
import { misconfigured } from './errors'
import { validCode } from './flow/action-code'
import { getUser, track, unexpected } from './flow/ask-api'
import { pathOnOrigin, publicUrl, requireBaseUrl, type BaseUrl } from './flow/base-url'
import { isPrefetch, kindOf } from './flow/client-kind'
import { cookiesOf } from './flow/cookies'
import { refusal } from './flow/refusal'
import { answerNotAllowed, answerPrefetch, redirect } from './flow/respond'
import { backTo } from './flow/return-to'
import { safeUrl } from './flow/safe-url'
import { gatherSignals, type Signals } from './flow/signals'
import { beginVisit } from './flow/visits'
import { handOn } from './hand-on'
import type { GuardedRequest, GuardedResponse, Middleware } from './http'
import type { GuardOptions, ManageOptions } from './options'
import { sendOutOfFramePage } from './pages/pages'

interface Management {
  shared: Configuration
  signals: Pick<GuardOptions, 'userId' | 'attributes' | 'ipAddress' | 'deviceId'>
  returnVia: 'redirect' | 'page'
  returnTo: string | undefined
  actionCode: string
}

/** Who is sent, and where they come back to. Its id would be its action's idempotency key. */
interface Departure {
  id: string
  signals: Signals
  redirectUrl: string
}

/**
 * Sends the signed-in user to the page where they set up and remove authenticators. They come back by the callback, to
 * which nothing is granted: whoever comes back is asked by the next guard as before.
 */
export function makeManage(shared: Configuration, options: ManageOptions = {}): Middleware {
  const management = parseManagement(shared, options)
  requireBaseUrl(shared.baseUrls)
  return function authsignalManage(req, res, next) {
    visit(management, req, res).catch((error: unknown) => {
      handOn(error, res, next)
    })
  }
}

async function visit(management: Management, req: GuardedRequest, res: GuardedResponse): Promise<void> {
  res.setHeader('cache-control', 'no-store')
  if (req.method === 'GET' && !isPrefetch(req)) await send(management, req, res)
  else if (req.method === 'GET') answerPrefetch(res)
  else if (req.method === 'HEAD') res.end()
  else answerNotAllowed(res, 'GET, HEAD')
}

async function send(management: Management, req: GuardedRequest, res: GuardedResponse): Promise<void> {
  const { shared, returnTo, returnVia } = management
  const signals = await gatherSignals(req, cookiesOf(req), management.signals)
  const base = shared.baseUrls(req)
  const id = randomUUID()
  const redirectUrl = publicUrl(base, `${shared.callbackPath}/${id}`)
  const url = await selfServiceUrl(management, { id, signals, redirectUrl })
  const path = returnTo === undefined ? backTo(req, base) : base.prefix + returnTo
  beginVisit({ req, res, base }, id, { how: returnVia, path })
  sendTo(shared, req, res, url)
}

async function selfServiceUrl(management: Management, departure: Departure): Promise<string> {
  const { shared } = management
  const { redirectUrl, signals } = departure
  const { url } = await getUser(shared, { userId: signals.userId, redirectUrl })
  return url ? safeUrl(url, {}) : trackedUrl(management, departure)
}

/** Where get-user gives no url, an action leads to the page, behind a challenge where the rules require one. */
async function trackedUrl({ shared, actionCode }: Management, departure: Departure): Promise<string> {
  const { id: idempotencyKey, redirectUrl, signals } = departure
  const { userId, deviceId, userAgent, ipAddress, attributes } = signals
  const name = { userId, actionCode, idempotencyKey }
  const more = { idempotencyKey, redirectUrl, redirectToSettings: true, deviceId, userAgent, ipAddress }
  const { state, url } = await track(shared, name, { ...attributes, ...more })
  switch (state) {
    case 'ALLOW':
    case 'CHALLENGE_REQUIRED':
      return safeUrl(url, name)
    case 'BLOCK':
      throw refusal('ERR_AUTHSIGNAL_BLOCKED', name)
    case 'REVIEW_REQUIRED':
      throw refusal('ERR_AUTHSIGNAL_REVIEW_REQUIRED', name)
    default:
      throw unexpected('an unknown state', name)
  }
}

function sendTo({ words }: Configuration, req: GuardedRequest, res: GuardedResponse, url: string): void {
  switch (kindOf(req)) {
    case 'htmx':
      res.setHeader('hx-redirect', url)
      res.end()
      return
    case 'script':
      res.setHeader('content-type', 'application/json')
      res.end(JSON.stringify({ url }))
      return
    case 'frame':
      sendOutOfFramePage(res, words, url)
      return
    case 'page':
      redirect(res, 302, url)
  }
}

const MANAGE_OPTIONS: Record<keyof ManageOptions, Check> = {
  userId: aFunction,
  returnVia: oneOf('redirect', 'page'),
  returnTo: aPathWithQuery,
  actionCode: (_name, value) => validCode(value, 'it is'),
}

function parseManagement(shared: Configuration, given: ManageOptions): Management {
  if (typeof shared.client.getUser !== 'function')
    throw misconfigured('client has no method "getUser", which manage asks for the self-service page.')
  const { attributes, ipAddress, deviceId, ...defaults } = shared.guardDefaults
  const options = checked('manage', given, MANAGE_OPTIONS)
  const { userId = defaults.userId, returnVia = defaults.returnVia ?? 'redirect' } = options
  const { returnTo, actionCode = 'manageAuthenticators' } = options
  return { shared, signals: { userId, attributes, ipAddress, deviceId }, returnVia, returnTo, actionCode }
}

const ANY_ORIGIN: BaseUrl = { origin: 'https://app.example', prefix: '', secure: true }

function aPathWithQuery(name: string, value: unknown): void {
  if (typeof value !== 'string' || value === '' || pathOnOrigin(value, ANY_ORIGIN) !== value)
    throw misconfigured(`${name} must be a path of the app's own, such as /account.`)
}
