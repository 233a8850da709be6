import type { Page } from 'playwright-core'
import { useChromium } from './chromium'
import { enrollEmail, enrollPhone, sdkFor, useEmulator } from './helpers'

const emulator = useEmulator()
const context = useChromium()

async function track(action: string, attributes = {}, userId = 'alice'): Promise<string> {
  const redirectUrl = `${emulator().url}/outbox`
  const custom = { amount: '1,250.00 EUR', payee: 'Bob' }
  const request = { userId, action, attributes: { redirectUrl, custom, ...attributes } }
  return (await sdkFor(emulator()).track(request)).url
}

/** A moment after the page has loaded. */
async function codeFieldFocused(page: Page): Promise<void> {
  await page.waitForFunction(() => document.activeElement?.id === 'code')
}

function wrongCode(): string {
  return emulator().outbox.at(-1)?.code === '000000' ? '111111' : '000000'
}

async function focused(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent.trim().replaceAll(/\s+/g, ' ') ?? '')
}

beforeEach(() => {
  emulator().rules.set('transfer', 'CHALLENGE_REQUIRED')
})

test('a challenge is passed by keyboard alone', async () => {
  await enrollEmail(emulator(), 'alice')
  await enrollPhone(emulator(), 'alice')
  const page = await context().newPage()
  await page.goto(await track('transfer'))
  await codeFieldFocused(page)
  const order: string[] = []
  for (let stop = 1; stop <= 4; stop++) {
    await page.keyboard.press('Tab')
    order.push(await focused(page))
  }
  expect(order).toEqual(['Verify', 'Send another code', 'Cancel', 'Try another way'])
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  expect(await focused(page)).toBe('Code by text message •••1234')
  await page.keyboard.press('Enter')
  await page.getByText('We sent a code to •••1234.').waitFor()
  await codeFieldFocused(page)
  await page.keyboard.type(emulator().outbox.at(-1)?.code ?? '')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/outbox?token=*')
  expect(emulator().actions[0]).toMatchObject({ state: 'CHALLENGE_SUCCEEDED', verificationMethod: 'SMS' })
})

test('a wrong code is told to a screen reader: in the title, as an alert, and by the field itself', async () => {
  const page = await context().newPage()
  await page.goto(await track('transfer'))
  await codeFieldFocused(page)
  await page.getByLabel('6-digit code').fill(wrongCode())
  await page.keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  expect(await page.title()).toMatch(/^Wrong code\./)
  const snapshot = await page.locator('main').ariaSnapshot()
  expect(snapshot).toContain('alert: That code is not right. You have 4 more tries.')
  expect(snapshot).toContain('textbox "6-digit code" [invalid]')
  expect(await page.getByLabel('6-digit code').getAttribute('aria-describedby')).toBe('sent error')
})

test('a page that is loaded again sends no form again', async () => {
  const page = await context().newPage()
  await page.goto(await track('transfer'))
  await codeFieldFocused(page)
  await page.getByRole('button', { name: 'Send another code' }).click()
  await page.getByRole('status').waitFor()
  await page.reload()
  await page.getByLabel('6-digit code').fill(wrongCode())
  await page.keyboard.press('Enter')
  await page.getByText('You have 4 more tries.').waitFor()
  await page.reload()
  await page.reload()
  await page.getByLabel('6-digit code').fill(wrongCode())
  await page.keyboard.press('Enter')
  await page.getByText('You have 3 more tries.').waitFor()
  expect(emulator().outbox).toHaveLength(2)
})

test('no page scrolls sideways on a small phone', async () => {
  const page = await context().newPage()
  await page.setViewportSize({ width: 320, height: 640 })
  const userId = 'x'.repeat(60)
  const custom = { reference: 'x'.repeat(300), ['k'.repeat(48)]: { nested: ['x'.repeat(60)] } }
  const challenge = await track('transfer', { custom }, userId)
  const enrolment = await track('login', { custom }, userId)
  const token = new URL(enrolment).searchParams.get('token') ?? ''
  const methods = ['EMAIL_OTP', 'SMS', 'AUTHENTICATOR_APP', 'PASSKEY']
  const forms = methods.map((method) => `${emulator().url}/enroll?token=${token}&method=${method}`)
  for (const url of [challenge, enrolment, ...forms]) expect(await overflow(page, url)).toBe(0)
  await page.goto(String(forms[0]))
  await page.getByLabel('E-mail address').fill(`${'a'.repeat(60)}@example.com`)
  await page.keyboard.press('Enter')
  await codeFieldFocused(page)
  expect(await overflow(page, page.url())).toBe(0)
  await enrollEmail(emulator(), userId, `${'a'.repeat(60)}@example.com`)
  expect(await overflow(page, await track('login', { redirectToSettings: true }, userId))).toBe(0)
})

async function overflow(page: Page, url: string): Promise<number> {
  await page.goto(url)
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
}
