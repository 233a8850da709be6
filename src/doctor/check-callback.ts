import { randomUUID } from 'node:crypto'
import { parseBaseUrl, publicUrl } from '../flow/base-url'
import { failed, ok, warning, type Verdict } from './finding'
import { connectionTrouble } from './trouble'

const TIMEOUT_MS = 5_000

/** Asks the running app for the return of a challenge that it can't know: the callback refuses that with a 400. */
export async function checkCallback(
  baseUrl: string,
  callbackPath: string,
): Promise<{ callback: Verdict; answer?: Response }> {
  const url = publicUrl(parseBaseUrl(baseUrl), callbackPath)
  let answer: Response
  try {
    const headers = { accept: 'text/html', 'user-agent': 'authsignal-express-doctor' }
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    answer = await fetch(`${url}/${randomUUID()}`, { redirect: 'manual', headers, signal })
    await answer.body?.cancel()
  } catch (error) {
    const { message, cure } = connectionTrouble(error, new URL(url).host)
    return { callback: failed(`${url} was not asked: ${message}`, `Start the app, and ask again. ${cure}`) }
  }
  return { callback: verdictOn(answer, url, callbackPath), answer }
}

function verdictOn(answer: Response, url: string, callbackPath: string): Verdict {
  const { status } = answer
  const said = `${url} answers ${status}`
  const mount = `app.use('${callbackPath}', authsignalCallback())`
  if (status === 400 && isOurs(answer)) return ok(url)
  if (status === 500 && isOurs(answer))
    return failed(`${said}: the callback is there, and fails`, "Look at the app's own log: the error says what to fix.")
  if (status === 404)
    return failed(
      `${said}: no callback there`,
      `${mount}, before the app's own 404. Is a path prefix missing in baseUrl?`,
    )
  if (status >= 300 && status < 400)
    return failed(
      `${said}, to ${target(answer, url)}`,
      `Mount it before any log-in check: ${mount}. Where only host or scheme differ, set baseUrl to there.`,
    )
  if (status === 401 || status === 403)
    return failed(
      `${said}: something before the callback refuses`,
      `Mount it before any log-in or CSRF check: ${mount}`,
    )
  if (status === 400)
    return warning(`${said}, but not as the callback does`, `Does something before the callback answer? ${mount}`)
  if (status >= 500) return failed(`${said}: the app, or a proxy before it, fails`, "Look at the app's own log.")
  return failed(`${said}: another page than the callback`, `Mount it before any page for all paths: ${mount}`)
}

/** Whatever the app's error handler makes of the error, these headers are set by the callback. */
function isOurs({ headers }: Response): boolean {
  return headers.get('cache-control') === 'no-store' && headers.get('referrer-policy') === 'no-referrer'
}

/** Where a redirect leads, without its query. */
function target({ headers }: Response, url: string): string {
  const location = headers.get('location') ?? ''
  if (!URL.canParse(location, url)) return 'nowhere'
  const { origin, pathname } = new URL(location, url)
  return origin + pathname
}
