import { Router, type Request, type RequestHandler, type Response } from 'express'
import type { Services } from '../app'
import type { Customer } from '../customers'
import { amountProblems, hasProblems, parseAmount, textField, type Problems } from '../forms'
import { approvalOf } from '../guard-note'
import { customerOf } from '../session'
import { show } from '../views'

export function withdrawals({ authsignal, bank }: Services): Router {
  const router = Router()
  const guardWithdrawal = authsignal.guard('withdraw', { attributes: describeWithdrawal })

  const checkForm: RequestHandler = (req, res, next) => {
    const problems = amountProblems(parseAmount(req.body), bank.balance(customerOf(req).id))
    if (!hasProblems(problems)) next()
    else showForm(req, res.status(422), problems)
  }

  // The demo's rules block this; change them in the emulator's dashboard to see it pass.
  const createWithdrawal: RequestHandler = (req, res) => {
    const { idempotencyKey, ...approval } = approvalOf(req)
    const from = customerOf(req).id
    bank.transfer({ payee: 'Cash card', amount: parseAmount(req.body), from, idempotencyKey, approval })
    res.redirect(303, '/')
  }

  function showForm(req: Request, res: Response, problems: Problems = {}): void {
    const balance = bank.balance(customerOf(req).id)
    show(req, res, 'withdraw', { balance, problems, values: { amount: textField(req.body, 'amount') } })
  }

  router.get('/withdrawals/new', (req, res) => {
    showForm(req, res)
  })
  router.post('/withdrawals', checkForm, guardWithdrawal, createWithdrawal)

  return router
}

function describeWithdrawal({ body, customer }: { body?: unknown; customer?: Customer }) {
  return { email: customer?.email, custom: { amount: parseAmount(body) / 100, currency: 'GBP' } }
}
