import type { Request, RequestHandler } from 'express'
import { sendPage } from '../pages/send-page'
import { calls } from '../schema/fault-schema'
import { actionCodeSchema } from '../schema/rule-schema'
import { awaitsUser } from '../tenant/actions'
import type { Tenant } from '../tenant/tenant'
import type { ApiCall } from '../types'
import { faultExtents, faultKinds } from './fault-switches'
import { outcomes } from './outcome-switches'
import { errorPage } from './pages'

type Fields = Readonly<Record<string, unknown>>

/** Without an outcome the rules decide again. */
export function setOutcome(tenant: Tenant): RequestHandler {
  return function setOutcomeFromForm(req, res) {
    const { actionCode, outcome } = fieldsOf(req)
    if (!isActionCode(actionCode) || !(outcome === '' || isKeyOf(outcomes, outcome))) {
      sendPage(res, errorPage(400, 'Not a rule', 'Give an action code and one of the outcomes.'))
      return
    }
    tenant.rules.set(actionCode, outcome === '' ? undefined : outcome)
    res.redirect(303, '/')
  }
}

export function causeFault(tenant: Tenant): RequestHandler {
  return function causeFaultFromForm(req, res) {
    const { kind, match, extent } = fieldsOf(req)
    const known = isKeyOf(faultKinds, kind) && isKeyOf(faultExtents, extent) && (match === '' || isCall(match))
    if (!known) {
      sendPage(res, errorPage(400, 'Not a fault', 'Choose what goes wrong, with which call, and how often.'))
      return
    }
    const { times, share } = faultExtents[extent] ?? {}
    const call = match === '' ? {} : { match }
    tenant.faults.next({ ...faultKinds[kind]?.fault, ...call, ...(share !== undefined && { share }) }, times)
    res.redirect(303, '/')
  }
}

export function clearFaults(tenant: Tenant): RequestHandler {
  return function clearFaultsFromForm(_req, res) {
    tenant.faults.clear()
    res.redirect(303, '/')
  }
}

/** A user's part, played by the developer. */
export function playUser(tenant: Tenant): RequestHandler {
  return async function playUserFromForm(req, res) {
    const { idempotencyKey, intent } = fieldsOf(req)
    const action = tenant.actions.all().findLast((one) => one.idempotencyKey === idempotencyKey)
    if (!action || !awaitsUser(action.state)) {
      sendPage(res, errorPage(409, 'Nothing awaits this', 'This action awaits no challenge any more.'))
      return
    }
    if (intent === 'succeed') tenant.challenges.succeed(action)
    else tenant.challenges.fail(action)
    await tenant.actions.settled(action)
    res.redirect(303, '/')
  }
}

function fieldsOf(req: Request): Fields {
  return (req.body ?? {}) as Fields
}

function isKeyOf(known: object, value: unknown): value is string {
  return typeof value === 'string' && Object.hasOwn(known, value)
}

function isActionCode(value: unknown): value is string {
  return actionCodeSchema.safeParse(value).success
}

function isCall(value: unknown): value is ApiCall {
  return calls.some((call) => call === value)
}
