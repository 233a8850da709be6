import express, { type Request, type Response, type Router } from 'express'
import { sendPage } from '../pages/send-page'
import type { Tenant } from '../tenant/tenant'
import type { TrackedAction } from '../types'
import { challengePage, endPage, problemPage, type Visit } from './pages'
import { readChallenge } from './read-challenge'

/** The pages a user sees at the `url` that `track` answered. They work without scripts, but for the pop-up's messages. */
export function challengeRouter(tenant: Tenant): Router {
  const router = express.Router()
  router.get('/', (req, res) => {
    openChallenge(tenant, visitOf(req.query), res)
  })
  router.post('/', express.urlencoded({ limit: '16kb' }), (req: Request, res) => {
    answerChallenge(tenant, (req.body ?? {}) as Fields, res)
  })
  return router
}

type Fields = Readonly<Record<string, unknown>>

function openChallenge(tenant: Tenant, visit: Visit, res: Response): void {
  const { action, problem } = readChallenge(tenant, visit.token)
  if (problem) {
    const back = problem.action && wayBack(tenant, problem.action)
    sendPage(res, problemPage(problem, back, visit.popup))
  } else {
    sendPage(res, challengePage(action, tenant.challenges.open(action), visit, false))
  }
}

function answerChallenge(tenant: Tenant, fields: Fields, res: Response): void {
  const visit = visitOf(fields)
  const { action } = readChallenge(tenant, visit.token)
  if (!action) {
    openChallenge(tenant, visit, res)
  } else if (fields.intent === 'cancel') {
    leave(tenant, action, visit, res)
  } else if (tenant.challenges.attempt(action, textOf(fields.code)) === 'wrong') {
    sendPage(res, challengePage(action, tenant.challenges.open(action), visit, true))
  } else {
    leave(tenant, action, visit, res)
  }
}

/** Passed, failed or quit: the app is told the same way, and asks the API which it was. */
function leave(tenant: Tenant, action: TrackedAction, visit: Visit, res: Response): void {
  const back = wayBack(tenant, action)
  if (visit.popup) sendPage(res, endPage(tenant.tokens.sign(action)))
  else if (back === undefined) sendPage(res, endPage())
  else res.redirect(303, back)
}

function wayBack(tenant: Tenant, action: TrackedAction): string | undefined {
  const { redirectUrl } = action.attributes
  if (redirectUrl === undefined) return undefined
  const url = new URL(redirectUrl)
  // Not by searchParams, which would write the query that is there already anew.
  url.search = `${url.search === '' ? '?' : `${url.search}&`}token=${tenant.tokens.sign(action)}`
  return url.href
}

function visitOf({ token, mode }: Fields): Visit {
  return { token: textOf(token), popup: mode === 'popup' }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
