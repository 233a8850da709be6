import type { AuthsignalErrorCode } from 'authsignal-express'
import type { ErrorRequestHandler } from 'express'
import { isHttpError } from 'http-errors'
import { isScript, show } from './views'

interface Words {
  title: string
  text: string
}

const OUR_FAULT: Words = {
  title: 'Something went wrong on our side',
  text: 'Nothing was booked. Please try again later.',
}

const WORDS: Record<AuthsignalErrorCode, Words> = {
  ERR_AUTHSIGNAL_BLOCKED: {
    title: 'This was refused',
    text: 'For your safety the bank does not allow this at the moment. No money has left your account.',
  },
  ERR_AUTHSIGNAL_REVIEW_REQUIRED: {
    title: 'We need to look at this first',
    text: 'Someone at the bank has to review it. No money has left your account.',
  },
  ERR_AUTHSIGNAL_CHALLENGE_FAILED: {
    title: 'We could not confirm that it is you',
    text: 'The confirmation failed, so nothing was booked. You can start again.',
  },
  ERR_AUTHSIGNAL_METHOD_REFUSED: {
    title: 'Please confirm in another way',
    text: 'The way you chose is not strong enough for this. Nothing was booked.',
  },
  ERR_AUTHSIGNAL_NOT_ENROLLED: {
    title: 'Set up a way to confirm first',
    text: 'You have no way yet to confirm that it is you. Nothing was booked.',
  },
  ERR_AUTHSIGNAL_UNAUTHENTICATED: { title: 'Please log in', text: 'You are not logged in any more.' },
  ERR_AUTHSIGNAL_CHALLENGE_UNKNOWN: {
    title: 'We do not know this confirmation',
    text: 'It is too old, or was begun in another browser or by someone else. Nothing was booked; please start again.',
  },
  ERR_AUTHSIGNAL_ALREADY_SPENT: {
    title: 'Nothing was booked now',
    text: 'This was booked already, or it is not what was confirmed. Look at your movements before you send it again.',
  },
  ERR_AUTHSIGNAL_CROSS_SITE: {
    title: 'This did not come from our pages',
    text: 'Another site tried to send it in your name. Nothing was booked.',
  },
  ERR_AUTHSIGNAL_UNAVAILABLE: {
    title: 'We cannot confirm that it is you just now',
    text: 'The service that does this is out of reach. Nothing was booked; please try again in a minute.',
  },
  ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE: OUR_FAULT,
  ERR_AUTHSIGNAL_MISCONFIGURED: OUR_FAULT,
  ERR_AUTHSIGNAL_SIGNATURE_INVALID: OUR_FAULT,
}

export const showError: ErrorRequestHandler = (error: unknown, req, res, next) => {
  if (res.headersSent) {
    next(error)
    return
  }
  const { status, code, words } = describe(error)
  if (status >= 500) console.error(error)
  if (isScript(req)) res.status(status).json({ ...words, code })
  else show(req, res.status(status), 'error', { ...words, code })
}

/** Our own words for each code; an error's message only where it is meant for users; its stack never. */
function describe(error: unknown): { status: number; code?: string; words: Words } {
  if (!isHttpError(error)) return { status: 500, words: OUR_FAULT }
  const { status, code, expose, message } = error as typeof error & { code?: string }
  if (isAuthsignalCode(code)) return { status, code, words: WORDS[code] }
  return { status, words: expose ? { title: 'That did not work', text: message } : OUR_FAULT }
}

function isAuthsignalCode(code: string | undefined): code is AuthsignalErrorCode {
  return code !== undefined && Object.hasOwn(WORDS, code)
}
