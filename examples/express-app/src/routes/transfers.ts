import { Router, type RequestHandler } from 'express'
import createError from 'http-errors'
import type { Services } from '../app'
import type { Customer } from '../customers'
import { draftOf, showAgain } from '../drafts'
import { hasProblems, parseTransfer, transferFields, transferProblems } from '../forms'
import { approvalOf } from '../guard-note'
import { customerOf } from '../session'
import { show } from '../views'

export function transfers({ authsignal, bank }: Services): Router {
  const router = Router()
  const guardTransfer = authsignal.guard('transfer', { attributes: describeTransfer })

  // Before the guard: nobody should be challenged for a form that is refused afterwards.
  const checkForm: RequestHandler = (req, res, next) => {
    const problems = transferProblems(parseTransfer(req.body), bank.balance(customerOf(req).id))
    if (!hasProblems(problems)) next()
    else showAgain(req, res, '/transfers/new', transferFields(req.body))
  }

  // Behind the guard: the challenge for these very fields was passed, and is spent now.
  const createTransfer: RequestHandler = (req, res) => {
    const { idempotencyKey, ...approval } = approvalOf(req)
    const from = customerOf(req).id
    const { id } = bank.transfer({ ...parseTransfer(req.body), from, idempotencyKey, approval })
    res.redirect(303, `/transfers/${id}`)
  }

  router.get('/transfers/new', (req, res) => {
    const draft = draftOf(req)
    const balance = bank.balance(customerOf(req).id)
    const problems = draft ? transferProblems(parseTransfer(draft), balance) : {}
    show(req, res, 'transfer', { balance, problems, values: transferFields(draft) })
  })
  router.post('/transfers', checkForm, guardTransfer, createTransfer)
  router.get('/transfers/:id', (req, res) => {
    const movement = bank.movement(customerOf(req).id, req.params.id)
    if (!movement) throw createError(404, 'There is no such transfer.')
    show(req, res, 'receipt', { movement })
  })

  return router
}

/** What Authsignal's rules can decide by, what the challenge page shows, and what the challenge is good for. */
function describeTransfer({ body, customer }: { body?: unknown; customer?: Customer }) {
  const { payee, amount } = parseTransfer(body)
  return { email: customer?.email, custom: { payee, amount: amount / 100, currency: 'GBP' } }
}
