import type { VerificationMethod } from '../types'

const names: Partial<Record<VerificationMethod, string>> = {
  EMAIL_OTP: 'Code by e-mail',
  EMAIL_MAGIC_LINK: 'Link by e-mail',
  SMS: 'Code by text message',
  WHATSAPP: 'Code by WhatsApp',
  AUTHENTICATOR_APP: 'Authenticator app',
  PASSKEY: 'Passkey',
  RECOVERY_CODE: 'Recovery code',
}

export function nameOf(method: VerificationMethod): string {
  return names[method] ?? method
}
