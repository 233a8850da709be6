import { isLocalUrl } from '../http'
import { skipped, type Verdict } from './finding'

const SIGNS = ['via', 'x-served-by', 'cf-ray', 'x-amz-cf-id', 'x-vercel-id', 'fly-request-id', 'x-azure-ref']

const CURE =
  "Set Express' trust proxy to the proxies before the app, or to false where there are none. The address that Authsignal shows for an action of yours must be your own."

/** What of the proxies before the app can be seen from outside, which is little. */
export function checkProxy(baseUrl: string, answer: Response | undefined): Verdict {
  if (!answer) return skipped('the app was not asked')
  if (isLocalUrl(new URL(baseUrl))) return skipped('none between: the app is on this machine')
  const sign = SIGNS.find((name) => answer.headers.has(name))
  const seen = sign ? `one is before the app, by its ${sign} header` : 'none shows itself'
  return skipped(`${seen}; whether trust proxy fits can't be seen from outside`, CURE)
}
