import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Router } from 'express'
import { sendPage } from '../pages/send-page'
import { anyAction } from '../tenant/rules'
import type { Tenant } from '../tenant/tenant'
import { errorPage, homePage, outboxPage, outcomes } from './pages'

/** The developer's own pages: what was tracked, what rules decide, which codes were sent. */
export function dashboardRouter(tenant: Tenant): Router {
  const router = express.Router()
  router.get('/', (_req, res) => {
    sendPage(res, homePage(tenant))
  })
  router.get('/outbox', (_req, res) => {
    sendPage(res, outboxPage(tenant.outbox.newestFirst()))
  })
  router.post('/rules', sameOriginOnly, express.urlencoded({ limit: '16kb' }), setRule(tenant))
  router.use((_req, res) => {
    sendPage(res, errorPage(404, 'Not found', 'There is no such page in the emulator.'))
  })
  return router
}

/** For all pages: what a form or an address had wrong, without a stack trace. */
export const answerPageError: ErrorRequestHandler = function answerErrorPage(error, _req, res, next) {
  if (res.headersSent) {
    next(error)
    return
  }
  const { status = 500, message = '' } = error as { status?: number; message?: string }
  sendPage(res, errorPage(status, status < 500 ? 'This request could not be read' : 'The emulator failed', message))
}

function setRule(tenant: Tenant): RequestHandler {
  return function setRuleFromForm(req, res) {
    const { actionCode, outcome } = (req.body ?? {}) as Record<string, unknown>
    if (!isActionCode(actionCode) || typeof outcome !== 'string' || !outcomes.includes(outcome)) {
      sendPage(res, errorPage(400, 'Not a rule', 'Give an action code and one of the outcomes.'))
      return
    }
    tenant.rules.set(actionCode, outcome)
    res.redirect(303, '/')
  }
}

function isActionCode(value: unknown): value is string {
  return typeof value === 'string' && (value === anyAction || /^[a-zA-Z0-9_-]{1,64}$/.test(value))
}

/** A page of any other site could post here too: the emulator listens where every site's visitor can reach it. */
const sameOriginOnly: RequestHandler = function refuseOtherSites(req, res, next) {
  if (isSameOrigin(req)) next()
  else sendPage(res, errorPage(403, 'Refused', 'This form can be sent from the emulator’s own page only.'))
}

function isSameOrigin(req: Request): boolean {
  const site = req.get('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const origin = req.get('origin')
  return origin === undefined || origin === `http://${req.get('host') ?? ''}`
}
