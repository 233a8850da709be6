import type { Profile } from './customers'
import { parseMoney } from './money'

export type Problems = Partial<Record<'payee' | 'amount' | 'note' | 'name' | 'email', string>>

export interface TransferForm {
  payee: string
  /** In pence; NaN where the field held no amount. */
  amount: number
  note: string
}

/** A field as it was typed; empty where it is missing or was sent twice. */
export function textField(body: unknown, name: string): string {
  const value = (body as Partial<Record<string, unknown>> | undefined)?.[name]
  return typeof value === 'string' ? value.trim() : ''
}

export function transferFields(body: unknown): Record<'payee' | 'amount' | 'note', string> {
  return { payee: textField(body, 'payee'), amount: textField(body, 'amount'), note: textField(body, 'note') }
}

export function parseTransfer(body: unknown): TransferForm {
  return { ...transferFields(body), amount: parseAmount(body) }
}

export function parseAmount(body: unknown): number {
  return parseMoney(textField(body, 'amount'))
}

/** What is wrong with a form, by field, in the order of the fields. */
export function transferProblems({ payee, amount, note }: TransferForm, balance: number): Problems {
  const problems: Problems = {}
  if (payee === '') problems.payee = 'Say who the money is for.'
  if (payee.length > 60) problems.payee = 'Use at most 60 characters.'
  Object.assign(problems, amountProblems(amount, balance))
  if (note.length > 140) problems.note = 'Use at most 140 characters.'
  return problems
}

export function amountProblems(amount: number, balance: number): Problems {
  if (Number.isNaN(amount)) return { amount: 'Enter an amount such as 25 or 25.50.' }
  if (amount <= 0) return { amount: 'Enter more than zero.' }
  if (amount > balance) return { amount: 'That is more than you have.' }
  return {}
}

export function parseProfile(body: unknown): Profile {
  return { name: textField(body, 'name'), email: textField(body, 'email') }
}

export function profileProblems({ name, email }: Profile): Problems {
  const problems: Problems = {}
  if (name === '') problems.name = 'Say what we may call you.'
  if (name.length > 60) problems.name = 'Use at most 60 characters.'
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) problems.email = 'Enter an address such as alice@example.com.'
  if (email.length > 254) problems.email = 'Use at most 254 characters.'
  return problems
}

export function hasProblems(problems: Problems): boolean {
  return Object.keys(problems).length > 0
}
