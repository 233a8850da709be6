import { startEmulator, type Emulator } from 'authsignal-emulator'
import type { BrowserContext, Page } from 'playwright-core'
import { startBank } from '../../examples/express-app/src/server'
import { enterCode } from '../helpers/challenge-page'
import { screenshot, useBrowser } from '../helpers/chromium'
import { cancelIn, confirmIn, gone, popupOn } from '../helpers/popup'

const browser = useBrowser()
let emulator: Emulator
let bank: Awaited<ReturnType<typeof startBank>>
let context: BrowserContext
let page: Page

beforeAll(async () => {
  emulator = await startEmulator()
  bank = await startBank({ emulator })
})
afterAll(async () => {
  await bank.close()
  await emulator.close()
})
beforeEach(async () => {
  context = await browser().newContext()
  page = await context.newPage()
  await page.emulateMedia({ reducedMotion: 'reduce' })
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

const confirm = () => enterCode(page, emulator)

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
  await confirm()
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
  const bare = await browser().newContext({ javaScriptEnabled: false })
  page = await bare.newPage()
  await logIn('alice')
  await fillTransfer('Button Ltd', '3.00', 'no scripts')
  await page.click('button[type=submit]')
  await confirm()
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
  await confirm()
  await page.waitForSelector('text=Transfer sent')
  expect(await movementsTo('Second Thoughts')).toBe(1)
})

it('the way back from the receipt books nothing again', async () => {
  await logIn()
  await fillTransfer('Once Only', '4.00', '')
  await page.click('button[type=submit]')
  await confirm()
  await page.waitForSelector('text=Transfer sent')
  await page.goBack()
  await page.goBack().catch(() => null)
  expect(await movementsTo('Once Only')).toBe(1)
})

async function fillWithdrawal(amount: string) {
  await page.goto(`${bank.url}/withdrawals/new`)
  await page.fill('#amount', amount)
}

it('a withdrawal is confirmed in a pop-up, on the page that asks for it', async () => {
  await logIn()
  await fillWithdrawal('50')
  await screenshot(page, '8-withdraw')
  await page.click('button[type=submit]')
  const popup = await popupOn(page)
  await screenshot(page, '8-withdraw-pop-up')
  await confirmIn(popup, emulator)
  await page.waitForSelector('#result:not([hidden])')
  await gone(popup)
  await screenshot(page, '8-withdrawn')
  expect(await page.textContent('#result')).toContain('£50.00 is on your cash card')
  expect(page.url()).toBe(`${bank.url}/withdrawals/new`)
  expect(await movementsTo('Cash card')).toBe(1)
})

it('a pop-up that is cancelled withdraws nothing, and the page says so', async () => {
  await logIn('bob')
  await fillWithdrawal('50')
  await page.click('button[type=submit]')
  const popup = await popupOn(page)
  await cancelIn(popup)
  await page.waitForSelector('#result:not([hidden])')
  await gone(popup)
  await screenshot(page, '8-withdraw-cancelled')
  expect(await page.textContent('#result')).toContain('no money has moved')
  expect(await page.inputValue('#amount')).toBe('50')
  expect(await movementsTo('Cash card')).toBe(0)
})

it('a large withdrawal is refused, an allowed statement is shown', async () => {
  await logIn()
  await fillWithdrawal('250')
  await page.click('button[type=submit]')
  await page.waitForSelector('#result:not([hidden])')
  await screenshot(page, '8-blocked')
  expect(await page.textContent('#result')).toMatch(/refused/i)
  await page.goto(`${bank.url}/statement`)
  await screenshot(page, '9-statement')
  expect(await page.textContent('.note')).toMatch(/allow/i)
})

it('an amount that has to be changed is told at its field, until another one is withdrawn', async () => {
  await logIn('bob')
  await fillWithdrawal('all of it')
  await page.evaluate('HTMLFormElement.prototype.submit.call(document.querySelector("form.form"))')
  await page.waitForSelector('#amount-problem')
  const field = page.getByLabel('Amount in pounds')
  await field.fill('none')
  await page.click('button[type=submit]')
  await page.waitForSelector('#result:has-text("Please change the amount")')
  expect(await field.getAttribute('aria-invalid')).toBe('true')
  await field.fill('10')
  await page.click('button[type=submit]')
  const popup = await popupOn(page)
  await confirmIn(popup, emulator)
  await page.waitForSelector('#result.done')
  await gone(popup)
  expect(await page.textContent('#result')).toContain('£10.00 is on your cash card')
  expect(await page.textContent('#amount-hint')).toMatch(/^You have £[\d,.]+\.$/)
  expect(await page.locator('#amount-problem').count()).toBe(0)
  expect([await field.getAttribute('aria-invalid'), await field.inputValue()]).toEqual([null, ''])
})

it('with scripts off, a withdrawal goes to the challenge and comes back', async () => {
  const bare = await browser().newContext({ javaScriptEnabled: false })
  page = await bare.newPage()
  await logIn('chiara')
  await fillWithdrawal('20')
  await page.click('button[type=submit]')
  await confirm()
  await page.waitForURL(`${bank.url}/authsignal/callback/**`)
  await page.click('button')
  await page.waitForURL(`${bank.url}/`)
  expect(await movementsTo('Cash card')).toBe(1)
  await fillWithdrawal('250')
  await page.click('button[type=submit]')
  await page.waitForSelector('text=This was refused')
  await bare.close()
})

