import type { ActionId } from '../tenant/actions'
import type { Tenant } from '../tenant/tenant'
import { allowedMethods, defaultAuthenticator, enrolledMethods } from '../tenant/users'
import type { ActionState, TrackAttributes, TrackedAction } from '../types'
import { invalidRequest, notFound } from './api-error'
import { type Call, type CallRequest, optionalString } from './call'
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
  const action = await tenant.actions.track(userId, actionCode, attributes)
  return trackAnswer(tenant, action)
}

export const getAction: Call = (tenant, request) => {
  const { state, stateUpdatedAt, createdAt, verificationMethod, ruleIds } = existingAction(tenant, request)
  const rules = ruleIds.map((ruleId) => ({ ruleId, name: ruleId }))
  return { state, stateUpdatedAt, createdAt, verificationMethod, rules }
}

export const updateAction: Call = (tenant, request) => {
  const action = existingAction(tenant, request)
  const { state } = request.body
  if (typeof state !== 'string' || !Object.hasOwn(states, state)) {
    throw invalidRequest(`state must be one of ${Object.keys(states).join(', ')}.`)
  }
  tenant.actions.setState(action, state)
  return { state }
}

export const queryUserActions: Call = (tenant, { params, query }) => {
  const codes = query.codes?.split(',')
  return tenant.actions
    .all()
    .filter(({ userId }) => userId === params.userId)
    .filter(({ actionCode }) => codes === undefined || codes.includes(actionCode))
    .filter(({ state }) => query.state === undefined || state === query.state)
    .filter(({ createdAt }) => query.fromDate === undefined || new Date(createdAt) >= new Date(query.fromDate))
    .map(
      ({
        actionCode,
        idempotencyKey,
        createdAt,
        state,
        stateUpdatedAt,
        verificationMethod,
        verifiedByAuthenticatorId,
      }) => ({
        actionCode,
        idempotencyKey,
        createdAt,
        updatedAt: stateUpdatedAt,
        state,
        stateUpdatedAt,
        verificationMethod,
        verifiedByAuthenticatorId,
      }),
    )
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

function existingAction(tenant: Tenant, request: CallRequest): TrackedAction {
  const { idempotencyKey = '' } = request.params
  const action = tenant.actions.get({ ...actionOf(request), idempotencyKey })
  if (!action) throw notFound('There is no such action for this user.')
  return action
}

function actionOf({ params: { userId = '', actionCode = '' } }: CallRequest): Omit<ActionId, 'idempotencyKey'> {
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(actionCode)) {
    throw invalidRequest('The action code must be 1 to 64 letters, digits, underscores or hyphens.')
  }
  return { userId, actionCode }
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
