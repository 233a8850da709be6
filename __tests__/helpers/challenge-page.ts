import type { Emulator } from 'authsignal-emulator'
import type { Page } from 'playwright-core'

/* What a user does on the challenge page, once the browser is there. */

const challengePage = /\/challenge\?/

export async function enterCode(page: Page, emulator: Emulator): Promise<void> {
  await page.waitForURL(challengePage)
  await page.fill('input[autocomplete=one-time-code]', codeFor(page, emulator))
  await page.keyboard.press('Enter')
}

export async function quit(page: Page): Promise<void> {
  await page.waitForURL(challengePage)
  await page.click('text=Cancel')
}

/** The latest code that was sent for the challenge on this very page. */
function codeFor(page: Page, { outbox }: Emulator): string {
  const [, payload = ''] = String(new URL(page.url()).searchParams.get('token')).split('.')
  const { idempotencyKey } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { idempotencyKey: string }
  return String(outbox.findLast((message) => message.idempotencyKey === idempotencyKey)?.code)
}
