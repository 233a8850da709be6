import { randomUUID } from 'node:crypto'
import createError from 'http-errors'
import { customers, type Customer, type Profile } from './customers'

/** How Authsignal came to let a payment pass: kept with it, as a bank would for its audit trail. */
export interface Approval {
  state: string
  challenged: boolean
  verificationMethod?: string
}

export interface Movement {
  id: string
  at: Date
  payee: string
  note: string
  /** In pence; negative is money out. */
  amount: number
  approval?: Approval
}

export interface Payment {
  from: string
  payee: string
  /** In pence. */
  amount: number
  note?: string
  idempotencyKey: string
  approval?: Approval
}

/** A bank in memory. A balance is the sum of its movements, so the two can't disagree. */
export class Bank {
  readonly customers = customers.map((customer) => ({ ...customer }))
  readonly #movements = new Map(customers.map(({ id }) => [id, openingMovements()]))
  readonly #booked = new Map<string, Movement>()

  customer(id: string | undefined): Customer | undefined {
    return this.customers.find((customer) => customer.id === id)
  }

  changeProfile(customerId: string, profile: Profile): void {
    const customer = this.customer(customerId)
    if (!customer) throw createError(404, 'There is no such customer.')
    Object.assign(customer, profile)
  }

  /** Newest first. */
  movements(customerId: string): readonly Movement[] {
    return this.#movements.get(customerId) ?? []
  }

  movement(customerId: string, id: string): Movement | undefined {
    return this.movements(customerId).find((movement) => movement.id === id)
  }

  balance(customerId: string): number {
    return this.movements(customerId).reduce((sum, { amount }) => sum + amount, 0)
  }

  /** Books once per idempotency key: asked again, it gives the movement that is booked already. */
  transfer({ from, payee, amount, note = '', idempotencyKey, approval }: Payment): Movement {
    const booked = this.#booked.get(idempotencyKey)
    if (booked) return booked

    const account = this.#movements.get(from)
    if (!account) throw createError(404, 'There is no such account.')
    if (!Number.isSafeInteger(amount) || amount <= 0) throw createError(422, 'That is not an amount that can be sent.')
    if (amount > this.balance(from)) throw createError(409, 'There is no longer enough money in the account.')

    const movement = { id: randomUUID(), at: new Date(), payee, note, amount: -amount, approval }
    account.unshift(movement)
    this.#booked.set(idempotencyKey, movement)
    return movement
  }
}

function openingMovements(): Movement[] {
  return [
    { id: randomUUID(), at: daysAgo(1), payee: 'Corner Grocer', note: 'Card', amount: -3_245 },
    { id: randomUUID(), at: daysAgo(2), payee: 'City Transport', note: 'Monthly pass', amount: -6_800 },
    { id: randomUUID(), at: daysAgo(4), payee: 'Salary', note: 'Northwind Ltd', amount: 285_000 },
    { id: randomUUID(), at: daysAgo(6), payee: 'Rent', note: 'Standing order', amount: -98_000 },
    { id: randomUUID(), at: daysAgo(9), payee: 'Opening balance', note: '', amount: 154_030 },
  ]
}

function daysAgo(days: number): Date {
  return new Date(Date.now() - days * 24 * 60 * 60 * 1000)
}
