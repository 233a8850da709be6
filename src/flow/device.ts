import { misconfigured, typeInWords } from '../errors'
import type { GuardedRequest } from '../http'
import type { GuardOptions } from '../options'
import type { Cookies } from './cookies'

/** The cookie that Authsignal's browser SDK sets: a claim by the client, never proof. */
const DEVICE_COOKIE = '__as_aid'
const MAX_LENGTH = 256

export async function deviceOf(
  req: GuardedRequest,
  cookies: Cookies,
  option: GuardOptions['deviceId'],
): Promise<string | undefined> {
  const device: unknown = option ? await option(req) : cookies[DEVICE_COOKIE]
  if (option && device !== undefined && typeof device !== 'string')
    throw misconfigured(`deviceId(req) is ${typeInWords(device)}; give a string or undefined.`)
  return typeof device === 'string' && device !== '' && device.length <= MAX_LENGTH ? device : undefined
}
