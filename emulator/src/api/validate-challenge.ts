import { type Call, matches, requiredString } from './call'

export const validateChallenge: Call = async (tenant, { body }) => {
  const reading = tenant.tokens.read(requiredString(body, 'token'))
  if (reading.error) return refused(`The token is ${reading.error}.`)
  const action = await tenant.actions.settled(reading.action)
  if (!action) return refused('The action of this token is not known.')
  if (!matches(body.userId, action.userId)) return refused('The token is of another user.')
  if (!matches(body.action, action.actionCode)) return refused('The token is of another action.')
  const { state, stateUpdatedAt, userId, actionCode, idempotencyKey, verificationMethod } = action
  tenant.timeline.note(action, `The app asked validate: ${state}`)
  const isValid = state === 'CHALLENGE_SUCCEEDED'
  return {
    isValid,
    state,
    stateUpdatedAt,
    userId,
    actionCode,
    action: actionCode,
    idempotencyKey,
    verificationMethod,
  }
}

function refused(error: string): { isValid: false; error: string } {
  return { isValid: false, error }
}
