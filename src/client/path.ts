import { misconfigured, typeInWords } from '../errors'

/* Path segments come from users: a `..`, a `/` or a `#` in one would reach another call of the API. */

/** Action codes, by the API's own rule. */
export const ACTION_CODE = /^[a-zA-Z0-9_-]{1,64}$/

const LONGEST_SEGMENT = 1_000

/** `segment` percent-encoded. Throws `ERR_AUTHSIGNAL_MISCONFIGURED` where encoding can't make it safe. */
function encodeSegment(name: string, segment: unknown): string {
  if (typeof segment !== 'string' || segment === '')
    throw misconfigured(`${name} is ${typeInWords(segment)}; give a non-empty string.`)
  // A server hangs up on what is longer than it reads, which would look like an outage.
  if (segment.length > LONGEST_SEGMENT)
    throw misconfigured(`${name} is longer than ${LONGEST_SEGMENT} characters; give the id that the user is known by.`)
  // encodeURIComponent leaves dots alone, and throws at a lone surrogate.
  if (segment === '.' || segment === '..' || !segment.isWellFormed())
    throw misconfigured(`${name} can't be part of a path: it is "." or "..", or not well-formed Unicode.`)
  return encodeURIComponent(segment)
}

export function userPath(userId: unknown): string {
  return `/users/${encodeSegment('userId', userId)}`
}

export function authenticatorPath(userId: unknown, userAuthenticatorId: unknown): string {
  return `${userPath(userId)}/authenticators/${encodeSegment('userAuthenticatorId', userAuthenticatorId)}`
}

export function actionPath(userId: unknown, action: unknown): string {
  if (typeof action !== 'string' || !ACTION_CODE.test(action))
    throw misconfigured(`action is not an action code: give 1 to 64 letters, digits, "_" or "-".`)
  return `${userPath(userId)}/actions/${action}`
}

export function actionInstancePath(userId: unknown, action: unknown, idempotencyKey: unknown): string {
  return `${actionPath(userId, action)}/${encodeSegment('idempotencyKey', idempotencyKey)}`
}

/**
 * The parameters that are there, as a query; '' where there are none. An empty one is no filter: left out, it would answer
 * with everybody.
 */
export function query(parameters: Record<string, string | null | undefined>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  for (const [name, value] of given)
    if (value === '') throw misconfigured(`${name} is empty; leave it out to ask for all, or give what to look for.`)
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
}
