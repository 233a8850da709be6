import { serialize } from 'cookie'
import type { GuardedResponse } from '../http'

interface CookieOptions {
  secure: boolean
  /** In seconds; without it the cookie ends with the browser's session. */
  maxAge?: number
}

/** Adds a cookie to those that the answer sets already. */
export function setCookie(res: GuardedResponse, name: string, value: string, options: CookieOptions): void {
  const cookie = serialize(name, value, { ...options, path: '/', httpOnly: true, sameSite: 'lax' })
  const before = res.getHeader('set-cookie')
  const others = before === undefined ? [] : Array.isArray(before) ? before : [String(before)]
  res.setHeader('set-cookie', [...others, cookie])
}
