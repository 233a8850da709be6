import express, { type Request, type RequestHandler, type Response, type Router } from 'express'
import { closePopup, exitOf, leave, wayBackFrom } from '../challenge/leave'
import { problemPage } from '../challenge/pages'
import { type Problem, readChallenge } from '../challenge/read-challenge'
import { html } from '../pages/html'
import { leaveForm } from '../pages/parts'
import { type Page, sendPage } from '../pages/send-page'
import { type Fields, linkTo, textOf, type Visit, visitOf } from '../pages/visit'
import type { Enrolled } from '../tenant/enrolments'
import type { Tenant } from '../tenant/tenant'
import { type Answer, enrolPage, type Step, takeStep } from './enrol'
import { readAccountVisit } from './read-visit'
import { recoveryCodesPage, settingsPage } from './settings-page'

/** Enrolment and self-service: a user's own authenticators. */
export function accountRouter(tenant: Tenant): Router {
  const router = express.Router()
  const form = express.urlencoded({ limit: '64kb' })
  router.get('/settings', visiting(tenant, settings))
  router.post('/settings', form, visiting(tenant, changeSettings))
  router.get('/enroll', visiting(tenant, enrolPage))
  router.post('/enroll', form, visiting(tenant, enrol))
  router.post('/leave', form, (req: Request, res) => {
    leaveVisit(tenant, fieldsOf(req), res)
  })
  return router
}

/** Answers with the page; visits that the token does not allow end here. */
function visiting(tenant: Tenant, answer: (step: Step) => Answer | Promise<Answer>): RequestHandler {
  return async function servePage(req, res) {
    const fields = fieldsOf(req)
    const visit = visitOf(fields)
    const { visit: account, problem } = readAccountVisit(tenant, visit.token)
    const page = account ? await answer({ tenant, req, visit, account, fields }) : refusal(tenant, problem, visit)
    if ('location' in page) res.redirect(303, page.location)
    else sendPage(res, page)
  }
}

function settings({ tenant, visit, account: { userId, redirectUrl } }: Step): Page {
  return settingsPage({
    user: tenant.users.get(userId),
    visit,
    recoveryCodesLeft: tenant.recoveryCodes.left(userId),
    canGoBack: visit.popup || redirectUrl !== undefined,
  })
}

function changeSettings(step: Step): Answer {
  const { tenant, account, fields, visit } = step
  if (fields.intent === 'remove') {
    tenant.users.removeAuthenticator(account.userId, textOf(fields.userAuthenticatorId))
  }
  if (fields.intent !== 'recovery-codes' || !tenant.users.isEnrolled(account.userId)) {
    return { location: linkTo('/settings', visit) }
  }
  const codes = tenant.recoveryCodes.issue(account.userId)
  return recoveryCodesPage({ visit, heading: 'New recovery codes', next: nextStep(step) }, codes)
}

async function enrol(step: Step): Promise<Answer> {
  const result = await takeStep(step)
  return 'authenticator' in result ? enrolled(step, result) : result
}

/** A user who had no authenticator when challenged passes by setting one up, as nothing else could tell who it is. */
function enrolled(step: Step, { authenticator, recoveryCodes }: Enrolled): Page {
  const { tenant, account, visit } = step
  // The state is read again: another page may have ended the challenge meanwhile.
  const { action } = readChallenge(tenant, visit.token)
  if (account.purpose === 'challenge' && action) tenant.challenges.succeed(action, authenticator.verificationMethod)
  return recoveryCodesPage({ visit, heading: 'You are all set', next: nextStep(step) }, recoveryCodes)
}

function nextStep({ account, visit }: Step) {
  if (account.purpose !== 'settings') return leaveForm(visit, 'Continue', true)
  return html`<p class="buttons"><a class="button primary" href="${linkTo('/settings', visit)}">Continue</a></p>`
}

function leaveVisit(tenant: Tenant, fields: Fields, res: Response): void {
  const { token, popup } = visitOf(fields)
  const settingsVisit = tenant.settingsTokens.read(token)
  if (settingsVisit) {
    leave(res, { redirectUrl: settingsVisit.redirectUrl, token }, popup)
    return
  }
  const { action, problem } = readChallenge(tenant, token)
  const left = action ?? problem.action
  if (left) leave(res, exitOf(tenant, left), popup)
  else if (popup) closePopup(res)
  else sendPage(res, refusal(tenant, problem as Problem, { token, popup }))
}

function refusal(tenant: Tenant, problem: Problem, visit: Visit): Page {
  return problemPage(problem, wayBackFrom(tenant, problem, visit.token), visit)
}

function fieldsOf(req: Request): Fields {
  return req.method === 'POST' ? ((req.body ?? {}) as Fields) : req.query
}
