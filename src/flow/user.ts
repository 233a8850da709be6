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
  if (isThere(req.user)) return fieldOf(req.user, 'req.user', 'id')
  if (isObject(req.oidc) && isThere(req.oidc.user)) return fieldOf(req.oidc.user, 'req.oidc.user', 'sub')
  if (isThere(req.auth)) return userOfAuth(req.auth)
  return isObject(req.session) ? req.session.userId : undefined
}

/** `req.auth` of Clerk (`userId`, null where signed out) and of bearer token middleware (`payload.sub`). */
async function userOfAuth(source: unknown): Promise<unknown> {
  const auth: unknown = await (typeof source === 'function' ? (source as () => unknown)() : source)
  if (!isThere(auth)) return undefined
  if (isObject(auth) && 'userId' in auth) return auth.userId
  return fieldOf(fieldOf(auth, 'req.auth', 'payload'), 'req.auth.payload', 'sub')
}

/** Of a source that is there; one that is no object, or lacks the field, must not leave the user to another source. */
function fieldOf(source: unknown, name: string, field: string): unknown {
  if (!isObject(source)) throw notAUserId(name, source)
  const value = source[field]
  if (!isThere(value)) throw notAUserId(`${name}.${field}`, value)
  return value
}

function notAUserId(source: string, value: unknown): Error {
  return misconfigured(
    `${source} is ${typeInWords(value)}, which is not a user id. Give the userId option a function that returns a ` +
      'non-empty string or a safe integer.',
  )
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
