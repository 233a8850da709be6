import { Agent, globalAgent } from 'node:https'
import {
  Axios,
  type AxiosAdapter,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios'
import { makeAdapter } from './adapter'
import { Lookups } from './lookups'
import type { AxiosLike } from './options'

/**
 * An axios instance that goes straight to its adapter. It has no defaults to merge, no interceptors and no transforms,
 * and going through axios' own stages without any costs as much again as the request.
 */
class LeanAxios extends Axios {
  readonly #adapter: AxiosAdapter

  constructor(adapter: AxiosAdapter) {
    super({ adapter })
    this.#adapter = adapter
  }

  override request<Data, Response = AxiosResponse<Data>>(config: string | AxiosRequestConfig): Promise<Response> {
    return this.#adapter(config as InternalAxiosRequestConfig) as Promise<Response>
  }
}

/** The instance for a client that was given none; `lean` where it is on our own adapter. */
export function ownAxios(apiUrl: string): { axios: AxiosLike; lean: boolean; lookups: Lookups } {
  const lookups = new Lookups()
  if (proxied()) return { axios: viaProxy(lookups), lean: false, lookups }
  return { axios: new LeanAxios(makeAdapter(apiUrl, lookups)), lean: true, lookups }
}

/** For a tunnel to an https API axios asks the agent's options alone how to find the proxy. The app's own are kept. */
function viaProxy({ lookup }: Lookups): AxiosLike {
  const httpsAgent = new Agent({ ...globalAgent.options, keepAlive: true, lookup })
  return new Axios({ adapter: 'http', lookup, httpsAgent })
}

/** axios' own adapter knows how to go by the proxies of the environment, and when not to. */
export function proxied(): boolean {
  return Object.entries(process.env).some(([name, value]) => /^(?:https?|all)_proxy$/i.test(name) && value)
}
