import { parseConfiguration } from '../configuration'
import { callbackPathOf, secretKeyOf } from '../defaults'
import { AuthsignalError } from '../errors'
import { within } from '../flow/deadline'
import type { AuthsignalOptions } from '../options'
import { checkApi } from './check-api'
import { checkBaseUrl } from './check-base-url'
import { checkCallback } from './check-callback'
import { checkClock } from './check-clock'
import { checkKey } from './check-key'
import { checkProxy } from './check-proxy'
import { checkStore } from './check-store'
import { failed, ok, skipped, type Finding, type Verdict } from './finding'
import { baseUrlsOf, loadOptions } from './settings'

const LOADING_MS = 5_000

/** All checks, in the order in which one trouble explains the next. */
export async function* examine(file: string | undefined): AsyncGenerator<Finding> {
  let options: AuthsignalOptions
  try {
    options = await within(LOADING_MS, () => loadOptions(file), tooSlow)
  } catch (error) {
    yield named('Options', failed(`${file ?? ''} can't be used: ${(error as Error).message}`))
    return
  }
  if (file !== undefined) {
    const accepted = await judged(() => checkOptions(file, options))
    yield named('Options', accepted)
    if (accepted.status === 'failed') return
  }
  yield* examineApi(options)
  yield* examineApp(options)
  yield named('Store', await judged(() => checkStore(options, file !== undefined)))
}

async function* examineApi(options: AuthsignalOptions): AsyncGenerator<Finding> {
  const api = await judged(() => checkApi(options))
  yield named('API', api)
  if (api.status === 'failed') {
    yield named('API key', skipped('the API can not be asked'))
    yield named('Clock', skipped('the API can not be asked'))
    return
  }
  const { key, sighting } = await checkKey(options)
  yield named('API key', key)
  yield named('Clock', checkClock(sighting))
}

async function* examineApp(options: AuthsignalOptions): AsyncGenerator<Finding> {
  const urls = baseUrlsOf(options)
  const baseUrl = await judged(() => checkBaseUrl(urls))
  yield named('Base URL', baseUrl)
  if (urls.length === 0 || baseUrl.status === 'failed') {
    yield named('Callback', skipped('without a base URL the app can not be asked'))
    return
  }
  for (const url of urls) {
    const { callback, answer } = await checkCallback(url, callbackPathOf(options))
    yield named('Callback', callback)
    yield named('Proxies', checkProxy(url, answer))
  }
}

function checkOptions(file: string, options: AuthsignalOptions): Verdict {
  // A missing key is found by its own check.
  parseConfiguration(secretKeyOf(options) ? options : { ...options, apiSecretKey: 'none' })
  return ok(`${file}: createAuthsignal accepts them`)
}

/** A check's verdict; what it finds misconfigured is one too. */
async function judged(check: () => Verdict | Promise<Verdict>): Promise<Verdict> {
  try {
    return await check()
  } catch (error) {
    if (error instanceof AuthsignalError) return failed(error.message)
    throw error
  }
}

function named(check: string, verdict: Verdict): Finding {
  return { check, ...verdict }
}

function tooSlow(): Error {
  return new Error('it is still loading after 5 seconds; does it wait for a database that can not be reached?')
}
