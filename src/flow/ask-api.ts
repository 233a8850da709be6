import { performance } from 'node:perf_hooks'
import { AuthsignalError } from '../errors'
import type { Configuration } from '../configuration'
import { asJson } from '../client/as-json'
import { orOwnDelay } from '../client/own-delay'
import { actionPath } from '../client/path'
import { within } from './deadline'
import { asOurs } from './foreign-error'
import type {
  GetActionResponse,
  GetUserRequest,
  GetUserResponse,
  TrackAttributes,
  TrackResponse,
} from '../client/types'

/** An action, by the names that all of this package's own code uses. */
export interface ActionName {
  userId: string
  actionCode: string
  idempotencyKey: string
}

type Asker = Pick<Configuration, 'client' | 'timeoutMs'>

/** Asks track. Throws an `AuthsignalError`, whatever client the app has given. */
export async function track(
  { client, timeoutMs }: Asker,
  name: ActionName,
  attributes: TrackAttributes & { idempotencyKey: string },
): Promise<TrackResponse> {
  const { userId, actionCode: action, idempotencyKey } = name
  if (timeoutMs !== undefined) requireSendable(userId, action, attributes)
  const answer = await stateAsking(name, timeoutMs, () => client.track({ userId, action, attributes }))
  if ((answer.idempotencyKey as unknown) === undefined) throw unexpected('track gave no idempotencyKey', name)
  // An answer to another question must not decide on this one.
  if (answer.idempotencyKey !== idempotencyKey) throw unexpected('track answered for another action', name)
  return answer
}

/** What our client refuses to send. Another may send it, and what a server hangs up on would look like an outage. */
function requireSendable(userId: string, action: string, attributes: TrackAttributes): void {
  actionPath(userId, action)
  asJson(attributes)
}

/** Asks get-action how an action stands now. */
export async function getAction({ client, timeoutMs }: Asker, name: ActionName): Promise<GetActionResponse> {
  const { userId, actionCode: action, idempotencyKey } = name
  return stateAsking(name, timeoutMs, () => client.getAction({ userId, action, idempotencyKey }))
}

/** Asks get-user, of a client that has it. */
export async function getUser(
  { client, timeoutMs }: Asker,
  request: GetUserRequest,
): Promise<Partial<GetUserResponse>> {
  const answer: unknown = await asking({}, timeoutMs, async () => client.getUser?.(request))
  if (typeof answer !== 'object' || answer === null) throw unexpected('get-user gave no user', {})
  return answer
}

export function unexpected(what: string, name: Partial<ActionName>): AuthsignalError {
  const { actionCode, idempotencyKey } = name
  return new AuthsignalError('ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE', `Authsignal gave no valid answer: ${what}.`, {
    actionCode,
    idempotencyKey,
  })
}

function tooLate(): AuthsignalError {
  return new AuthsignalError('ERR_AUTHSIGNAL_UNAVAILABLE', 'Authsignal did not answer in time.')
}

async function stateAsking<Answer extends { state: string }>(
  name: ActionName,
  timeoutMs: number | undefined,
  call: () => Promise<Answer>,
): Promise<Answer> {
  const answer: unknown = await asking(name, timeoutMs, call)
  if (typeof (answer as Partial<Answer> | null | undefined)?.state !== 'string')
    throw unexpected('it has no state', name)
  return answer as Answer
}

async function asking(
  name: Partial<ActionName>,
  timeoutMs: number | undefined,
  call: () => Promise<unknown>,
): Promise<unknown> {
  try {
    return await (timeoutMs === undefined ? call() : askForeign(timeoutMs, call))
  } catch (error) {
    throw withName(asOurs(error), name)
  }
}

/** A client that the app has given may know no deadline, and not tell a delay of our own from an outage. */
async function askForeign(timeoutMs: number, call: () => Promise<unknown>): Promise<unknown> {
  const since = performance.eventLoopUtilization()
  try {
    return await within(timeoutMs, call, tooLate)
  } catch (error) {
    throw orOwnDelay(asOurs(error), since)
  }
}

function withName(error: AuthsignalError, { actionCode, idempotencyKey }: Partial<ActionName>): AuthsignalError {
  const { code, message, cause, apiStatus, apiErrorCode, attempts } = error
  return new AuthsignalError(code, message, { actionCode, idempotencyKey, apiStatus, apiErrorCode, attempts, cause })
}
