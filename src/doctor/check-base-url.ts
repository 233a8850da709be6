import { parseBaseUrl } from '../flow/base-url'
import { isSecureUrl } from '../http'
import { failed, ok, warning, type Verdict } from './finding'

const CURE = "Set AUTHSIGNAL_BASE_URL, or baseUrl, to the app's public origin, such as https://bank.example."

/** Whether browsers, sent back to that URL, find the app. */
export function checkBaseUrl(urls: readonly string[]): Verdict {
  const production = process.env.NODE_ENV === 'production'
  if (urls.length === 0)
    return production ? failed('there is none', CURE) : warning('there is none: the app serves only on loopback', CURE)
  const bases = urls.map(parseBaseUrl)
  const shown = bases.map(({ origin, prefix }) => (prefix ? `${origin}, path prefix ${prefix}` : origin)).join('; ')
  const plain = bases.find(({ origin, secure }) => !secure && !isSecureUrl(new URL(origin)))
  if (plain) return warning(`${shown}: http, so cookies and forms can be read on the way`, 'Serve it over https.')
  const local = bases.find(({ secure }) => !secure)
  if (local && production) return warning(`${shown}: found from this machine only`, CURE)
  return ok(shown)
}
