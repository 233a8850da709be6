import type { AuthsignalOptions } from 'authsignal-express'
import type { BrowserContext, Page } from 'playwright-core'
import { bookings, logIn, sendTransfer, startWatchedBank, type WatchedBank } from '../helpers/bank'
import { enterCode, quit } from '../helpers/challenge-page'
import { useBrowser } from '../helpers/chromium'
import { MINUTE, stopTheClock } from '../helpers/clock'

/* What happens while a challenge is open: time goes by, and people log out and in. Nothing is booked that was not
   confirmed, and the user can read why. */

const browser = useBrowser()
let bank: WatchedBank
let context: BrowserContext
let page: Page

afterEach(async () => {
  await context.close()
  await bank.close()
  jest.useRealTimers()
})

/** Alice has sent ten pounds to Ada, and looks at the challenge. */
async function challenged(options?: AuthsignalOptions, javaScriptEnabled = true) {
  stopTheClock()
  bank = await startWatchedBank(options)
  context = await browser().newContext({ javaScriptEnabled })
  page = await context.newPage()
  await logIn(page, bank)
  await sendTransfer(page, bank, 'Ada', 10)
  await page.waitForURL(/\/challenge\?/)
}

function minutesLater(minutes: number) {
  jest.setSystemTime(Date.now() + minutes * MINUTE)
}
const confirm = () => enterCode(page, bank.emulator)
const reads = (words: string) => page.waitForSelector(`main:has-text("${words}")`)

const TOO_OLD = 'It is too old, or was begun in another browser or by someone else. Nothing was booked'

describe('a challenge that is open for too long', () => {
  it('for the app is told to be too old, also when the page is loaded again, and can be begun anew', async () => {
    await challenged({ challengeTtl: '5m' })
    minutesLater(6)
    await confirm()
    await reads(TOO_OLD)
    await page.reload()
    await reads(TOO_OLD)
    expect(bookings(bank)).toEqual([])
    await sendTransfer(page, bank, 'Ada', 10)
    await confirm()
    await reads('Transfer sent')
    expect(bookings(bank)).toEqual(['alice pays Ada 10'])
  })

  it('for Authsignal is told so there, and the same transfer begins another', async () => {
    await challenged()
    minutesLater(11)
    await page.reload()
    await reads('This link has expired')
    await sendTransfer(page, bank, 'Ada', 10)
    await confirm()
    await reads('Transfer sent')
    expect(bookings(bank)).toEqual(['alice pays Ada 10'])
  })

  it('by a user who quit may be too old to be tried again', async () => {
    await challenged({ challengeTtl: '5m' })
    await quit(page)
    await reads('Not confirmed yet')
    minutesLater(6)
    await page.reload()
    await reads(TOO_OLD)
    expect(bookings(bank)).toEqual([])
  })
})

it('a form that was confirmed and not sent on in time is not booked, however it is sent', async () => {
  await challenged({ challengeTtl: '5m' }, false)
  await confirm()
  await page.getByRole('button', { name: 'Send my request' }).waitFor()
  minutesLater(6)
  await page.getByRole('button', { name: 'Send my request' }).click()
  await reads('Nothing was booked now')
  await page.goBack()
  await reads(TOO_OLD)
  expect(bookings(bank)).toEqual([])
})

describe('meanwhile, in another tab', () => {
  async function inAnotherTab(act: (tab: Page) => Promise<void>) {
    const tab = await context.newPage()
    await act(tab)
    await tab.close()
  }

  it('the user logs out, and someone else logs in: nothing is booked for either', async () => {
    await challenged()
    await inAnotherTab(async (tab) => {
      await tab.goto(bank.url)
      await tab.click('text=Log out')
      await logIn(tab, bank, 'bob')
    })
    await confirm()
    await reads(TOO_OLD)
    expect(bookings(bank)).toEqual([])
    await page.goto(bank.url)
    expect(await page.locator('#movements tr', { hasText: 'Ada' }).count()).toBe(0)
  })

  it('someone else logs in over the user: nothing is booked for either', async () => {
    await challenged()
    await inAnotherTab((tab) => logIn(tab, bank, 'bob'))
    await confirm()
    await reads(TOO_OLD)
    await page.reload()
    await reads(TOO_OLD)
    expect(bookings(bank)).toEqual([])
  })

  it('the user logs in again: the form of the old session is out of date, and must be filled in anew', async () => {
    await challenged()
    await inAnotherTab((tab) => logIn(tab, bank))
    await confirm()
    await reads('This form is out of date. Please open the page again')
    // For a minute it is taken for the form that was brought back, with other fields.
    await sendTransfer(page, bank, 'Ada', 10)
    await reads('Nothing was booked now')
    expect(bookings(bank)).toEqual([])
    await context.clearCookies({ name: 'authsignal-resumed' })
    await sendTransfer(page, bank, 'Ada', 10)
    await confirm()
    await reads('Transfer sent')
    expect(bookings(bank)).toEqual(['alice pays Ada 10'])
  })
})
