import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { RequestHandler } from 'express'
import createError from 'http-errors'
import { textField } from './forms'

/** A token per session, in every form as `_csrf`. The middleware sends a form again with all its fields, this one too. */
export const csrf: RequestHandler = (req, _res, next) => {
  const token = (req.session.csrfToken ??= randomBytes(32).toString('base64url'))
  const safe = req.method === 'GET' || req.method === 'HEAD'
  if (safe || isSame(textField(req.body, '_csrf'), token)) next()
  else next(createError(403, 'This form is out of date. Please open the page again and resend it.'))
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
