import { Router } from 'express'
import type { Services } from '../app'
import { textField } from '../forms'
import { signIn, signOut } from '../session'
import { show } from '../views'

export function login({ authsignal, bank }: Services): Router {
  const router = Router()

  router.get('/login', (req, res) => {
    show(req, res, 'login', { customers: bank.customers })
  })

  // A demo: whoever you say you are, you are. A bank of yours checks a password or a passkey here.
  router.post('/login', async (req, res) => {
    const customer = bank.customer(textField(req.body, 'userId'))
    if (customer) await signIn(req, customer.id)
    res.redirect(303, '/')
  })

  router.post('/logout', async (req, res) => {
    // Whatever becomes of it, the customer is logged out.
    if (req.customer) await authsignal.forget(req, res).catch(console.error)
    await signOut(req)
    res.redirect(303, '/login')
  })

  return router
}
