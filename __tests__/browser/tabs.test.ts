import type { Browser, BrowserContext, Page } from 'playwright-core'
import { bookings, fillTransfer, logIn, sendTransfer, startWatchedBank, type WatchedBank } from '../helpers/bank'
import { enterCode, quit } from '../helpers/challenge-page'
import { useBrowser } from '../helpers/chromium'

/* What people do with tabs, the back button and reload. Wherever they end, they can read what became of it, and nothing
   is ever booked twice or with other values. */

const browser = useBrowser()
let bank: WatchedBank
let context: BrowserContext
let page: Page

beforeEach(async () => {
  bank = await startWatchedBank()
  await open()
})
afterEach(async () => {
  await context.close()
  await bank.close()
})

async function open(options: Parameters<Browser['newContext']>[0] = {}) {
  await (context as BrowserContext | undefined)?.close()
  context = await browser().newContext(options)
  page = await context.newPage()
  await logIn(page, bank)
}

const confirm = (at: Page = page) => enterCode(at, bank.emulator)
const reads = (words: string, at: Page = page) => at.waitForSelector(`main:has-text("${words}")`)
function transfers() {
  const asked = bank.emulator.actions.filter(({ actionCode }) => actionCode === 'transfer')
  return asked.map(({ attributes }) => attributes.custom?.payee)
}

const SENT = 'Transfer sent'
const DONE = 'This was confirmed and sent on already, and is not done twice.'
const NOT_BOOKED = 'Nothing was booked now'
const QUIT = 'You left before you confirmed that it is you. Nothing has been done.'
const APPROVED = 'This is approved already'

describe('tabs', () => {
  it('two transfers are in the air at once, and each is booked as it was sent', async () => {
    const other = await context.newPage()
    await sendTransfer(page, bank, 'Ada', 10)
    await sendTransfer(other, bank, 'Ben', 20)
    await confirm(other)
    await reads(SENT, other)
    await confirm()
    await reads(SENT)
    expect(await page.textContent('#receipt-payee')).toBe('Ada')
    expect(bookings(bank)).toEqual(['alice pays Ben 20', 'alice pays Ada 10'])
  })

  it('the same transfer in two tabs is one: the second is told that it is done', async () => {
    const other = await context.newPage()
    await sendTransfer(page, bank, 'Ada', 10)
    await sendTransfer(other, bank, 'Ada', 10)
    await confirm()
    await reads(SENT)
    await other.reload()
    await reads(APPROVED, other)
    await other.click('text=Back to the app')
    await reads(DONE, other)
    expect(transfers()).toEqual(['Ada'])
    expect(bookings(bank)).toEqual(['alice pays Ada 10'])
  })

  it('the same transfer once more, right away, is taken for a slip; a minute later it is another one', async () => {
    await sendTransfer(page, bank, 'Ada', 10)
    await confirm()
    await reads(SENT)
    await sendTransfer(page, bank, 'Ada', 10)
    await reads(NOT_BOOKED)
    expect(bookings(bank)).toHaveLength(1)
    // The browser forgets the form that was brought back.
    await context.clearCookies({ name: 'authsignal-resumed' })
    await sendTransfer(page, bank, 'Ada', 10)
    await confirm()
    await reads(SENT)
    expect(bookings(bank)).toEqual(['alice pays Ada 10', 'alice pays Ada 10'])
  })

  it('ten challenges in ten tabs leave one cookie, and all of them can be passed', async () => {
    const amounts = Array.from({ length: 10 }, (_, index) => index + 1)
    const tabs: Page[] = []
    for (const amount of amounts) {
      const tab = await context.newPage()
      await sendTransfer(tab, bank, 'Ada', amount)
      await tab.waitForURL(/\/challenge\?/)
      tabs.push(tab)
    }
    const ours = async () => (await context.cookies(bank.url)).filter(({ name }) => name.includes('authsignal'))
    const [cookie, ...more] = await ours()
    expect(more).toEqual([])
    expect(cookie).toMatchObject({ name: 'authsignal', httpOnly: true })
    for (const tab of tabs) {
      await confirm(tab)
      await reads(SENT, tab)
    }
    expect(bookings(bank)).toEqual(amounts.map((amount) => `alice pays Ada ${amount}`))
    // The mark of the forms that were brought back lasts a minute, and does not grow with their number.
    const [same, mark, ...others] = (await ours()).sort((a, b) => a.name.length - b.name.length)
    expect([same?.value, mark?.name, others]).toEqual([cookie?.value, 'authsignal-resumed', []])
    expect(mark?.value.length).toBeLessThan(400)
  })
})

