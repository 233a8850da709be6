import { Router, type Request, type Response } from 'express'
import type { Services } from '../app'
import type { Profile } from '../customers'
import { hasProblems, parseProfile, profileProblems, type Problems } from '../forms'
import { customerOf } from '../session'
import { show } from '../views'

/**
 * Sudo mode: to see the settings, and to change them, the customer confirms once in five minutes. A form that was open
 * for longer is challenged when it is sent, and brought back.
 */
export function settings({ authsignal, bank }: Services): Router {
  const router = Router()
  router.use('/settings', authsignal.guard('changeSettings', { maxAge: '5m' }))

  router.get('/settings', (req, res) => {
    showForm(req, res, customerOf(req))
  })

  router.post('/settings', async (req, res) => {
    const profile = parseProfile(req.body)
    const problems = profileProblems(profile)
    if (hasProblems(problems)) {
      showForm(req, res.status(422), profile, problems)
      return
    }
    const { id: userId } = customerOf(req)
    // Codes go to the new address from now on. Authsignal first: where it can't be reached, nothing has changed.
    await authsignal.client.identify({ userId, attributes: { email: profile.email, displayName: profile.name } })
    bank.changeProfile(userId, profile)
    res.redirect(303, '/settings?saved')
  })

  return router
}

function showForm(req: Request, res: Response, values: Profile, problems: Problems = {}): void {
  show(req, res, 'settings', { values, problems, saved: 'saved' in req.query })
}
