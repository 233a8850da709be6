import { requireOptions, wholeNumber, wrong } from '../checks'
import { secretKeyOf } from '../defaults'
import { misconfigured, typeInWords } from '../errors'
import { isSecureUrl } from '../http'

const DEFAULT_API_URL = 'https://api.authsignal.com/v1'

/**
 * An axios instance, as far as the client needs it. Named after no type of axios', which has two declarations, for import
 * and for require, that TypeScript takes for different types.
 */
export interface AxiosLike {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  request(config: any): Promise<{ status: number; data: any; headers: Record<string, any> }>
}

export interface AuthsignalClientOptions {
  /** The tenant's API secret key. Default: `AUTHSIGNAL_API_SECRET_KEY` of the environment. */
  apiSecretKey?: string | undefined
  /**
   * The API's base URL, the tenant's region in it; https, or http on loopback. Default: `AUTHSIGNAL_API_URL` of the
   * environment, else `https://api.authsignal.com/v1`.
   */
  apiUrl?: string | undefined
  /** How long one question may take with all its attempts, in milliseconds, 1 to 60,000. Default: 2,000. */
  timeout?: number | undefined
  /** How many times a question is asked again at the most, 0 to 10. Default: 2. */
  retries?: number | undefined
  /**
   * An axios instance of the app's own, for its adapter, agents or proxy. Its interceptors see the secret. Default: one
   * that this client makes, on a lean adapter; with a proxy in the environment, on axios' own.
   */
  axios?: AxiosLike | undefined
}

/** Parsed. */
export interface TransportOptions {
  apiSecretKey: string
  apiUrl: string
  timeout: number
  retries: number
  axios: AxiosLike | undefined
}

const KNOWN = ['apiSecretKey', 'apiUrl', 'timeout', 'retries', 'axios'] satisfies (keyof AuthsignalClientOptions)[]

/** Throws `ERR_AUTHSIGNAL_MISCONFIGURED` at an option that the client can't work with. */
export function parseClientOptions(options: AuthsignalClientOptions): TransportOptions {
  requireOptions('AuthsignalClient', options, KNOWN)
  const { apiUrl, timeout, retries = 2, axios } = options
  return {
    apiSecretKey: parseSecretKey(secretKeyOf(options)),
    apiUrl: parseApiUrl(apiUrl),
    timeout: parseTimeout(timeout),
    retries: wholeNumber('retries', retries, 0, 10),
    axios: parseAxios(axios),
  }
}

/** In milliseconds. */
export function parseTimeout(given = 2_000): number {
  return wholeNumber('timeout', given, 1, 60_000)
}

function parseSecretKey(key: unknown): string {
  if (typeof key === 'string' && /^\s|\s$|^["']|["']$/.test(key) && key.trim() !== '')
    throw misconfigured('apiSecretKey begins or ends with a blank, a line end or a quote; give the key alone.')
  if (typeof key === 'string' && key.trim() !== '') return key
  throw misconfigured(
    `apiSecretKey is ${typeof key === 'string' && key !== '' ? 'blank' : typeInWords(key)}. Set AUTHSIGNAL_API_SECRET_KEY in the environment, or give the apiSecretKey option.`,
  )
}

export function parseApiUrl(given: unknown): string {
  const value = given === undefined ? process.env.AUTHSIGNAL_API_URL || DEFAULT_API_URL : given
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (!url || !isSecureUrl(url) || url.username || url.password || url.search || url.hash)
    throw misconfigured(
      `${given === undefined ? 'AUTHSIGNAL_API_URL' : 'apiUrl'} is ${typeInWords(value)}, but not an https URL (http ` +
        'only on loopback) with neither credentials nor a query; give one such as https://api.authsignal.com/v1.',
    )
  return url.href.replace(/\/+$/, '')
}

function parseAxios(axios: AxiosLike | null | undefined): AxiosLike | undefined {
  if (axios === undefined || typeof axios?.request === 'function') return axios
  throw wrong('axios', axios, 'give an instance made by axios.create()')
}
