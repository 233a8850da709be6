import { setTimeout as wait } from 'node:timers/promises'
import type { Response } from 'express'
import type { Fault } from '../types'

/** Lets go wrong what was asked for; true where that was all, and the call must not run. */
export async function causeFault(fault: Fault, res: Response, closing: AbortSignal): Promise<boolean> {
  if (fault.latencyMs !== undefined && !(await waited(fault.latencyMs, closing))) return true
  if (fault.hang) return true
  if (fault.drop) {
    res.destroy()
    return true
  }
  // Not by Express, which adds a charset to what must be sent as it stands.
  for (const [name, value] of Object.entries(fault.headers ?? {})) res.setHeader(name, value)
  if (fault.status === undefined && fault.body === undefined) return false
  sendFault(fault, res)
  return true
}

/** Answers with a Content-Length that the connection does not live to fulfil. */
export function sendHalf(res: Response, answer: unknown): void {
  cut(asJson(res), JSON.stringify(answer ?? {}))
}

function sendFault({ status = 200, body, truncate }: Fault, res: Response): void {
  const text = body ?? JSON.stringify(errorBody(status))
  asJson(res.status(status))
  if (truncate) cut(res, text)
  else res.end(text)
}

/** Where the fault's headers say nothing else. */
function asJson(res: Response): Response {
  return res.hasHeader('Content-Type') ? res : res.type('json')
}

function cut(res: Response, text: string): void {
  const bytes = Buffer.from(text)
  res.set('Content-Length', String(bytes.length))
  res.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => res.destroy())
}

function errorBody(status: number): Record<string, string> {
  const errorCode = status === 429 ? 'too_many_requests' : status < 500 ? 'invalid_request' : 'internal_error'
  return { errorCode, error: errorCode, errorDescription: `A fault that was asked for: ${status}.` }
}

async function waited(milliseconds: number, closing: AbortSignal): Promise<boolean> {
  try {
    await wait(milliseconds, undefined, { signal: closing })
    return true
  } catch {
    return false
  }
}
