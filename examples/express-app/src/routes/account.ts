import { Router } from 'express'
import type { Services } from '../app'
import type { Movement } from '../bank'
import { customerOf } from '../session'
import { show } from '../views'

export function account({ authsignal, bank }: Services): Router {
  const router = Router()

  router.get('/', (req, res) => {
    const { id } = customerOf(req)
    show(req, res, 'home', { balance: bank.balance(id), movements: bank.movements(id).slice(0, 8) })
  })

  // With maxAge, one passed challenge is good for five minutes of reading, instead of for one request.
  router.get('/statement', authsignal.guard('viewStatement', { maxAge: '5m' }), (req, res) => {
    const { id } = customerOf(req)
    const movements = bank.movements(id)
    show(req, res, 'statement', { balance: bank.balance(id), movements, ...totals(movements) })
  })

  return router
}

function totals(movements: readonly Movement[]): { moneyIn: number; moneyOut: number } {
  const amounts = movements.map(({ amount }) => amount)
  return { moneyIn: sum(amounts.filter((amount) => amount > 0)), moneyOut: sum(amounts.filter((amount) => amount < 0)) }
}

function sum(amounts: number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0)
}
