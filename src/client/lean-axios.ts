import {
  Axios,
  type AxiosAdapter,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios'

/**
 * An axios instance that goes straight to its adapter. It has no defaults to merge, no interceptors and no transforms,
 * and going through axios' own stages without any costs as much again as the request.
 */
export class LeanAxios extends Axios {
  readonly #adapter: AxiosAdapter

  constructor(adapter: AxiosAdapter) {
    super({ adapter })
    this.#adapter = adapter
  }

  override request<Data, Response = AxiosResponse<Data>>(config: string | AxiosRequestConfig): Promise<Response> {
    return this.#adapter(config as InternalAxiosRequestConfig) as Promise<Response>
  }
}
