import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AuthsignalOptions } from '../options'

/** The options that the app gives `createAuthsignal`: the default export of its module; none where none is named. */
export async function loadOptions(file: string | undefined): Promise<AuthsignalOptions> {
  if (file === undefined) return {}
  const loaded = (await import(pathToFileURL(resolve(file)).href)) as { default?: unknown }
  const options = defaultOf(loaded)
  if (typeof options !== 'object' || options === null)
    throw new Error('its default export is no object; export the options that createAuthsignal gets')
  if ('guard' in options)
    throw new Error('it exports what createAuthsignal gives; export the options that createAuthsignal gets')
  return options
}

/** A module that was compiled to CommonJS holds its default export one level deeper. */
function defaultOf({ default: exported }: { default?: unknown }): unknown {
  const { __esModule: compiled, default: inner } = (exported ?? {}) as { __esModule?: unknown; default?: unknown }
  return compiled === true ? inner : exported
}

export function secretKeyOf({ apiSecretKey }: AuthsignalOptions): string | undefined {
  return apiSecretKey ?? process.env.AUTHSIGNAL_API_SECRET_KEY
}

export function baseUrlsOf({ baseUrl }: AuthsignalOptions): readonly string[] {
  const given = baseUrl ?? (process.env.AUTHSIGNAL_BASE_URL || [])
  return typeof given === 'string' ? [given] : given
}
