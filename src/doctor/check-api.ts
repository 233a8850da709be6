import net from 'node:net'
import tls from 'node:tls'
import { parseApiUrl } from '../client/options'
import { proxied } from '../client/own-axios'
import { isLocalUrl } from '../http'
import type { AuthsignalOptions } from '../options'
import { failed, ok, skipped, warning, type Verdict } from './finding'
import { REGIONS, regionsInWords } from './regions'
import { connectionTrouble } from './trouble'

const TIMEOUT_MS = 5_000

/** Whether a connection to the API can be made: name, TCP, TLS, each with its time. */
export async function checkApi({ apiUrl: given }: AuthsignalOptions): Promise<Verdict> {
  const apiUrl = parseApiUrl(given)
  if (proxied()) return skipped(`${apiUrl}, by the proxy that the environment names`)
  const url = new URL(apiUrl)
  let times: string
  try {
    times = await connect(url)
  } catch (error) {
    const { message, cure } = connectionTrouble(error, url.host)
    return failed(`${apiUrl}: ${message}`, `${cure} Where requests must go by a proxy, set HTTPS_PROXY.`)
  }
  const region = Object.keys(REGIONS).find((name) => REGIONS[name] === apiUrl)
  if (region !== undefined) return ok(`${apiUrl} (${region}): ${times}`)
  if (isLocalUrl(url)) return ok(`${apiUrl} (this machine): ${times}`)
  return warning(`${apiUrl} is not the URL of a region that is known here: ${times}`, regionsInWords())
}

/** How long each step took, in words. */
async function connect({ protocol, hostname, port }: URL): Promise<string> {
  const secure = protocol === 'https:'
  const host = hostname.replace(/[[\]]/g, '')
  const target = { host, port: Number(port || (secure ? 443 : 80)) }
  const socket = secure ? tls.connect({ ...target, servername: net.isIP(host) ? '' : host }) : net.connect(target)
  const steps: string[] = []
  let since = performance.now()
  const step = (name: string) => () => {
    const now = performance.now()
    steps.push(`${name} ${Math.round(now - since)} ms`)
    since = now
  }
  socket.once('lookup', step('DNS')).once('connect', step('TCP')).once('secureConnect', step('TLS'))
  try {
    await new Promise((resolve, reject) => {
      socket.once(secure ? 'secureConnect' : 'connect', resolve).once('error', reject)
      socket.setTimeout(TIMEOUT_MS, () => {
        reject(Object.assign(new Error(), { code: 'ETIMEDOUT' }))
      })
    })
  } finally {
    socket.destroy()
  }
  return steps.join(', ')
}