describe('impatience', () => {
  it('a double click on Send books once', async () => {
    await fillTransfer(page, bank, 'Ada', 10)
    await page.dblclick('main button[type=submit]')
    await confirm()
    await reads(SENT)
    expect(bookings(bank)).toEqual(['alice pays Ada 10'])
  })

  it('and asks once, where the browser has been at a guarded page before', async () => {
    await page.goto(`${bank.url}/statement`)
    await fillTransfer(page, bank, 'Ada', 10)
    await page.dblclick('main button[type=submit]')
    await confirm()
    await reads(SENT)
    expect(transfers()).toEqual(['Ada'])
    expect(bookings(bank)).toEqual(['alice pays Ada 10'])
  })

  it('a double click on the button of the resume page books once, and says what became of it', async () => {
    await open({ javaScriptEnabled: false })
    await sendTransfer(page, bank, 'Ada', 10)
    await confirm()
    await page.getByRole('button', { name: 'Send my request' }).dblclick()
    await page.waitForSelector(`main:has-text("${SENT}"), main:has-text("${NOT_BOOKED}")`)
    await page.goto(bank.url)
    expect(await page.locator('#movements tr', { hasText: 'Ada' }).count()).toBe(1)
    expect(bookings(bank)).toEqual(['alice pays Ada 10'])
  })
})

describe('reload', () => {
  it('of the challenge, the quit page, the receipt and the page that says it is done, changes nothing', async () => {
    await sendTransfer(page, bank, 'Ada', 10)
    await page.waitForURL(/\/challenge\?/)
    await page.reload()
    await quit(page)
    await reads(QUIT)
    const quitPage = page.url()
    await page.reload()
    await reads(QUIT)
    await page.getByRole('link', { name: 'Try again' }).click()
    await confirm()
    await reads(SENT)
    await page.reload()
    await reads(SENT)
    await page.goto(quitPage)
    await reads(DONE)
    await page.reload()
    await reads(DONE)
    expect(transfers()).toEqual(['Ada'])
    expect(bookings(bank)).toEqual(['alice pays Ada 10'])
  })

  it('of the resume page shows it again, until the form was sent', async () => {
    await open({ javaScriptEnabled: false })
    await sendTransfer(page, bank, 'Ada', 10)
    await confirm()
    await page.getByRole('button', { name: 'Send my request' }).waitFor()
    await page.reload()
    expect(bookings(bank)).toEqual([])
    await page.getByRole('button', { name: 'Send my request' }).click()
    await reads(SENT)
    expect(bookings(bank)).toEqual(['alice pays Ada 10'])
  })
})

describe('back', () => {
  it('from the receipt leads to a challenge that is over, and on to the form', async () => {
    await sendTransfer(page, bank, 'Ada', 10)
    await confirm()
    await reads(SENT)
    await page.goBack()
    await reads(APPROVED)
    await page.goBack()
    await reads('Send money')
    expect(bookings(bank)).toEqual(['alice pays Ada 10'])
  })

  it('from the receipt to the resume page, where scripts are off, says that it is done', async () => {
    await open({ javaScriptEnabled: false })
    await sendTransfer(page, bank, 'Ada', 10)
    await confirm()
    await page.getByRole('button', { name: 'Send my request' }).click()
    await reads(SENT)
    await page.goBack()
    await reads(DONE)
    expect(bookings(bank)).toEqual(['alice pays Ada 10'])
  })

  it('into the challenge that was passed says so, and leads on to the app', async () => {
    await sendTransfer(page, bank, 'Ada', 10)
    await page.waitForURL(/\/challenge\?/)
    const challenge = page.url()
    await confirm()
    await reads(SENT)
    await page.goto(challenge)
    await reads(APPROVED)
    await page.click('text=Back to the app')
    await reads(DONE)
    await page.getByRole('link', { name: 'Go back' }).click()
    await page.waitForSelector('#movements')
    expect(bookings(bank)).toEqual(['alice pays Ada 10'])
  })

  it('from the quit page leads to the challenge again, which can still be passed', async () => {
    await sendTransfer(page, bank, 'Ada', 10)
    await quit(page)
    await reads(QUIT)
    await page.goBack()
    await confirm()
    await reads(SENT)
    expect(bookings(bank)).toEqual(['alice pays Ada 10'])
  })

  it('to the form, with another amount, is another transfer: what was left is not booked', async () => {
    await sendTransfer(page, bank, 'Ada', 10)
    await quit(page)
    await page.getByRole('link', { name: 'Go back' }).click()
    await sendTransfer(page, bank, 'Ada', 11)
    await confirm()
    await reads(SENT)
    expect(transfers()).toEqual(['Ada', 'Ada'])
    expect(bookings(bank)).toEqual(['alice pays Ada 11'])
  })
})

it('a resume page whose fields were changed books nothing, and says so', async () => {
  await open({ javaScriptEnabled: false })
  await sendTransfer(page, bank, 'Ada', 10)
  await confirm()
  await page.getByRole('button', { name: 'Send my request' }).waitFor()
  await page.evaluate(`document.querySelector('input[name=amount]').value = '999'`)
  await page.getByRole('button', { name: 'Send my request' }).click()
  await reads(NOT_BOOKED)
  expect(bookings(bank)).toEqual([])
})
