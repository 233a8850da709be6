import type { RecordedRequest } from '../types'

export type OpenRequest = { -readonly [Key in keyof RecordedRequest]: RecordedRequest[Key] }

export class Requests {
  readonly #requests: OpenRequest[] = []

  /** Recorded as it arrives, so that the order is that of arrival; its answer is filled in later. */
  open(method: string, path: string): OpenRequest {
    const request = { method, path, body: undefined, status: undefined }
    this.#requests.push(request)
    return request
  }

  all(): RecordedRequest[] {
    return this.#requests.map((request) => ({ ...request }))
  }

  clear(): void {
    this.#requests.length = 0
  }
}
