import { Router, type RequestHandler } from 'express'
import type { Services } from '../app'
import type { Customer } from '../customers'
import { draftOf, showAgain } from '../drafts'
import { amountProblems, hasProblems, parseAmount, textField } from '../forms'
import { approvalOf } from '../guard-note'
import { customerOf } from '../session'
import { formatMoney } from '../money'
import { isScript, show } from '../views'

export function withdrawals({ authsignal, bank }: Services): Router {
  const router = Router()
  const guardWithdrawal = authsignal.guard('withdraw', { attributes: describeWithdrawal })

  const checkForm: RequestHandler = (req, res, next) => {
    const problems = amountProblems(parseAmount(req.body), bank.balance(customerOf(req).id))
    if (!hasProblems(problems)) next()
    else if (isScript(req)) res.status(422).json({ title: 'Please change the amount', text: problems.amount })
    else showAgain(req, res, '/withdrawals/new', { amount: textField(req.body, 'amount') })
  }

  // The page's script repeats the request after the pop-up; without scripts, the form is brought back. Either way the
  // handler is reached once. The demo's rules block what is more than 200: change them in the emulator's dashboard.
  const createWithdrawal: RequestHandler = (req, res) => {
    const { idempotencyKey, ...approval } = approvalOf(req)
    const [from, amount] = [customerOf(req).id, parseAmount(req.body)]
    bank.transfer({ payee: 'Cash card', amount, from, idempotencyKey, approval })
    if (isScript(req)) res.json(receipt(amount, bank.balance(from)))
    else res.redirect(303, '/')
  }

  router.get('/withdrawals/new', (req, res) => {
    const draft = draftOf(req)
    const balance = bank.balance(customerOf(req).id)
    const problems = draft ? amountProblems(parseAmount(draft), balance) : {}
    show(req, res, 'withdraw', { balance, problems, values: { amount: textField(draft, 'amount') } })
  })
  router.post('/withdrawals', checkForm, guardWithdrawal, createWithdrawal)

  return router
}

function receipt(amount: number, balance: number) {
  const text = `Confirmed, and ready at any cash machine. You have ${formatMoney(balance)} left.`
  return { title: `${formatMoney(amount)} is on your cash card`, text, balance: formatMoney(balance) }
}

function describeWithdrawal({ body, customer }: { body?: unknown; customer?: Customer }) {
  return { email: customer?.email, custom: { amount: parseAmount(body) / 100, currency: 'GBP' } }
}
