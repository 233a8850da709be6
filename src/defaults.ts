import type { AuthsignalOptions } from './options'

/* Where an option is not given: the environment's, else ours. */

export function secretKeyOf({ apiSecretKey }: { apiSecretKey?: string | undefined }): string | undefined {
  return apiSecretKey ?? process.env.AUTHSIGNAL_API_SECRET_KEY
}

export function baseUrlOf({ baseUrl }: AuthsignalOptions): string | readonly string[] | undefined {
  return baseUrl ?? (process.env.AUTHSIGNAL_BASE_URL || undefined)
}

/** With no slash at its end. */
export function callbackPathOf({ callbackPath = '/authsignal/callback' }: AuthsignalOptions): string {
  return callbackPath.replace(/\/+$/, '')
}
