import type { ActionRequest } from '../types'
import type { Actions } from './actions'
import type { Users } from './users'

/** What rules decide by. */
export type Facts = Readonly<Record<string, unknown>>

export interface FactSources {
  readonly actions: Pick<Actions, 'all'>
  readonly users: Pick<Users, 'get'>
  readonly country: string | undefined
}

/** What was sent, `custom`'s keys beside it, and what the tenant knows itself, which no client can claim. */
export function factsOf(request: ActionRequest, { actions, users, country }: FactSources): Facts {
  const { custom = {}, ...attributes } = request.attributes
  return {
    country,
    ...custom,
    ...attributes,
    custom,
    userId: request.userId,
    actionCode: request.actionCode,
    isEnrolled: users.get(request.userId).authenticators.length > 0,
    newDevice: isNewDevice(request, actions),
  }
}

/** A request that names no device might come from any: it counts as a new one. */
function isNewDevice({ userId, attributes: { deviceId } }: ActionRequest, actions: Pick<Actions, 'all'>): boolean {
  if (deviceId === undefined) return true
  return !actions.all().some((action) => action.userId === userId && action.attributes.deviceId === deviceId)
}
