import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { baseUrlOf } from '../defaults'
import { AuthsignalError } from '../errors'
import type { AuthsignalOptions } from '../options'
import { classAndCode } from './trouble'

/** The options that the app gives `createAuthsignal`: the default export of its module; none where none is named. */
export async function loadOptions(file: string | undefined): Promise<AuthsignalOptions> {
  if (file === undefined) return {}
  const options = defaultOf(await load(file))
  if (typeof options !== 'object' || options === null)
    throw new Error('its default export is not an object; export the options that createAuthsignal gets')
  if ('guard' in options)
    throw new Error('it exports what createAuthsignal gives; export the options that createAuthsignal gets')
  return options
}

async function load(file: string): Promise<{ default?: unknown }> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as { default?: unknown }
  } catch (error) {
    // Our own errors, and Node's on a module that is missing, quote no secret.
    const { code } = (error ?? {}) as { code?: unknown }
    if (error instanceof AuthsignalError || /MODULE_NOT_FOUND$/.test(String(code))) throw error
    throw new Error(`loading it failed (${classAndCode(error)}); run it by node itself to see why`, { cause: error })
  }
}

/** A module that was compiled to CommonJS holds its default export one level deeper. */
function defaultOf({ default: exported }: { default?: unknown }): unknown {
  const { __esModule: compiled, default: inner } = (exported ?? {}) as { __esModule?: unknown; default?: unknown }
  return compiled === true ? inner : exported
}

export function baseUrlsOf(options: AuthsignalOptions): readonly string[] {
  const given = baseUrlOf(options) ?? []
  return typeof given === 'string' ? [given] : given
}
