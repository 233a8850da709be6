import { ACTION_CODE } from '../client/path'
import { misconfigured, typeInWords } from '../errors'
import type { GuardedRequest } from '../http'

export type CodeOf = (req: GuardedRequest) => Promise<string>

/** Throws `ERR_AUTHSIGNAL_MISCONFIGURED` where it can be no action code; a function is asked at each request. */
export function parseActionCode(given: unknown): CodeOf {
  if (typeof given === 'function')
    return async (req) => validCode(await (given as (req: GuardedRequest) => unknown)(req), 'the function for it gave')
  if (typeof given === 'object' && given !== null && 'headers' in given)
    throw misconfigured("authsignalGuard makes a middleware: write app.use(authsignalGuard('actionCode')).")
  const code = validCode(given, 'it is')
  return async () => code
}

/** Throws `ERR_AUTHSIGNAL_MISCONFIGURED` at anything else; `where` tells what it was given by. */
export function validCode(code: unknown, where: string): string {
  if (typeof code === 'string' && ACTION_CODE.test(code)) return code
  const what = typeof code === 'string' && code !== '' ? 'another string' : typeInWords(code)
  throw misconfigured(`The action code must be 1 to 64 letters, digits, "_" or "-"; ${where} ${what}.`)
}
