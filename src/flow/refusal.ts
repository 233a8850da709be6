import { AuthsignalError } from '../errors'
import type { ActionName } from './ask-api'

/** Why a request is turned away, in words for its user. */
const WORDS = {
  ERR_AUTHSIGNAL_UNAUTHENTICATED: 'Sign in first.',
  ERR_AUTHSIGNAL_BLOCKED: 'This was refused.',
  ERR_AUTHSIGNAL_REVIEW_REQUIRED: 'This must be reviewed before it can be done.',
  ERR_AUTHSIGNAL_NOT_ENROLLED: 'Set up a way to confirm that it is you first.',
  ERR_AUTHSIGNAL_CROSS_SITE: 'This was sent by a page of another site.',
  ERR_AUTHSIGNAL_CHALLENGE_FAILED: 'It could not be confirmed that it is you.',
  ERR_AUTHSIGNAL_METHOD_REFUSED: 'Another way to confirm that it is you is needed here.',
  ERR_AUTHSIGNAL_CHALLENGE_UNKNOWN: 'This confirmation is unknown here, or its time is over. Please start again.',
  // Whether the handler ran to its end nobody here knows: its process, or the store, may have been lost meanwhile.
  ERR_AUTHSIGNAL_ALREADY_SPENT:
    'This was sent on already, it is not what was confirmed, or it comes too late. Nothing was done now. ' +
    'If you do not find it done, start again in a minute.',
}

export function refusal(
  code: keyof typeof WORDS,
  { actionCode, idempotencyKey }: Partial<ActionName> = {},
): AuthsignalError {
  return new AuthsignalError(code, WORDS[code], { actionCode, idempotencyKey })
}
