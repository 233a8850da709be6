import cookieParser from 'cookie-parser'
import type { Request, Response } from 'express'
import { misconfigured, typeInWords } from '../errors'
import type { GuardedRequest, GuardedResponse } from '../http'
import type { GuardOptions } from '../options'

/** The cookie that Authsignal's browser SDK sets: a claim by the client, never proof. */
const DEVICE_COOKIE = '__as_aid'
const MAX_LENGTH = 256

const parseCookies = cookieParser()

export async function deviceOf(
  req: GuardedRequest,
  res: GuardedResponse,
  option: GuardOptions['deviceId'],
): Promise<string | undefined> {
  const device: unknown = option ? await option(req) : deviceCookie(req, res)
  if (option && device !== undefined && typeof device !== 'string')
    throw misconfigured(`deviceId(req) is ${typeInWords(device)}; give a string or undefined.`)
  return typeof device === 'string' && device !== '' && device.length <= MAX_LENGTH ? device : undefined
}

function deviceCookie(req: GuardedRequest, res: GuardedResponse): unknown {
  // An app without cookie-parser must not find req.cookies filled by a guard, so it works on a stand-in.
  const parsed = req.cookies ? req : { headers: req.headers }
  if (parsed !== req) parseCookies(parsed as Request, res as unknown as Response, () => undefined)
  return (parsed as { cookies?: Record<string, unknown> }).cookies?.[DEVICE_COOKIE]
}
