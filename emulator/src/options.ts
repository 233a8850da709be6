import { check } from './schema/check'
import { type Seed, seedSchema } from './schema/seed-schema'
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

const known: Record<keyof EmulatorOptions, true> = {
  port: true,
  host: true,
  apiSecretKey: true,
  webhookUrl: true,
  country: true,
  unenrolled: true,
  seed: true,
}

export function parseOptions(options: EmulatorOptions = {}): Configuration {
  refuseUnknownKeys(options)
  const seed = check(seedSchema, options.seed ?? {}, 'startEmulator: seed')
  const { port = 0, host = '127.0.0.1', apiSecretKey = seed.apiSecretKey ?? 'emulator-secret-key' } = options
  const { webhookUrl = seed.webhookUrl, country = seed.country, unenrolled = 'follow-rules' } = options
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new TypeError(`startEmulator: port must be an integer from 0 to 65535, not ${String(port)}`)
  }
  if (typeof host !== 'string' || host === '') throw new TypeError('startEmulator: host must be a non-empty string')
  if (typeof apiSecretKey !== 'string' || apiSecretKey === '' || apiSecretKey.includes(':')) {
    // HTTP Basic ends the user name at the first colon.
    throw new TypeError('startEmulator: apiSecretKey must be a non-empty string without a colon')
  }
  if (webhookUrl !== undefined && !isHttpUrl(webhookUrl)) {
    throw new TypeError(`startEmulator: webhookUrl must be an http url, not '${webhookUrl}'`)
  }
  if (!['allow', 'follow-rules'].includes(unenrolled)) {
    throw new TypeError(`startEmulator: unenrolled must be 'allow' or 'follow-rules', not ${unenrolled as string}`)
  }
  return { port, host, apiSecretKey, webhookUrl, country, unenrolled, seed }
}

export function isHttpUrl(url: unknown): boolean {
  return typeof url === 'string' && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
}

function refuseUnknownKeys(options: object): void {
  const unknown = Object.keys(options).filter((key) => !Object.hasOwn(known, key))
  if (unknown.length > 0) {
    throw new TypeError(
      `startEmulator: unknown option ${unknown.join(', ')}; known are ${Object.keys(known).join(', ')}`,
    )
  }
}
