import { isSecureUrl } from '../http'
import { unexpected, type ActionName } from './ask-api'

/** A url of Authsignal's that the browser is sent to: https, or http on loopback. Throws at anything else. */
export function safeUrl(text: unknown, name: Partial<ActionName>): string {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  if (url && isSecureUrl(url)) return url.href
  throw unexpected('its url is neither https nor http on loopback', name)
}
