/** An answer of the API that says what was wrong. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly errorCode: string,
    readonly errorDescription: string,
  ) {
    super(errorDescription)
  }

  /** Older clients, and the published SDKs still, read the code from `error`. */
  get body(): Record<string, string> {
    return { errorCode: this.errorCode, error: this.errorCode, errorDescription: this.errorDescription }
  }
}

export function invalidRequest(description: string): ApiError {
  return new ApiError(400, 'invalid_request', description)
}

export function notFound(description: string): ApiError {
  return new ApiError(404, 'not_found', description)
}

export function unauthorized(): ApiError {
  return new ApiError(
    401,
    'unauthorized',
    'The request is unauthorized. Check that your API key and region base URL are correctly configured.',
  )
}
