import type { Emulator } from 'authsignal-emulator'
import type { Locator, Page } from 'playwright-core'

/* What a user does on the challenge page, once it is shown. It is known by what is on it: to wait for its url ends in an
   error where a second click breaks off the way there and starts anew. */

export async function enterCode(page: Page, emulator: Emulator): Promise<void> {
  const code = await shownField(page)
  await code.fill(codeFor(page, emulator))
  await code.press('Enter')
}

export async function quit(page: Page): Promise<void> {
  await shownField(page)
  await page.click('text=Cancel')
}

async function shownField(page: Page): Promise<Locator> {
  const field = page.locator('input[autocomplete=one-time-code]')
  await field.waitFor()
  return field
}

/** The latest code that was sent for the challenge on this very page. */
function codeFor(page: Page, { outbox }: Emulator): string {
  const [, payload = ''] = String(new URL(page.url()).searchParams.get('token')).split('.')
  const { idempotencyKey } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { idempotencyKey: string }
  return String(outbox.findLast((message) => message.idempotencyKey === idempotencyKey)?.code)
}
