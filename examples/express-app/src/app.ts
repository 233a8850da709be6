import { join } from 'node:path'
import type { Authsignal, AuthsignalClient } from 'authsignal-express'
import express, { type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import createError from 'http-errors'
import { Bank } from './bank'
import { csrf } from './csrf'
import { showError } from './error-page'
import { account } from './routes/account'
import { login } from './routes/login'
import { security } from './routes/security'
import { settings } from './routes/settings'
import { transfers } from './routes/transfers'
import { webhooks } from './routes/webhooks'
import { withdrawals } from './routes/withdrawals'
import { SecurityLog } from './security-log'
import { loadCustomer, requireCustomer, sessions } from './session'

export interface Services {
  authsignal: Authsignal<AuthsignalClient>
  bank: Bank
  securityLog: SecurityLog
}

export interface AppOptions {
  authsignal: Authsignal<AuthsignalClient>
  bank?: Bank
  /** Where the challenge pages are: the bank's own pages may show them in a frame, and nobody else's. */
  challengeOrigin: string
}

export function createApp({ authsignal, bank = new Bank(), challengeOrigin }: AppOptions): Express {
  const services = { authsignal, bank, securityLog: new SecurityLog() }
  const app = express()

  app.use(securityHeaders(challengeOrigin))
  app.use(express.static(join(__dirname, '../public')))
  app.use('/scripts', express.static(join(__dirname, '../dist/browser')))
  // Before the session and the body parsers: it is no browser that calls, and its signature is over the raw body.
  app.use('/webhooks/authsignal', webhooks(services))
  app.use(sessions(), loadCustomer(bank))
  app.use(express.urlencoded({ extended: false }))

  // After the session: so the callback can see that whoever comes back is whoever left.
  app.use('/authsignal/callback', authsignal.callback())

  app.use(csrf)
  app.use(login(services))
  app.use(requireCustomer, account(services), transfers(services), withdrawals(services))
  app.use(requireCustomer, settings(services), security(services))

  app.use((_req, _res, next) => {
    next(createError(404, 'There is no such page.'))
  })
  app.use(showError)
  return app
}

function securityHeaders(challengeOrigin: string): RequestHandler {
  const upgradeInsecureRequests = null // this demo has no https
  return helmet({ contentSecurityPolicy: { directives: { frameSrc: [challengeOrigin], upgradeInsecureRequests } } })
}
