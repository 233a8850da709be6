import { z } from 'zod'
import { check, optionsOf, shown } from './schema/check'
import { apiSecretKeySchema, seedSchema, type Seed, text, webhookUrlSchema } from './schema/seed-schema'
import type { EmulatorOptions } from './types'

export interface Configuration {
  readonly port: number
  readonly host: string
  readonly apiSecretKey: string
  readonly webhookUrl: string | undefined
  readonly country: string | undefined
  readonly unenrolled: 'allow' | 'follow-rules'
  readonly seed: Seed
}

const portSchema = z.custom<number>(
  (port) => typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65535,
  { error: ({ input }) => `must be an integer from 0 to 65535, not ${shown(input)}` },
)

const optionsSchema = optionsOf({
  port: portSchema.optional(),
  host: text.optional(),
  apiSecretKey: apiSecretKeySchema.optional(),
  webhookUrl: webhookUrlSchema.optional(),
  country: text.optional(),
  unenrolled: z
    .enum(['allow', 'follow-rules'], { error: ({ input }) => `must be 'allow' or 'follow-rules', not ${shown(input)}` })
    .optional(),
  seed: seedSchema.optional(),
})

export function parseOptions(given: EmulatorOptions = {}): Configuration {
  const options = check(optionsSchema, given, 'startEmulator')
  const { port = 0, host = '127.0.0.1', unenrolled = 'follow-rules', seed = {} } = options
  const { apiSecretKey = seed.apiSecretKey ?? 'emulator-secret-key' } = options
  const { webhookUrl = seed.webhookUrl, country = seed.country } = options
  return { port, host, apiSecretKey, webhookUrl, country, unenrolled, seed }
}
