import { Axios } from 'axios'
import { AuthsignalClient } from '../client/client'
import type { AxiosLike } from '../client/options'
import { secretKeyOf } from '../defaults'
import { AuthsignalError } from '../errors'
import type { AuthsignalOptions } from '../options'
import { failed, ok, skipped, warning, type Verdict } from './finding'
import { regionsInWords } from './regions'

/** What an answer of the API shows of its clock: its Date header, and when it was read here. */
export interface Sighting {
  date: string
  readAt: number
}

/** A user whom no tenant has: the API answers for one without keeping anything of the question. */
const NOBODY = 'authsignal-express-doctor'

/** Asks the API a harmless question with the app's key, as the app itself would, within the app's own deadline. */
export async function checkKey(options: AuthsignalOptions): Promise<{ key: Verdict; sighting?: Sighting }> {
  if (options.client) return { key: skipped('the client is your own: try its key yourself') }
  if (!secretKeyOf(options)?.trim())
    return {
      key: failed(
        'there is none',
        'Set AUTHSIGNAL_API_SECRET_KEY to the secret key that the Authsignal portal shows under API keys.',
      ),
    }
  const axios = new Witness(options.axios ?? new Axios({ adapter: 'http' }))
  const { apiSecretKey, apiUrl, timeout, retries } = options
  const since = performance.now()
  try {
    await new AuthsignalClient({ apiSecretKey, apiUrl, timeout, retries, axios }).getUser({ userId: NOBODY })
  } catch (error) {
    return { key: verdictOn(error), sighting: axios.sighting }
  }
  return { key: ok(`accepted, in ${Math.round(performance.now() - since)} ms`), sighting: axios.sighting }
}

/** Sends by the app's axios, and sees the answers that the client doesn't show. */
class Witness implements AxiosLike {
  readonly #axios: AxiosLike
  sighting: Sighting | undefined

  constructor(axios: AxiosLike) {
    this.#axios = axios
  }

  async request(config: unknown): ReturnType<AxiosLike['request']> {
    const answer = await this.#axios.request(config)
    const date: unknown = answer.headers.date
    if (typeof date === 'string') this.sighting = { date, readAt: Date.now() }
    return answer
  }
}

function verdictOn(error: unknown): Verdict {
  if (!(error instanceof AuthsignalError)) throw error
  const { apiStatus, code, message } = error
  if (apiStatus === 401 || apiStatus === 403)
    return failed(
      `refused by the API (${apiStatus})`,
      `Copy the tenant's API secret key once more, with no quotes or spaces. A key counts only in its own region.\n${regionsInWords()}`,
    )
  if (apiStatus === undefined && code === 'ERR_AUTHSIGNAL_MISCONFIGURED') return failed(message)
  if (apiStatus === 404 || code === 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE')
    return failed(`what answers is not Authsignal's API (${apiStatus ?? 'no HTTP'})`, regionsInWords())
  if (apiStatus === 429) return warning('not tried: the API answered 429', 'Too many requests. Try again later.')
  return failed(`could not be tried: ${message}`, 'Try again later.')
}
