import { join } from 'node:path'
import type { UserAuthenticator } from 'authsignal-express'
import { Eta } from 'eta'
import type { Request, Response } from 'express'
import type { Movement } from './bank'
import type { Customer, Profile } from './customers'
import type { Problems } from './forms'
import type { SecurityEvent } from './security-log'
import { guardNote, methodInWords } from './guard-note'
import { formatMoney } from './money'

/** The pages, and what each one shows. Eta escapes whatever `<%= %>` prints. */
interface Pages {
  login: { customers: readonly Customer[] }
  home: { balance: number; movements: readonly Movement[] }
  transfer: { balance: number; problems: Problems; values: { payee: string; amount: string; note: string } }
  receipt: { movement: Movement }
  withdraw: { balance: number; problems: Problems; values: { amount: string } }
  settings: { problems: Problems; values: Profile; saved: boolean }
  statement: { balance: number; moneyIn: number; moneyOut: number; movements: readonly Movement[] }
  security: {
    authenticators: readonly UserAuthenticator[]
    phone: string
    phoneInUse: boolean
    events: readonly SecurityEvent[]
  }
  error: { title: string; text: string; code?: string }
}

const eta = new Eta({ views: join(__dirname, '../views'), cache: true })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const time = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
const helpers = {
  formatMoney,
  methodInWords,
  formatDay: (date: Date) => day.format(date),
  formatTime: (date: Date) => time.format(date),
}

/** A script that asks for JSON, instead of a page load. */
export function isScript(req: Request): boolean {
  return req.accepts('html', 'json') === 'json'
}

export function show<Page extends keyof Pages>(req: Request, res: Response, page: Page, data: Pages[Page]): void {
  const { customer, path } = req
  // What fails before the session, such as a webhook, has none.
  const session = req.session as Request['session'] | undefined
  const shared = { customer, path, csrfToken: session?.csrfToken, note: guardNote(req.authsignal), ...helpers }
  res.set('Cache-Control', 'no-store').send(eta.render(page, { ...shared, ...data }))
}
