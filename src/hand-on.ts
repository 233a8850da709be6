import { asError } from './errors'
import type { GuardedResponse, Next } from './http'
import { logDropped } from './telemetry/log'

/** Hands an error on to the app, unless the request is answered already. */
export function handOn(thrown: unknown, res: GuardedResponse, next: Next): void {
  if (res.headersSent) {
    logDropped(thrown)
    return
  }
  res.setHeader('cache-control', 'no-store')
  next(asError(thrown))
}
