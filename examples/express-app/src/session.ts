import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import type { Request, RequestHandler } from 'express'
import session from 'express-session'
import createError from 'http-errors'
import type { Bank } from './bank'
import type { Customer } from './customers'

declare module 'express-session' {
  interface SessionData {
    /** Who is signed in. authsignal-express looks here by default, so no guard needs a `userId` option. */
    userId: string
    csrfToken: string
    /** The last form that has to be changed. */
    draft: { id: string; fields: Record<string, string> }
  }
}

declare module 'express-serve-static-core' {
  interface Request {
    customer?: Customer
  }
}

/**
 * A session for a demo: in memory, its secret new with each start.
 * SameSite=Lax lets the cookie come along when the browser returns from the challenge.
 */
export function sessions(): RequestHandler {
  return session({
    name: 'bank',
    secret: randomBytes(32).toString('base64url'),
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto' },
  })
}

/** A new session id on every sign-in, so that nobody can plant one. */
export async function signIn(req: Request, userId: string): Promise<void> {
  await promisify(req.session.regenerate.bind(req.session))()
  req.session.userId = userId
}

export async function signOut(req: Request): Promise<void> {
  await promisify(req.session.destroy.bind(req.session))()
}

export function loadCustomer(bank: Bank): RequestHandler {
  return function loadCustomer(req, _res, next) {
    req.customer = bank.customer(req.session.userId)
    next()
  }
}

export const requireCustomer: RequestHandler = (req, res, next) => {
  if (req.customer) next()
  else res.redirect('/login')
}

/** The signed-in customer, in handlers behind `requireCustomer`. */
export function customerOf(req: Request): Customer {
  if (!req.customer) throw createError(401, 'Please log in first.')
  return req.customer
}
