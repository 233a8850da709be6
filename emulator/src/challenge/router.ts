import express, { type Request, type Response, type Router } from 'express'
import { elsewhere, type PasskeyOffer, siteOf } from '../pages/passkey'
import { sendPage } from '../pages/send-page'
import { type Fields, linkTo, textOf, type Visit, visitOf } from '../pages/visit'
import type { Attempt, Challenge } from '../tenant/challenges'
import type { Notice } from '../tenant/notices'
import type { Tenant } from '../tenant/tenant'
import type { TrackedAction, VerificationMethod } from '../types'
import { leadsToEnrolment, leadsToSettings } from '../account/read-visit'
import { exitOf, leave, wayBackFrom } from './leave'
import { challengePage, type ChallengeView, problemPage } from './pages'
import { readChallenge } from './read-challenge'

/** The pages a user sees at the `url` that `track` answered. But for passkeys and pop-ups they need no scripts. */
export function challengeRouter(tenant: Tenant): Router {
  const router = express.Router()
  router.get('/', async (req, res) => {
    await openChallenge(tenant, req, res, req.query)
  })
  router.post('/', express.urlencoded({ limit: '64kb' }), async (req: Request, res) => {
    await answerChallenge(tenant, req, res, (req.body ?? {}) as Fields)
  })
  return router
}

async function openChallenge(tenant: Tenant, req: Request, res: Response, fields: Fields): Promise<void> {
  const visit = visitOf(fields)
  const { action, problem } = readChallenge(tenant, visit.token)
  if (action) {
    const challenge = tenant.challenges.open(action, textOf(fields.method) as VerificationMethod)
    const notice = tenant.notices.take(visit.token)
    sendPage(res, challengePage(await viewOf(tenant, req, { action, challenge, visit, notice })))
  } else if (problem.action && leadsToSettings(problem.action)) {
    res.redirect(303, linkTo('/settings', visit))
  } else if (problem.action && leadsToEnrolment(tenant, problem.action)) {
    res.redirect(303, linkTo('/enroll', visit))
  } else {
    sendPage(res, problemPage(problem, wayBackFrom(tenant, problem, visit.token), visit))
  }
}

async function answerChallenge(tenant: Tenant, req: Request, res: Response, fields: Fields): Promise<void> {
  const { action } = readChallenge(tenant, textOf(fields.token))
  const method = textOf(fields.method) as VerificationMethod
  if (!action) {
    await openChallenge(tenant, req, res, fields)
  } else if (fields.intent === 'cancel') {
    leave(res, exitOf(tenant, action), visitOf(fields).popup)
  } else if (fields.intent === 'resend') {
    tenant.challenges.resend(action, method)
    openAgain(tenant, res, fields, 'sent-again')
  } else if ((await attempt(tenant, req, action, fields)) === 'wrong') {
    openAgain(tenant, res, fields, 'wrong')
  } else {
    await finish(tenant, action, visitOf(fields), res)
  }
}

/** By a redirect: to load the page again would cost another try, or send another code. */
function openAgain(tenant: Tenant, res: Response, fields: Fields, notice: Notice): void {
  const visit = visitOf(fields)
  tenant.notices.leave(visit.token, notice)
  const method = textOf(fields.method)
  res.redirect(303, linkTo('/challenge', visit, method === '' ? {} : { method }))
}

async function attempt(tenant: Tenant, req: Request, action: TrackedAction, fields: Fields): Promise<Attempt> {
  const method = textOf(fields.method) as VerificationMethod
  if (tenant.challenges.open(action, method).verificationMethod !== 'PASSKEY') {
    return tenant.challenges.attempt(action, textOf(fields.code), method)
  }
  const site = siteOf(req)
  const user = tenant.users.get(action.userId)
  const passkey = site && (await tenant.passkeys.authenticate(user, textOf(fields.response), site))
  // Another page may have ended the challenge while the signature was checked.
  if (!readChallenge(tenant, textOf(fields.token)).action) return 'failed'
  if (!passkey) return tenant.challenges.countWrong(action)
  tenant.challenges.succeed(action, 'PASSKEY', passkey.userAuthenticatorId)
  return 'passed'
}

async function finish(tenant: Tenant, action: TrackedAction, visit: Visit, res: Response): Promise<void> {
  // The receiver of action.verify may have its say.
  const ended = await tenant.actions.settled(action)
  if (ended && leadsToSettings(ended)) res.redirect(303, linkTo('/settings', visit))
  else leave(res, exitOf(tenant, action), visit.popup)
}

async function viewOf(
  tenant: Tenant,
  req: Request,
  opened: { action: TrackedAction; challenge: Challenge; visit: Visit; notice: Notice | undefined },
): Promise<ChallengeView> {
  const { action, challenge, visit } = opened
  return {
    ...opened,
    ways: tenant.challenges.ways(action),
    canEnroll: !tenant.users.isEnrolled(action.userId),
    ...(challenge.verificationMethod === 'PASSKEY' && { passkey: await passkeyOffer(tenant, req, action, visit) }),
  }
}

async function passkeyOffer(tenant: Tenant, req: Request, action: TrackedAction, visit: Visit): Promise<PasskeyOffer> {
  const site = siteOf(req)
  if (!site) return elsewhere(req, linkTo('/challenge', visit, { method: 'PASSKEY' }), visit)
  const options = await tenant.passkeys.authenticationOptions(tenant.users.get(action.userId), site)
  return { ceremony: 'startAuthentication', options }
}
