import { misconfigured, typeInWords } from '../errors'
import type { GuardedRequest } from '../http'
import type { GuardOptions } from '../options'

/** The user's id, or undefined where nobody is signed in. Throws `ERR_AUTHSIGNAL_MISCONFIGURED` at anything else. */
export async function userOf(req: GuardedRequest, option: GuardOptions['userId']): Promise<string | undefined> {
  const given: unknown = await (option ?? signedInUser)(req)
  if (given === undefined || given === null) return undefined
  if (typeof given === 'string' && given !== '') return given
  if (typeof given === 'number' && Number.isSafeInteger(given)) return String(given)
  throw notAUserId(option ? 'userId(req)' : 'The signed-in user', given)
}

/** The first source that is there decides; a later one is not asked. */
async function signedInUser(req: GuardedRequest): Promise<unknown> {
  if (isObject(req.user)) return required('req.user.id', req.user.id)
  if (isObject(req.oidc) && isObject(req.oidc.user)) return required('req.oidc.user.sub', req.oidc.user.sub)
  if (req.auth !== undefined && req.auth !== null) return userOfAuth(req.auth)
  return isObject(req.session) ? req.session.userId : undefined
}

/** `req.auth` of Clerk (`userId`, null where signed out) and of bearer token middleware (`payload.sub`). */
async function userOfAuth(source: unknown): Promise<unknown> {
  const auth: unknown = await (typeof source === 'function' ? (source as () => unknown)() : source)
  if (!isObject(auth)) return undefined
  if ('userId' in auth) return auth.userId
  return required('req.auth.payload.sub', isObject(auth.payload) ? auth.payload.sub : undefined)
}

function required(source: string, value: unknown): unknown {
  if (value === undefined || value === null) throw notAUserId(source, value)
  return value
}

function notAUserId(source: string, value: unknown): Error {
  return misconfigured(
    `${source} is ${typeInWords(value)}, which is no user id. Give the userId option a function that returns a ` +
      'non-empty string or a safe integer.',
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
