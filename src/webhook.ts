import type { Webhook } from './client/webhook'
import type { WebhookEvent } from './client/webhook-types'
import type { Configuration } from './configuration'
import { checked, minutes, wholeNumber, type Check } from './checks'
import { asError, AuthsignalError, misconfigured, typeInWords } from './errors'
import { rawBody } from './flow/raw-body'
import { answerNotAllowed } from './flow/respond'
import type { SeenEvents } from './flow/seen-events'
import { handOn } from './hand-on'
import { header, type GuardedRequest, type GuardedResponse, type Middleware } from './http'
import type { WebhookHandlers, WebhookOptions } from './options'

interface Receiver {
  webhook: Webhook
  seen: SeenEvents
  handlers: Map<string, Handler>
  toleranceMinutes: number | undefined
  maxBytes: number
}

type Handler = (event: WebhookEvent) => unknown

/** To the synchronous ones Authsignal waits for the answer, and a challenge depends on it. */
const TIMING: Readonly<Record<keyof WebhookHandlers, 'synchronous' | 'asynchronous'>> = {
  'action.verify': 'synchronous',
  'email.created': 'synchronous',
  'sms.created': 'synchronous',
  'push.created': 'synchronous',
  'authenticator.created': 'asynchronous',
  'authenticator.updated': 'asynchronous',
  'authenticator.deleted': 'asynchronous',
  'action.log_created': 'asynchronous',
  'challenge.log_created': 'asynchronous',
}

/** Receives Authsignal's webhooks. Each is answered 200 once its handler is done with it, and sent again otherwise. */
export function makeWebhook(
  shared: Configuration,
  handlers: WebhookHandlers,
  options: WebhookOptions = {},
): Middleware {
  const receiver = parseReceiver(shared, handlers, options)
  return function authsignalWebhook(req, res, next) {
    receive(receiver, req, res).catch((thrown: unknown) => {
      const error = asRefusal(thrown)
      // An error handler of the app's that sets no status must not make a 200, which would let a challenge pass.
      if (!res.headersSent) res.statusCode = error instanceof AuthsignalError ? error.status : 500
      handOn(error, res, next)
    })
  }
}

async function receive(receiver: Receiver, req: GuardedRequest, res: GuardedResponse): Promise<void> {
  res.setHeader('cache-control', 'no-store')
  if (req.method !== 'POST') {
    answerNotAllowed(res, 'POST')
    return
  }
  const body = await rawBody(req, receiver.maxBytes)
  const signature = header(req, 'x-signature-v2')
  const event = receiver.webhook.constructEvent(body, signature, receiver.toleranceMinutes)
  let accepted = true
  for (const part of partsOf(event)) accepted &&= await handle(receiver, part)
  res.statusCode = accepted ? 200 : 403
  res.end()
}

/**
 * The app's error handler may answer with the error's own status, and one below 400 would let a challenge pass: axios'
 * errors bear that of an answer that could not be read.
 */
function asRefusal(thrown: unknown): object {
  const error = asError(thrown)
  const { status, statusCode } = error as { status?: unknown; statusCode?: unknown }
  if (![status, statusCode].some((one) => Number(one ?? NaN) < 400)) return error
  return misconfigured("A webhook's handler threw an error whose status is below 400.", { cause: error })
}

/** A log comes in batches, in which records of both types may stand: each type has its handler. */
function partsOf(event: WebhookEvent): WebhookEvent[] {
  if (event.type !== 'action.log_created' && event.type !== 'challenge.log_created') return [event]
  const { records } = event.data
  const types = [...new Set(records.map(({ type }) => type))]
  return types.map(
    (type) => ({ ...event, type, data: { records: records.filter((one) => one.type === type) } }) as WebhookEvent,
  )
}

/** False where the app refuses. */
async function handle(receiver: Receiver, event: WebhookEvent): Promise<boolean> {
  const handler = receiver.handlers.get(event.type)
  if (isKnown(event.type) && TIMING[event.type] === 'synchronous') return ask(event, handler)
  if (handler) await handleOnce(receiver.seen, event, handler)
  return true
}

/** Answered anew each time: the same question may come again, and an answer that was kept would answer for another code. */
async function ask(event: WebhookEvent, handler: Handler | undefined): Promise<boolean> {
  // A 200 would say that a code was sent, or that the app lets the challenge pass.
  if (!handler) throw misconfigured(`A webhook of type ${event.type} came, and there is no handler for it.`)
  const answer = await handler(event)
  if (event.type === 'action.verify' && typeof answer !== 'boolean')
    throw misconfigured(`The handler of action.verify gave ${typeInWords(answer)}; return true or false.`)
  return answer !== false
}

async function handleOnce(seen: SeenEvents, event: WebhookEvent, handler: Handler): Promise<void> {
  const known = typeof (event.id as unknown) === 'string'
  if (known && (await seen.has(event))) return
  await handler(event)
  if (known) await seen.add(event)
}

function isKnown(type: string): type is keyof WebhookHandlers {
  return Object.hasOwn(TIMING, type)
}

function parseHandlers(given: unknown): Map<string, Handler> {
  if (typeof given !== 'object' || given === null)
    throw misconfigured(
      `The webhook's handlers are ${typeInWords(given)}; give an object with a function for each event.`,
    )
  if (Object.getPrototypeOf(given) !== Object.prototype)
    throw misconfigured(
      "The webhook's handlers are an instance of a class, whose methods would not be found; give a plain object.",
    )
  const handlers = Object.entries(given).filter(([, handler]) => handler !== undefined) as [string, unknown][]
  for (const [type, handler] of handlers) {
    if (!isKnown(type))
      throw misconfigured(`There is no event "${type}". There are: ${Object.keys(TIMING).join(', ')}.`)
    if (typeof handler !== 'function')
      throw misconfigured(`The handler of ${type} is ${typeInWords(handler)}; give a function.`)
  }
  return new Map(handlers as [string, Handler][])
}

const WEBHOOK_OPTIONS: Record<keyof WebhookOptions, Check> = {
  toleranceMinutes: minutes,
  maxBytes: (name, value) => wholeNumber(name, value, 1024, 64 * 1024 * 1024),
}

function parseReceiver(shared: Configuration, handlers: WebhookHandlers, given: WebhookOptions): Receiver {
  const { toleranceMinutes, maxBytes = 1024 * 1024 } = checked('The webhook', given, WEBHOOK_OPTIONS)
  if (!shared.webhook)
    throw misconfigured(
      'apiSecretKey is undefined, and webhooks are signed with it. Give it to createAuthsignal beside client.',
    )
  const { webhook, seenEvents: seen } = shared
  return { webhook, seen, handlers: parseHandlers(handlers), toleranceMinutes, maxBytes }
}
