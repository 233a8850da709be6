import type { Emulator } from 'authsignal-emulator'
import type { Page } from 'playwright-core'

/* What a user does on the challenge page, once the browser is there. */

export async function enterCode(page: Page, emulator: Emulator): Promise<void> {
  await page.waitForURL(/\/challenge\?/)
  await page.fill('input[autocomplete=one-time-code]', String(emulator.outbox.at(-1)?.code))
  await page.keyboard.press('Enter')
}

export async function quit(page: Page): Promise<void> {
  await page.waitForURL(/\/challenge\?/)
  await page.click('text=Cancel')
}
