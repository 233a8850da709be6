import { Router } from 'express'
import type { Services } from '../app'
import { draftOf, showAgain } from '../drafts'
import { hasProblems, parseProfile, profileProblems } from '../forms'
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
    const draft = draftOf(req)
    const values = draft ? parseProfile(draft) : customerOf(req)
    const problems = draft ? profileProblems(values) : {}
    show(req, res, 'settings', { values, problems, saved: 'saved' in req.query })
  })

  router.post('/settings', async (req, res) => {
    const profile = parseProfile(req.body)
    if (hasProblems(profileProblems(profile))) {
      showAgain(req, res, '/settings', { ...profile })
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
