import { z } from 'zod'
import type { VerificationMethod } from '../types'
import { check, optionsOf, shown } from './check'

const methods = [
  'SMS',
  'EMAIL_OTP',
  'EMAIL_MAGIC_LINK',
  'AUTHENTICATOR_APP',
  'PASSKEY',
  'SECURITY_KEY',
  'PUSH',
  'VERIFF',
  'IPROOV',
  'IDVERSE',
  'PALM_BIOMETRICS_RR',
  'RECOVERY_CODE',
  'DEVICE',
  'WHATSAPP',
] as const satisfies readonly VerificationMethod[]

const succeedSchema = optionsOf({
  verificationMethod: z
    .enum(methods, { error: ({ input }) => `must be one of ${methods.join(', ')}, not ${shown(input)}` })
    .optional(),
})

export function parseSucceedOptions(options: unknown = {}): { verificationMethod?: VerificationMethod | undefined } {
  return check(succeedSchema, options, 'challenges.succeed')
}
