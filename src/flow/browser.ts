import { hash, randomBytes } from 'node:crypto'
import { header, type GuardedRequest, type GuardedResponse } from '../http'
import { cookiesOf, setCookie, type Cookies } from './cookies'

const BROWSER_ID = /^[\w-]{22}$/
const CHALLENGE_KEY = /^[\w-]{43}$/
const KEY_HEADER = 'authsignal-challenge'

/**
 * Who may meet a challenge. A browser holds a random cookie that scripts can't read. A client without cookies holds
 * the `challengeKey` of the answer that challenged it. The key is a hash of the cookie's value and what is kept is a
 * hash of the key: neither leads back, so a script that reads a key never learns a cookie.
 */
export interface Browser {
  /** Who a challenge that is made now will belong to; undefined where none can be. */
  holder: string | undefined
  /** Whose challenges this request may meet; undefined where it can hold none. */
  claims: string | undefined
  /** Whether it claims by the `Authsignal-Challenge` header. */
  byKey: boolean
  /** The secret to tell a client without cookies, should it be challenged. */
  challengeKey: string | undefined
}

/**
 * A page of another site meets no challenge: it could have the user confirm what it made up. Its request comes without
 * the browser's cookie, and an answer with a new one would take that away. A request that shows a key still counts as a
 * repeat.
 */
export function ofAnotherSite(req: GuardedRequest, cookies: Cookies): Browser {
  return {
    holder: undefined,
    claims: undefined,
    byKey: isCookieless(req, cookies) && showsKey(req),
    challengeKey: undefined,
  }
}

/** Tells the browser by its cookie, and gives it one where it has none. */
export function identifyBrowser(req: GuardedRequest, res: GuardedResponse, cookies: Cookies, secure: boolean): Browser {
  const known = readBrowserId(cookies, secure)
  if (known) {
    const holder = holderOf(keyOf(known))
    return { holder, claims: holder, byKey: false, challengeKey: undefined }
  }
  const challengeKey = keyOf(giveBrowserId(res, secure))
  const cookieless = isCookieless(req, cookies)
  return {
    holder: holderOf(challengeKey),
    claims: cookieless ? keyHolder(req) : undefined,
    byKey: cookieless && showsKey(req),
    challengeKey: cookieless ? challengeKey : undefined,
  }
}

/** Whose windows and challenges the request could meet, by its cookie or its key, with nothing set. */
export function readClaims(req: GuardedRequest, secure: boolean): string | undefined {
  return readHolder(req, secure) ?? (isCookieless(req, cookiesOf(req)) ? keyHolder(req) : undefined)
}

/** The holder that the request's cookie stands for, with nothing set. */
export function readHolder(req: GuardedRequest, secure: boolean): string | undefined {
  const id = readBrowserId(cookiesOf(req), secure)
  return id && holderOf(keyOf(id))
}

/** Gives the browser a new cookie, and tells the holder that it stands for. */
export function giveHolder(res: GuardedResponse, secure: boolean): string {
  return holderOf(keyOf(giveBrowserId(res, secure)))
}

/** Gives the browser a new cookie: what the old one held is out of reach. */
function giveBrowserId(res: GuardedResponse, secure: boolean): string {
  const id = randomBytes(16).toString('base64url')
  setCookie(res, cookieName(secure), id, { secure })
  return id
}

function readBrowserId(cookies: Cookies, secure: boolean): string | undefined {
  const id = cookies[cookieName(secure)]
  return typeof id === 'string' && BROWSER_ID.test(id) ? id : undefined
}

/** Over https the `__Host-` prefix keeps other hosts of the same site from setting it. */
function cookieName(secure: boolean): string {
  return secure ? '__Host-authsignal' : 'authsignal'
}

function isCookieless(req: GuardedRequest, cookies: Cookies): boolean {
  return !Object.keys(cookies).some(isOurs) && !sentByBrowser(req)
}

/** Whatever it holds, and of http too: a client that sends one keeps cookies. */
function isOurs(name: string): boolean {
  return /^(?:__Host-)?authsignal(?:-resumed|-visits)?$/.test(name)
}

function showsKey(req: GuardedRequest): boolean {
  return header(req, KEY_HEADER) !== undefined
}

function keyHolder(req: GuardedRequest): string | undefined {
  const shown = header(req, KEY_HEADER)
  return shown !== undefined && CHALLENGE_KEY.test(shown) ? holderOf(shown) : undefined
}

/** Every current browser sends Fetch Metadata, and no script on a page can take it away. */
function sentByBrowser(req: GuardedRequest): boolean {
  return Object.keys(req.headers).some((name) => name.startsWith('sec-fetch-'))
}

function keyOf(browserId: string): string {
  return sha256(`challenge-key:${browserId}`)
}

function holderOf(challengeKey: string): string {
  return sha256(`holder:${challengeKey}`)
}

function sha256(text: string): string {
  return hash('sha256', text, 'base64url')
}
