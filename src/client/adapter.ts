import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios'

/** In characters. No answer of the API comes near this; a larger one is cut off before it fills the memory. */
export const MAX_ANSWER_LENGTH = 1024 * 1024

/** The code of the error for an attempt that took all the time there was; axios' own. */
export const TIMED_OUT = 'ECONNABORTED'

/** The code of the error for an answer above the bound. */
export const TOO_LARGE = 'ERR_AUTHSIGNAL_ANSWER_TOO_LARGE'

/**
 * axios on `node:http` with as little between as can be: connections are kept, redirects are not followed, the answer
 * is text and bounded. axios' own adapter costs about twice as much for what this package needs, see docs/performance.md.
 */
export function makeAdapter(apiUrl: string): AxiosAdapter {
  const secure = apiUrl.startsWith('https:')
  const { request } = secure ? https : http
  // Idle connections hold no process open: Node unrefs them.
  const agent = secure ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true })
  const { hostname, port } = new URL(apiUrl)
  const target = { agent, hostname: hostname.replace(/[[\]]/g, ''), port }
  return (config) =>
    new Promise((resolve, reject) => {
      const { method, url: path, timeout } = config
      const headers = config.headers as Record<string, string | number>
      const sent = request({ ...target, method, path, headers }, (answer) => {
        readText(answer, fail, (data) => {
          clearTimeout(timer)
          resolve(responseOf(config, answer, data))
        })
      })
      const timer = setTimeout(() => {
        // An answer may have arrived while this process was too busy to read it: it is read first.
        setImmediate(() => {
          fail(errorWithCode('The deadline passed.', TIMED_OUT))
          sent.destroy()
        })
      }, timeout)
      function fail(error: Error): void {
        clearTimeout(timer)
        reject(error)
      }
      sent.on('error', fail)
      sent.end(config.data as string | undefined)
    })
}

function readText(answer: IncomingMessage, fail: (error: Error) => void, done: (text: string) => void): void {
  let text = ''
  answer.setEncoding('utf8')
  answer.on('data', (part: string) => {
    text += part
    if (text.length > MAX_ANSWER_LENGTH) answer.destroy(errorWithCode('The answer is too large.', TOO_LARGE))
  })
  answer.on('error', fail)
  answer.on('end', () => {
    done(text)
  })
}

function responseOf(config: InternalAxiosRequestConfig, answer: IncomingMessage, data: string): AxiosResponse<string> {
  const status = answer.statusCode ?? 0
  return { data, status, statusText: '', headers: answer.headers, config }
}

function errorWithCode(message: string, code: string): Error {
  return Object.assign(new Error(message), { code })
}
