import { serialize } from 'cookie'
import cookieParser from 'cookie-parser'
import type { Request, Response } from 'express'
import type { GuardedRequest, GuardedResponse } from '../http'

export type Cookies = Readonly<Record<string, unknown>>

const parseCookies = cookieParser()

/** The request's cookies: those that the app's cookie-parser read, else read by one of ours. */
export function cookiesOf(req: GuardedRequest): Cookies {
  if (typeof req.cookies === 'object' && req.cookies !== null) return req.cookies as Cookies
  // An app without cookie-parser must not find req.cookies filled by a guard, so it works on a stand-in.
  const standIn: { headers: GuardedRequest['headers']; cookies?: Cookies } = { headers: req.headers }
  parseCookies(standIn as unknown as Request, undefined as unknown as Response, () => undefined)
  return standIn.cookies ?? {}
}

interface CookieOptions {
  secure: boolean
  /** In seconds; without it the cookie ends with the browser's session. */
  maxAge?: number
}

/** Adds a cookie to those that the answer sets already; one of that name is replaced. */
export function setCookie(res: GuardedResponse, name: string, value: string, options: CookieOptions): void {
  const cookie = serialize(name, value, { ...options, path: '/', httpOnly: true, sameSite: 'lax' })
  const before = res.getHeader('set-cookie')
  const others = before === undefined ? [] : Array.isArray(before) ? before : [String(before)]
  res.setHeader('set-cookie', [...others.filter((other) => !other.startsWith(`${name}=`)), cookie])
}
