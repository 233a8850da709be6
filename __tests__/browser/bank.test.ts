import { startEmulator, type Emulator } from 'authsignal-emulator'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { startBank } from '../../examples/express-app/src/server'
import { launchChromium, screenshot } from '../helpers/chromium'

let browser: Browser
let emulator: Emulator
let bank: Awaited<ReturnType<typeof startBank>>
let context: BrowserContext
let page: Page

beforeAll(async () => {
  browser = await launchChromium()
  emulator = await startEmulator()
  bank = await startBank({ emulator })
})
afterAll(async () => {
  await browser.close()
  await bank.close()
  await emulator.close()
})
beforeEach(async () => {
  context = await browser.newContext()
  page = await context.newPage()
})
afterEach(() => context.close())

async function logIn(userId = 'alice') {
  await page.goto(`${bank.url}/login`)
  await page.click(`button[name=userId][value=${userId}]`)
  await page.waitForSelector('#movements')
}

async function fillTransfer(payee: string, amount: string, note: string) {
  await page.goto(`${bank.url}/transfers/new`)
  await page.fill('#payee', payee)
  await page.fill('#amount', amount)
  await page.fill('#note', note)
}

async function enterCode() {
  await page.waitForURL(`${emulator.url}/**`)
  await page.fill('input[autocomplete=one-time-code]', String(emulator.outbox.at(-1)?.code))
  await page.keyboard.press('Enter')
}

async function movementsTo(payee: string): Promise<number> {
  await page.goto(bank.url)
  return page.locator('#movements tr', { hasText: payee }).count()
}

it('a transfer is challenged, confirmed by a code, and booked once with the fields first given', async () => {
  await page.goto(`${bank.url}/login`)
  await screenshot(page, '1-login')
  await logIn()
  await screenshot(page, '2-home')
  await fillTransfer('Zoë & Söhne', '12.50', 'Rent <May>')
  await screenshot(page, '3-transfer')
  await page.click('button[type=submit]')
  await page.waitForURL(`${emulator.url}/**`)
  await screenshot(page, '4-challenge')
  expect(await page.textContent('body')).toContain('Zoë & Söhne')
  await enterCode()
  await page.waitForSelector('text=Transfer sent')
  await screenshot(page, '5-receipt')
  expect(page.url().startsWith(bank.url)).toBe(true)
  const receipt = String(await page.textContent('main'))
  for (const words of ['Zoë & Söhne', '12.50', 'Rent <May>']) expect(receipt).toContain(words)
  expect(await movementsTo('Zoë & Söhne')).toBe(1)
  const transfers = emulator.actions.filter(({ actionCode }) => actionCode === 'transfer')
  expect(transfers).toMatchObject([{ state: 'CHALLENGE_SUCCEEDED', attributes: { custom: { payee: 'Zoë & Söhne' } } }])
})

it('with scripts off, the form goes on by its button', async () => {
  const bare = await browser.newContext({ javaScriptEnabled: false })
  page = await bare.newPage()
  await logIn('alice')
  await fillTransfer('Button Ltd', '3.00', 'no scripts')
  await page.click('button[type=submit]')
  await enterCode()
  await page.waitForURL(`${bank.url}/authsignal/callback/**`)
  await screenshot(page, '6-resume-without-scripts')
  await page.click('button')
  await page.waitForSelector('text=Transfer sent')
  expect(await movementsTo('Button Ltd')).toBe(1)
  await bare.close()
})

it('a user who quits is told so, may try again, and nothing is booked before', async () => {
  await logIn()
  await fillTransfer('Second Thoughts', '7.00', '')
  await page.click('button[type=submit]')
  await page.waitForURL(`${emulator.url}/**`)
  await page.click('text=Cancel')
  await page.waitForURL(`${bank.url}/authsignal/callback/**`)
  await screenshot(page, '7-quit')
  expect(await page.textContent('h1')).toBe('Not confirmed yet')
  const quitPage = page.url()
  expect(await movementsTo('Second Thoughts')).toBe(0)
  await page.goto(quitPage)
  await page.click('text=Try again')
  await enterCode()
  await page.waitForSelector('text=Transfer sent')
  expect(await movementsTo('Second Thoughts')).toBe(1)
})

it('the way back from the receipt books nothing again', async () => {
  await logIn()
  await fillTransfer('Once Only', '4.00', '')
  await page.click('button[type=submit]')
  await enterCode()
  await page.waitForSelector('text=Transfer sent')
  await page.goBack()
  await page.goBack().catch(() => null)
  expect(await movementsTo('Once Only')).toBe(1)
})

it('a blocked withdrawal is refused, an allowed statement is shown', async () => {
  await logIn()
  await page.goto(`${bank.url}/withdrawals/new`)
  await page.fill('#amount', '20')
  await page.click('button[type=submit]')
  await page.waitForLoadState()
  await screenshot(page, '8-blocked')
  expect(await page.textContent('h1')).toMatch(/refused/i)
  await page.goto(`${bank.url}/statement`)
  await screenshot(page, '9-statement')
  expect(await page.textContent('.note')).toMatch(/allow/i)
})

it('a phone sees it all', async () => {
  await context.close()
  context = await browser.newContext({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' })
  page = await context.newPage()
  await logIn()
  await screenshot(page, 'phone-home')
  await fillTransfer('Pocket', '1.00', '')
  await page.click('button[type=submit]')
  await page.waitForURL(`${emulator.url}/**`)
  await screenshot(page, 'phone-challenge')
  await enterCode()
  await page.waitForSelector('text=Transfer sent')
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
})
