import type { Authenticator, TrackAttributes, TrackedAction, VerificationMethod } from '../types'
import type { Actions } from './actions'
import type { TenantEvents } from './events'
import type { SentMessage } from './outbox'
import { tenantId, type Webhooks } from './webhooks'

/** Makes webhooks of what happens in a tenant. */
export function announce(events: TenantEvents, webhooks: Webhooks, actions: Pick<Actions, 'get'>): void {
  events.on('codeSent', (message) => {
    announceCode(webhooks, message, actions.get(message)?.attributes)
  })
  events.on('authenticatorCreated', (authenticator) => {
    webhooks.send('authenticator.created', { data: factsOf(authenticator) })
  })
  events.on('authenticatorDeleted', (authenticator) => {
    webhooks.send('authenticator.deleted', { data: { ...factsOf(authenticator), deletedAt: new Date().toISOString() } })
  })
  events.on('action', (action) => {
    announceAction(webhooks, action)
  })
}

/** Asks the receiver of `action.verify` whether a passed challenge may count. */
export async function askToVerify(webhooks: Webhooks, passed: TrackedAction): Promise<boolean> {
  const { userId, actionCode, idempotencyKey, state, stateUpdatedAt, verificationMethod } = passed
  const data = { userId, action: actionCode, idempotencyKey, verifiedAt: stateUpdatedAt, state, verificationMethod }
  return webhooks.ask('action.verify', { data })
}

/** Sent once, as a provider's call would be; the outbox has the code whatever comes of it. */
function announceCode(webhooks: Webhooks, message: SentMessage, attributes: TrackAttributes = {}): void {
  const { to, code, userId, actionCode, idempotencyKey } = message
  const { locale, ipAddress, userAgent } = attributes
  const method = methodFor(to)
  if (method === undefined) return
  const data = { to, code, userId, actionCode, idempotencyKey, locale, ipAddress, userAgent }
  void webhooks.ask(method === 'SMS' ? 'sms.created' : 'email.created', { data })
  const address = method === 'SMS' ? { phoneNumber: to } : { email: to }
  logChallenge(webhooks, { userId, actionCode, idempotencyKey }, `${method}_SENT`, method, address)
}

/** Undefined where no address was known, and so no provider could have sent the code. */
function methodFor(to: string): VerificationMethod | undefined {
  if (to.includes('@')) return 'EMAIL_OTP'
  return /^\+?[\d\s()-]+$/.test(to) ? 'SMS' : undefined
}

function announceAction(webhooks: Webhooks, action: TrackedAction): void {
  const { state, verificationMethod: method } = action
  if (state === 'CHALLENGE_SUCCEEDED' && method)
    logChallenge(webhooks, action, `${method}_${validWord(method)}`, method)
  // Logged at its end: where it may still change, it has none yet.
  if (/_(REQUIRED|INITIATED)$/.test(state)) return
  webhooks.send('action.log_created', { records: [{ type: 'action.log_created', record: logOf(action) }] })
}

function validWord(method: VerificationMethod): string {
  return ['EMAIL_OTP', 'SMS', 'WHATSAPP', 'AUTHENTICATOR_APP'].includes(method) ? 'CODE_VALID' : 'VERIFIED'
}

function logChallenge(
  webhooks: Webhooks,
  { userId, actionCode, idempotencyKey }: Pick<TrackedAction, 'userId' | 'actionCode' | 'idempotencyKey'>,
  type: string,
  verificationMethod: VerificationMethod,
  address: object = {},
): void {
  const createdAt = new Date().toISOString()
  const about = { tenantId, userId, actionCode, idempotencyKey }
  const record = { ...about, createdAt, type, verificationMethod, ...address }
  webhooks.send('challenge.log_created', { records: [{ type: 'challenge.log_created', record }] })
}

function logOf(action: TrackedAction): Record<string, unknown> {
  const { userId, actionCode, idempotencyKey, createdAt, state, stateUpdatedAt, verificationMethod } = action
  const { ipAddress, userAgent, deviceId, email, phoneNumber, custom } = action.attributes
  const about = { tenantId, userId, actionCode, idempotencyKey, createdAt, updatedAt: stateUpdatedAt }
  const rules = action.ruleIds.length > 0 ? action.ruleIds.map((ruleId) => ({ ruleId, name: ruleId })) : undefined
  const decision = { state, stateUpdatedAt, outcome: outcomeOf(state), verificationMethod, rules }
  return { ...about, ...decision, ipAddress, userAgent, deviceId, email, phoneNumber, custom }
}

/** What was decided at first, which the state still tells. */
function outcomeOf(state: string): string {
  return state.replace(/_(REQUIRED|INITIATED|SUCCEEDED|FAILED)$/, '')
}

function factsOf(authenticator: Authenticator): Record<string, unknown> {
  const { userId, userAuthenticatorId, verificationMethod, createdAt, email, phoneNumber } = authenticator
  return { userId, userAuthenticatorId, verificationMethod, createdAt, email, phoneNumber }
}
