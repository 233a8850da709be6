import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Router } from 'express'
import { sendPage } from '../pages/send-page'
import type { Tenant } from '../tenant/tenant'
import { followEvents } from './follow-events'
import { causeFault, clearFaults, playUser, setOutcome } from './forms'
import { sendDashboard } from './layout'
import { errorPage, homePage, outboxPage } from './pages'

/** The developer's own pages: what the app does and what comes of it, as it happens. */
export function dashboardRouter(tenant: Tenant, reset: () => void): Router {
  const router = express.Router()
  router.get('/', (_req, res) => {
    sendDashboard(res, homePage(tenant))
  })
  router.get('/outbox', (_req, res) => {
    sendDashboard(res, outboxPage(tenant.outbox.newestFirst()))
  })
  router.get('/events', followEvents(tenant))
  const form = [sameOriginOnly, express.urlencoded({ limit: '16kb' })]
  router.post('/rules', form, setOutcome(tenant))
  router.post('/faults', form, causeFault(tenant))
  router.post('/faults/clear', form, clearFaults(tenant))
  router.post('/challenges', form, playUser(tenant))
  router.post('/reset', form, (_req: Request, res: express.Response) => {
    reset()
    res.redirect(303, '/')
  })
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