it('settings are confirmed once, and may then be changed for five minutes', async () => {
  await logIn('bob')
  await page.click('nav >> text=Settings')
  await confirm()
  await page.waitForSelector('h1:has-text("Settings")')
  await screenshot(page, '10-settings')
  await page.fill('#name', 'Robert Osei')
  await page.fill('#email', 'nowhere')
  await page.click('button[type=submit]')
  await page.waitForSelector('#email-problem')
  await page.fill('#email', 'robert@example.com')
  await page.click('button[type=submit]')
  await page.waitForSelector('text=Saved')
  await screenshot(page, '10-settings-saved')
  expect(await page.textContent('.who')).toBe('Robert Osei')
  const asked = emulator.actions.filter(
    ({ actionCode, state }) => actionCode === 'changeSettings' && state === 'CHALLENGE_SUCCEEDED',
  )
  expect(asked).toHaveLength(1)
})

it('a customer sets up a way to confirm on the self-service page, and comes back to see it', async () => {
  await logIn('chiara')
  await page.click('nav >> text=Security')
  await page.waitForSelector('text=You have not set up a way yet')
  await page.click('text=Add or remove')
  await confirm()
  await page.waitForURL(`${emulator.url}/settings**`)
  await page.click('text=Add an authenticator')
  await page.click('a:has-text("Text message")')
  await page.fill('#address', '+64 21 123 4567')
  await page.click('button:has-text("Send a code")')
  await page.fill('#code', String(emulator.outbox.at(-1)?.code))
  await page.click('button:has-text("Verify")')
  await page.waitForSelector('text=Your recovery codes')
  await page.click('text=Continue')
  await page.click('button:has-text("Back")')
  await page.waitForURL(`${bank.url}/security`)
  expect(await page.textContent('#authenticators')).toMatch(/Text message code\s*\+64211234567/)
  await emulator.webhooks.settled()
  await page.reload()
  await screenshot(page, '11-security')
  expect(await page.textContent('#events')).toMatch(/Way to confirm added\s*Text message code/)
  // Nothing is granted by coming back: the next guard asks.
  await fillTransfer('Still asked', '1.00', '')
  await page.click('button[type=submit]')
  await page.waitForURL(`${emulator.url}/challenge**`)
})

it('a phone that the bank has verified is enrolled after a challenge, without another code to it', async () => {
  await logIn('bob')
  await page.goto(`${bank.url}/security`)
  await screenshot(page, '12-security-empty')
  await page.click('text=Use this number')
  await page.waitForURL(`${emulator.url}/**`)
  expect(await page.textContent('body')).toContain('+447700900124')
  await confirm()
  await page.waitForURL(`${bank.url}/security`)
  await emulator.webhooks.settled()
  await page.reload()
  await screenshot(page, '12-security-phone')
  expect(await page.textContent('#authenticators')).toContain('+447700900124')
  expect(await page.locator('text=Use this number').count()).toBe(0)
  expect(await page.textContent('#events')).toContain('Phone confirmed')
})

it('a new e-mail address is told to Authsignal, and gets the next code', async () => {
  await logIn('alice')
  await page.goto(`${bank.url}/settings`)
  await confirm()
  await page.fill('#email', 'alice@new.example')
  await page.click('button[type=submit]')
  await page.waitForSelector('text=Saved')
  expect(emulator.users.find(({ userId }) => userId === 'alice')).toMatchObject({ email: 'alice@new.example' })
  await fillTransfer('New address', '1.00', '')
  await page.click('button[type=submit]')
  await confirm()
  await page.waitForSelector('text=Transfer sent')
  expect(emulator.outbox.at(-1)?.to).toBe('alice@new.example')
})

it('a webhook that is forged is refused, by the page that tells errors', async () => {
  const headers = { 'content-type': 'application/json', 'x-signature-v2': 't=1,v2=forged', accept: 'text/html' }
  const answer = await fetch(`${bank.url}/webhooks/authsignal`, { method: 'POST', body: '{}', headers })
  expect(answer.status).toBe(400)
  expect(await answer.text()).toContain('<h1>Something went wrong on our side</h1>')
})

it('a phone sees it all', async () => {
  await context.close()
  context = await browser().newContext({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' })
  page = await context.newPage()
  await logIn()
  await screenshot(page, 'phone-home')
  await fillWithdrawal('50')
  await page.click('button[type=submit]')
  const popup = await popupOn(page)
  await screenshot(page, 'phone-withdraw-pop-up')
  await cancelIn(popup)
  await page.waitForSelector('#result:not([hidden])')
  await screenshot(page, 'phone-withdraw-cancelled')
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
  await fillTransfer('Pocket', '1.00', '')
  await page.click('button[type=submit]')
  await page.waitForURL(`${emulator.url}/**`)
  await screenshot(page, 'phone-challenge')
  await confirm()
  await page.waitForSelector('text=Transfer sent')
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
  await page.goto(`${bank.url}/security`)
  await screenshot(page, 'phone-security')
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
})
