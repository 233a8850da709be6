import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig, RawAxiosRequestHeaders } from 'axios'
import type { Dispatcher } from 'undici'
// The pool alone: undici's entry sets a global, the dispatcher of the app's own fetch, and takes four times as long to load.
import Pool from 'undici/lib/dispatcher/pool.js'
import { MAX_ANSWER_LENGTH, TIMED_OUT, TOO_LARGE } from './answer'
import type { Lookups } from './lookups'

/** Below the 60 seconds after which load balancers commonly drop an idle connection, unless the server names its own. */
const KEPT_IDLE_MS = 55_000

type Controller = Dispatcher.DispatchController

/**
 * axios on an undici pool with as little between as can be: connections are kept, redirects are not followed, the
 * answer is text and bounded. It costs about half of `node:http`, and a third of axios' own adapter; see
 * docs/performance.md.
 */
export function makeAdapter(apiUrl: string, { lookup }: Lookups): AxiosAdapter {
  // The deadline of each attempt is ours, so undici need not watch the clock besides.
  const pool = new Pool(new URL(apiUrl).origin, {
    keepAliveTimeout: KEPT_IDLE_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { lookup },
  })
  return (config) =>
    new Promise((resolve, reject) => {
      const { method, url, headers } = config
      const question = {
        method: method as Dispatcher.HttpMethod,
        path: url as string,
        headers: headers as Record<string, string>,
        body: config.data as string | undefined,
      }
      pool.dispatch(question, new Attempt(config, resolve, reject))
    })
}

/** What undici tells of one attempt, which ends at its deadline at the latest. */
class Attempt implements Dispatcher.DispatchHandler {
  readonly #config: InternalAxiosRequestConfig
  readonly #resolve: (response: AxiosResponse<string>) => void
  readonly #reject: (error: Error) => void
  readonly #timer: NodeJS.Timeout
  #controller: Controller | undefined
  #late: Error | undefined
  #status = 0
  #headers: RawAxiosRequestHeaders = {}
  #parts: Buffer[] = []
  #length = 0

  constructor(
    config: InternalAxiosRequestConfig,
    resolve: (response: AxiosResponse<string>) => void,
    reject: (error: Error) => void,
  ) {
    this.#config = config
    this.#resolve = resolve
    this.#reject = reject
    this.#timer = setTimeout(() => {
      // An answer may have arrived while this process was too busy to read it: it is read first.
      setImmediate(() => {
        this.#timeIsUp()
      })
    }, config.timeout)
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller
    if (this.#late) controller.abort(this.#late)
  }

  onResponseStart(_: Controller, status: number, headers: object): void {
    this.#status = status
    this.#headers = headers
  }

  onResponseData(controller: Controller, part: Buffer): void {
    this.#parts.push(part)
    this.#length += part.length
    if (this.#length > MAX_ANSWER_LENGTH) controller.abort(errorWithCode('The answer is too large.', TOO_LARGE))
  }

  onResponseEnd(): void {
    clearTimeout(this.#timer)
    const data = Buffer.concat(this.#parts).toString()
    this.#resolve({ data, status: this.#status, statusText: '', headers: this.#headers, config: this.#config })
  }

  onResponseError(_: unknown, error: Error): void {
    clearTimeout(this.#timer)
    this.#reject(isHangUp(error) ? errorWithCode(error.message, 'ECONNRESET') : error)
  }

  #timeIsUp(): void {
    this.#late = errorWithCode('The deadline passed.', TIMED_OUT)
    // What still waits for a connection is dropped as soon as it has one.
    this.#controller?.abort(this.#late)
    this.#reject(this.#late)
  }
}

/** undici has one code for a server that hung up and for one that does not talk HTTP as it should. */
function isHangUp(error: Error & { code?: string }): boolean {
  return error.code === 'UND_ERR_SOCKET' && /^(?:other side )?closed$/.test(error.message)
}

function errorWithCode(message: string, code: string): Error {
  return Object.assign(new Error(message), { code })
}
