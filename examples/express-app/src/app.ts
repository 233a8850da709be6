import { join } from 'node:path'
import type { Authsignal } from 'authsignal-express'
import express, { type Express } from 'express'
import helmet from 'helmet'
import createError from 'http-errors'
import { Bank } from './bank'
import { csrf } from './csrf'
import { showError } from './error-page'
import { account } from './routes/account'
import { login } from './routes/login'
import { transfers } from './routes/transfers'
import { withdrawals } from './routes/withdrawals'
import { loadCustomer, requireCustomer, sessions } from './session'

export interface Services {
  authsignal: Authsignal
  bank: Bank
}

export function createApp({ authsignal, bank = new Bank() }: { authsignal: Authsignal; bank?: Bank }): Express {
  const services = { authsignal, bank }
  const app = express()

  app.use(helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } })) // this demo has no https
  app.use(express.static(join(__dirname, '../public')))
  app.use(sessions(), loadCustomer(bank))
  app.use(express.urlencoded({ extended: false }))

  // After the session: so the callback can see that whoever comes back is whoever left.
  app.use('/authsignal/callback', authsignal.callback())

  app.use(csrf)
  app.use(login(services))
  app.use(requireCustomer, account(services), transfers(services), withdrawals(services))

  app.use((_req, _res, next) => {
    next(createError(404, 'There is no such page.'))
  })
  app.use(showError)
  return app
}
