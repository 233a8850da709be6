import { z } from 'zod'
import { optionsOf, shown } from './check'
import { actionCodeSchema, eachOnce, outcomeSchema, rulesSchema } from './rule-schema'

export const text = z.string().min(1, 'must not be empty')
// HTTP Basic ends the user name at the first colon.
export const apiSecretKeySchema = text.regex(/^[^:]+$/, 'must not hold a colon')
export const webhookUrlSchema = z.url({
  protocol: /^https?$/,
  error: ({ input }) => `must be an http url, not ${shown(input)}`,
})

const byEmail = z.strictObject({
  verificationMethod: z.enum(['EMAIL_OTP', 'EMAIL_MAGIC_LINK']),
  email: text,
  isDefault: z.boolean().optional(),
})
const byPhone = z.strictObject({
  verificationMethod: z.enum(['SMS', 'WHATSAPP']),
  phoneNumber: text,
  isDefault: z.boolean().optional(),
})

const byApp = z.strictObject({
  verificationMethod: z.literal('AUTHENTICATOR_APP'),
  /** The key, as it is typed into an app. */
  secret: z.string().regex(/^[A-Z2-7]{16,}$/, 'must be Base32: at least 16 of A to Z and 2 to 7'),
  isDefault: z.boolean().optional(),
})

const userSchema = z.strictObject({
  userId: text,
  email: text.optional(),
  emailVerified: z.boolean().optional(),
  phoneNumber: text.optional(),
  phoneNumberVerified: z.boolean().optional(),
  username: text.optional(),
  displayName: text.optional(),
  locale: text.optional(),
  custom: z.record(z.string(), z.unknown()).optional(),
  authenticators: z.array(z.discriminatedUnion('verificationMethod', [byEmail, byPhone, byApp])).optional(),
  recoveryCodes: z.array(text).optional(),
})

/** The seed file, and the option `seed`. */
export const seedSchema = optionsOf({
  $schema: z.string().optional(),
  apiSecretKey: apiSecretKeySchema.optional(),
  webhookUrl: webhookUrlSchema.optional(),
  country: text.optional(),
  defaults: z.record(actionCodeSchema, outcomeSchema).optional(),
  rules: z.record(actionCodeSchema, rulesSchema).optional(),
  users: z.array(userSchema).superRefine(eachOnce('userId')).optional(),
})

export type Seed = z.infer<typeof seedSchema>
