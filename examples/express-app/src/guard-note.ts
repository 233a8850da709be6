import type { Request } from 'express'
import createError from 'http-errors'
import type { Approval } from './bank'

/** What a guard left on the request, for the handler behind it. */
export function approvalOf(req: Request): Approval & { idempotencyKey: string } {
  if (!req.authsignal) throw createError(500, 'No guard stands before this handler.')
  const { idempotencyKey, state, challenged, verificationMethod } = req.authsignal
  return { idempotencyKey, state, challenged, verificationMethod }
}

/** One quiet line for the foot of a page. */
export function guardNote(grant: Request['authsignal']): string {
  if (!grant) return 'This page has no guard.'
  const { actionCode, state, challenged } = grant
  return `Guarded as ${actionCode}: ${state}, ${challenged ? 'after a challenge' : 'without a challenge'}.`
}

const METHODS: Partial<Record<string, string>> = {
  SMS: 'Text message code',
  EMAIL_OTP: 'E-mail code',
  EMAIL_MAGIC_LINK: 'E-mail link',
  AUTHENTICATOR_APP: 'Authenticator app',
  PASSKEY: 'Passkey',
  SECURITY_KEY: 'Security key',
  PUSH: 'Push notification',
  RECOVERY_CODE: 'Recovery code',
}

export function methodInWords(verificationMethod: string): string {
  return METHODS[verificationMethod] ?? verificationMethod
}
