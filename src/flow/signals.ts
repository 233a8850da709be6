import { misconfigured, typeInWords } from '../errors'
import { header, type GuardedRequest } from '../http'
import type { AppAttributes, GuardOptions } from '../options'
import { clientAddress } from './client-address'
import type { Cookies } from './cookies'
import { deviceOf } from './device'
import { refusal } from './refusal'
import { userOf } from './user'

/** What the guard tells Authsignal of a request. */
export interface Signals {
  userId: string
  deviceId: string | undefined
  userAgent: string | undefined
  ipAddress: string | undefined
  attributes: AppAttributes
}

export async function gatherSignals(req: GuardedRequest, cookies: Cookies, options: GuardOptions): Promise<Signals> {
  const userId = await userOf(req, options.userId)
  if (userId === undefined) throw refusal('ERR_AUTHSIGNAL_UNAUTHENTICATED')
  return {
    userId,
    deviceId: await deviceOf(req, cookies, options.deviceId),
    userAgent: header(req, 'user-agent'),
    ipAddress: await addressOf(req, options.ipAddress),
    attributes: await attributesOf(req, options.attributes),
  }
}

async function addressOf(req: GuardedRequest, option: GuardOptions['ipAddress']): Promise<string | undefined> {
  if (!option) return clientAddress(req)
  const address: unknown = await option(req)
  if (address === undefined || typeof address === 'string') return address || undefined
  throw misconfigured(`ipAddress(req) is ${typeInWords(address)}; give a string or undefined.`)
}

async function attributesOf(req: GuardedRequest, option: GuardOptions['attributes']): Promise<AppAttributes> {
  const attributes: unknown = option ? await option(req) : undefined
  if (attributes === undefined) return {}
  if (typeof attributes === 'object' && attributes !== null && !Array.isArray(attributes)) return attributes
  throw misconfigured(`attributes(req) is ${typeInWords(attributes)}; give an object or undefined.`)
}
