import { Router, type Request, type Response } from 'express'
import type { Services } from '../app'
import { customerOf } from '../session'
import { show } from '../views'

/** How a customer confirms that it is them: what they have, where they change it, and what happened. */
export function security({ authsignal, securityLog }: Services): Router {
  const { client } = authsignal

  class SecurityController {
    async show(req: Request, res: Response): Promise<void> {
      const { id: userId, phone } = customerOf(req)
      const authenticators = await client.getAuthenticators({ userId })
      const phoneInUse = authenticators.some(({ phoneNumber }) => phoneNumber === phone)
      show(req, res, 'security', { authenticators, phone, phoneInUse, events: securityLog.of(userId) })
    }

    // The number was verified when the account was opened, so that no code has to be sent to it again.
    @authsignal.stepUp('addPhone', {
      attributes: ({ customer }: Request) => ({ email: customer?.email, custom: { phone: customer?.phone } }),
    })
    async addPhone(req: Request, res: Response): Promise<void> {
      const { id: userId, phone: phoneNumber } = customerOf(req)
      await client.enrollVerifiedAuthenticator({ userId, attributes: { verificationMethod: 'SMS', phoneNumber } })
      res.redirect(303, '/security')
    }
  }

  const router = Router()
  const controller = new SecurityController()
  // Guarded too: whoever finds an open session must not add a way to confirm of their own.
  const guard = authsignal.guard('manageSecurity', {
    maxAge: '5m',
    attributes: ({ customer }: Request) => ({ email: customer?.email }),
  })
  router.get('/security', controller.show.bind(controller))
  router.get('/security/manage', guard, authsignal.manage({ returnTo: '/security' }))
  router.post('/security/phone', controller.addPhone.bind(controller))
  return router
}
