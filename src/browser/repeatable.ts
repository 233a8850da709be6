/** A request that can be sent more than once. */
export interface Repeatable {
  signal: AbortSignal | null | undefined
  /** None is as 'same-origin'. */
  credentials: RequestCredentials | undefined
  /** Sends it; as the repeat of the request that was challenged, where the challenge's id is given. */
  send(repeatOf?: string): Promise<Response>
}

/** Keeps what was given as it is now. Throws a `TypeError` where the body could be sent once only. */
export function repeatable(
  fetch: typeof globalThis.fetch,
  input: string | URL | Request,
  init: RequestInit,
): Repeatable {
  const { body, headers } = init
  const request = isRequest(input) ? input : undefined
  // A body in init takes the place of the request's own.
  const ownBody = body === undefined || body === null
  if (isStream(body)) throw sentOnce('A stream')
  if (ownBody && request?.bodyUsed) throw sentOnce('A body that was read already')
  const target = isRequest(input) ? (ownBody ? input.clone() : input) : String(input)
  const kept = { ...init, body: copyOf(body), headers: headers && new Headers(headers) }

  return {
    signal: init.signal === undefined ? request?.signal : init.signal,
    credentials: init.credentials ?? request?.credentials,
    send(repeatOf) {
      const again = typeof target !== 'string' && ownBody ? target.clone() : target
      if (repeatOf === undefined) return fetch(again, kept)
      const marked = new Headers(kept.headers ?? request?.headers)
      marked.set('authsignal-repeat', repeatOf)
      // An init with headers would reset these two of a Request.
      const { referrer, referrerPolicy } = request ?? {}
      return fetch(again, { referrer, referrerPolicy, ...kept, headers: marked })
    },
  }
}

/** By what it can do: a page may have a Request of its own, by a polyfill or of another frame. */
function isRequest(input: string | URL | Request): input is Request {
  return typeof input === 'object' && 'clone' in input
}

/** In Node, other async iterables are sent as streams too. */
function isStream(body: RequestInit['body']): boolean {
  return typeof body === 'object' && body !== null && ('getReader' in body || Symbol.asyncIterator in body)
}

function sentOnce(what: string): TypeError {
  return new TypeError(`${what} can be sent once, and after a challenge it is sent again: give a Blob instead.`)
}

/** While the user is asked, the caller may go on to change what it gave. */
function copyOf(body: RequestInit['body']): RequestInit['body'] {
  if (body instanceof URLSearchParams) return new URLSearchParams(body)
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return new Blob([body])
  if (!(body instanceof FormData)) return body
  const copy = new FormData()
  body.forEach((value, name) => {
    copy.append(name, value)
  })
  return copy
}
