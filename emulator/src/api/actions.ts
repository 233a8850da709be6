import type { ActionId } from '../tenant/actions'
import { anyAction } from '../tenant/rules'
import type { Tenant } from '../tenant/tenant'
import { allowedMethods, defaultAuthenticator, enrolledMethods } from '../tenant/users'
import type { ActionState, TrackAttributes, TrackedAction } from '../types'
import { invalidRequest, notFound } from './api-error'
import { type Call, type CallRequest, type Json, optionalString } from './call'
import { isRedirectUrl } from './redirect-url'

const states: Record<ActionState, true> = {
  ALLOW: true,
  BLOCK: true,
  CHALLENGE_REQUIRED: true,
  CHALLENGE_SUCCEEDED: true,
  CHALLENGE_FAILED: true,
  REVIEW_REQUIRED: true,
  REVIEW_SUCCEEDED: true,
  REVIEW_FAILED: true,
}

export const track: Call = async (tenant, request) => {
  const { userId, actionCode } = actionOf(request)
  const attributes = trackAttributesOf(request)
  tenant.users.meet(userId, attributes)
  noteRepeat(tenant, { userId, actionCode, idempotencyKey: attributes.idempotencyKey ?? '' })
  const action = await tenant.actions.track(userId, actionCode, attributes)
  return trackAnswer(tenant, action)
}

export const getAction: Call = async (tenant, request) => {
  const action = await existingAction(tenant, request)
  const { state, stateUpdatedAt, createdAt, verificationMethod } = action
  tenant.timeline.note(action, `The app asked get-action: ${state}`)
  return { state, stateUpdatedAt, createdAt, verificationMethod, rules: rulesOf(tenant, action) }
}

export const updateAction: Call = async (tenant, request) => {
  const action = await existingAction(tenant, request)
  const { state } = request.body
  const next = checkState(state)
  tenant.actions.setState(action, next)
  return { state: next }
}

export const queryUserActions: Call = (tenant, { params, query }) => {
  const codes = query.codes?.split(',')
  const from = new Date(query.fromDate ?? 0)
  if (Number.isNaN(from.getTime())) throw invalidRequest('fromDate must be a date in ISO 8601.')
  const asked = query.state === undefined ? undefined : checkState(query.state)
  return tenant.actions
    .all()
    .filter(({ userId }) => userId === params.userId)
    .filter(({ actionCode }) => codes === undefined || codes.includes(actionCode))
    .filter(({ state }) => asked === undefined || state === asked)
    .filter(({ createdAt }) => new Date(createdAt) >= from)
    .map(onTheWire)
}

function onTheWire(action: TrackedAction): Json {
  const { actionCode, idempotencyKey, createdAt, state, stateUpdatedAt } = action
  const { verificationMethod, verifiedByAuthenticatorId } = action
  const about = { actionCode, idempotencyKey, createdAt, updatedAt: stateUpdatedAt, state, stateUpdatedAt }
  return { ...about, verificationMethod, verifiedByAuthenticatorId }
}

function noteRepeat(tenant: Tenant, id: ActionId): void {
  if (tenant.actions.get(id))
    tenant.timeline.note(id, 'Tracked again with the same idempotency key: answered as it is now')
}

function trackAnswer(tenant: Tenant, action: TrackedAction): Record<string, unknown> {
  const user = tenant.users.get(action.userId)
  const token = tenant.tokens.sign(action)
  const url = `${tenant.url}/challenge?token=${token}`
  return {
    state: action.state,
    idempotencyKey: action.idempotencyKey,
    url,
    challengeUrl: url,
    token,
    isEnrolled: user.authenticators.length > 0,
    enrolledVerificationMethods: enrolledMethods(user),
    allowedVerificationMethods: allowedMethods(user),
    defaultVerificationMethod: defaultAuthenticator(user)?.verificationMethod,
    ruleIds: action.ruleIds,
  }
}

/** Named as they are defined now: a rule that is gone, or was set in code, has its id for a name. */
function rulesOf(tenant: Tenant, { actionCode, ruleIds }: TrackedAction): Json[] {
  const defined = [...tenant.rules.definitions(actionCode), ...tenant.rules.definitions(anyAction)]
  return ruleIds.map((ruleId) => {
    const { name = ruleId, description } = defined.find((rule) => rule.ruleId === ruleId) ?? {}
    return { ruleId, name, ...(description !== undefined && { description }) }
  })
}

/** Very old clients say CHALLENGE_INITIATED. */
function checkState(state: unknown): string {
  if (state === 'CHALLENGE_INITIATED') return 'CHALLENGE_REQUIRED'
  if (typeof state === 'string' && Object.hasOwn(states, state)) return state
  throw invalidRequest(`state must be one of ${Object.keys(states).join(', ')}.`)
}

async function existingAction(tenant: Tenant, request: CallRequest): Promise<TrackedAction> {
  const { idempotencyKey = '' } = request.params
  const action = await tenant.actions.settled({ ...actionOf(request), idempotencyKey })
  if (!action) throw notFound('There is no such action for this user.')
  return action
}

function actionOf({ params: { userId = '', actionCode = '' } }: CallRequest): Omit<ActionId, 'idempotencyKey'> {
  return { userId, actionCode: checkActionCode(actionCode) }
}

export function checkActionCode(actionCode: string): string {
  if (/^[a-zA-Z0-9_-]{1,64}$/.test(actionCode)) return actionCode
  throw invalidRequest('The action code must be 1 to 64 letters, digits, underscores or hyphens.')
}

function trackAttributesOf({ body }: CallRequest): TrackAttributes {
  for (const name of ['idempotencyKey', 'email', 'phoneNumber', 'username']) optionalString(body, name)
  const redirectUrl = optionalString(body, 'redirectUrl')
  if (redirectUrl !== undefined && !isRedirectUrl(redirectUrl)) {
    throw invalidRequest('redirectUrl must be an absolute URL.')
  }
  if (body.redirectToSettings !== undefined && typeof body.redirectToSettings !== 'boolean') {
    throw invalidRequest('redirectToSettings must be true or false.')
  }
  const custom = body.custom ?? {}
  if (typeof custom !== 'object' || Array.isArray(custom)) throw invalidRequest('custom must be an object.')
  return body
}
