import { once } from 'node:events'
import { startEmulator } from 'authsignal-emulator'
import { logDecisions } from './decision-log'
import { startOnPort } from './ports'
import { type BankServer, openBank } from './server'

async function main(): Promise<void> {
  const bank = await startOnPort('PORT', 3000, openBank)
  try {
    await serveUntilInterrupted(bank)
  } finally {
    await bank.close()
  }
}

async function serveUntilInterrupted(bank: BankServer): Promise<void> {
  const { seed } = bank
  const emulator = await startOnPort('EMULATOR_PORT', 4300, (port) => startEmulator({ port, seed }))
  try {
    bank.serve(emulator)
    greet(bank.url, emulator.url)
    logDecisions()
    await interrupted()
  } finally {
    await emulator.close()
  }
}

function greet(bank: string, emulator: string): void {
  console.log(`
  The bank      ${bank}
  Authsignal    ${emulator}  (a local emulator: rules, actions, codes)

  Try this:
  1. Log in as Alice and send money: you are challenged, come back, and it is booked once.
  2. Press Back on the receipt: the challenge is spent, so nothing is booked twice.
  3. Withdraw 50 to your cash card: the challenge is a pop-up. Withdraw 250: the rules block it.
  4. Change your settings: confirmed once, it is good for five minutes. The statement: the rules allow it.
  5. Security: set up a way to confirm, and come back. What happened is told by webhooks.
  6. Change the rules in the emulator, and try again. Ctrl-C stops both.

  What the guards decide is told here:
`)
}

async function interrupted(): Promise<void> {
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
