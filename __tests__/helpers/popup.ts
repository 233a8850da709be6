import type { Emulator } from 'authsignal-emulator'
import type { Frame, Page } from 'playwright-core'

/** The challenge in the pop-up on this page, once it can be used. */
export async function popupOn(page: Page): Promise<Frame> {
  const frame = await (await page.waitForSelector('iframe[name=authsignal]')).contentFrame()
  if (!frame) throw new Error('The pop-up has no frame')
  await frame.getByLabel('6-digit code').waitFor()
  await page.waitForSelector('.as-popup-visible .as-iframe-ready')
  return frame
}

/** A pop-up moves as it opens, so that a click of the mouse could miss: its buttons are sent the event. */
export async function confirmIn(popup: Frame, emulator: Emulator): Promise<void> {
  await popup.getByLabel('6-digit code').fill(String(emulator.outbox.at(-1)?.code))
  await popup.getByRole('button', { name: 'Verify' }).dispatchEvent('click')
}

export async function cancelIn(popup: Frame): Promise<void> {
  await popup.getByRole('button', { name: 'Cancel' }).dispatchEvent('click')
}

/** Until the pop-up has left the page: another one may follow it. */
export async function gone(popup: Frame): Promise<void> {
  while (!popup.isDetached()) await popup.page().waitForEvent('framedetached')
}
