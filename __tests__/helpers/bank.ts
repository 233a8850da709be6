import { createServer } from 'node:http'
import { startEmulator, type Emulator } from 'authsignal-emulator'
import { createAuthsignal, type AuthsignalOptions } from 'authsignal-express'
import type { Page } from 'playwright-core'
import { createApp } from '../../examples/express-app/src/app'
import { Bank, type Payment } from '../../examples/express-app/src/bank'
import { listen } from './listen'

/** The example bank, which tells what its handlers were called with. */
export interface WatchedBank {
  emulator: Emulator
  url: string
  payments: Payment[]
  close(): Promise<void>
}

export async function startWatchedBank(options: Omit<AuthsignalOptions, 'client'> = {}): Promise<WatchedBank> {
  const emulator = await startEmulator()
  const { apiUrl, apiSecretKey } = emulator
  emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
  const payments: Payment[] = []
  class WatchedBank extends Bank {
    override transfer(payment: Payment) {
      payments.push(payment)
      return super.transfer(payment)
    }
  }
  const authsignal = createAuthsignal({ apiUrl, apiSecretKey, ...options })
  const app = createApp({ authsignal, bank: new WatchedBank(), challengeOrigin: emulator.url })
  const server = await listen(createServer(app))
  return {
    emulator,
    url: server.url,
    payments,
    close: async () => {
      await server.close()
      await emulator.close()
    },
  }
}

/** What was booked, after it was made sure that each payment was confirmed as it is, and once. */
export function bookings({ payments, emulator }: WatchedBank): string[] {
  const keys = payments.map(({ idempotencyKey }) => idempotencyKey)
  expect(new Set(keys).size).toBe(keys.length)
  for (const { from, payee, amount, idempotencyKey } of payments) {
    const action = emulator.actions.find((tracked) => tracked.idempotencyKey === idempotencyKey)
    const custom = { payee, amount: amount / 100, currency: 'GBP' }
    expect(action).toMatchObject({ userId: from, state: 'CHALLENGE_SUCCEEDED', attributes: { custom } })
  }
  return payments.map(({ from, payee, amount }) => `${from} pays ${payee} ${amount / 100}`)
}

export async function logIn(page: Page, { url }: WatchedBank, userId = 'alice'): Promise<void> {
  await page.goto(`${url}/login`)
  await page.click(`button[name=userId][value=${userId}]`)
  await page.waitForSelector('#movements')
}

/** Fills in a transfer, and leaves it to be sent. */
export async function fillTransfer(page: Page, { url }: WatchedBank, payee: string, amount: number): Promise<void> {
  await page.goto(`${url}/transfers/new`)
  await page.fill('#payee', payee)
  await page.fill('#amount', String(amount))
}

export async function sendTransfer(page: Page, bank: WatchedBank, payee: string, amount: number): Promise<void> {
  await fillTransfer(page, bank, payee, amount)
  await page.click('main button[type=submit]')
}
