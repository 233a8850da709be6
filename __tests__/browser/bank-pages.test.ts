import type { BrowserContext, Page } from 'playwright-core'
import { bookings, logIn, sendTransfer, startWatchedBank, type WatchedBank } from '../helpers/bank'
import { enterCode } from '../helpers/challenge-page'
import { screenshot, useBrowser } from '../helpers/chromium'

/* The bank's own pages: they fit the screen, and a form that has to be changed keeps what was typed. */

const browser = useBrowser()
let bank: WatchedBank
let context: BrowserContext
let page: Page

beforeEach(async () => {
  bank = await startWatchedBank()
  context = await browser().newContext()
  page = await context.newPage()
  await logIn(page, bank)
})
afterEach(async () => {
  await context.close()
  await bank.close()
})

describe('the links at the top', () => {
  it.each([
    [320, 2],
    [375, 2],
    [768, 1],
    [800, 1],
    [1024, 1],
  ])('are all in sight, and apart, at %i pixels', async (width, rows) => {
    await page.setViewportSize({ width, height: 700 })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.goto(`${bank.url}/security`)
      await screenshot(page, `links-${width}-${colorScheme}`)
    }
    const links = await page.locator('nav a').all()
    const boxes = await Promise.all(
      links.map(async (link) => (await link.boundingBox()) ?? { x: NaN, y: NaN, width: NaN }),
    )
    expect(boxes).toHaveLength(6)
    expect(new Set(boxes.map(({ y }) => y)).size).toBe(rows)
    boxes.forEach(({ x, y, width: wide }, index) => {
      expect(x).toBeGreaterThanOrEqual(0)
      expect(x + wide).toBeLessThanOrEqual(width)
      const before = boxes[index - 1]
      if (before?.y === y) expect(x - before.x - before.width).toBeGreaterThanOrEqual(12)
    })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
  })
})

it('a long name and a long address scroll nothing sideways', async () => {
  await page.goto(`${bank.url}/settings`)
  await page.fill('#name', 'Wolfeschlegelsteinhausenbergerdorff')
  await page.fill('#email', `${'a'.repeat(28)}@example.com`)
  await page.click('main button[type=submit]')
  await page.waitForSelector('text=Saved')
  for (const width of [320, 375]) {
    await page.setViewportSize({ width, height: 700 })
    for (const path of ['/', '/login', '/security', '/settings']) {
      await page.goto(bank.url + path)
      await screenshot(page, `long-name-${path.slice(1)}-${width}`)
      expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, width])
    }
  }
})

describe('a form that has to be changed', () => {
  const typed = async (...fields: string[]) => Promise.all(fields.map((field) => page.inputValue(`#${field}`)))
  const openedBy = async () => page.evaluate(`performance.getEntriesByType('navigation')[0].type`)

  it('can be gone back to, and sends nothing again', async () => {
    await sendTransfer(page, bank, 'Ada', 99_999)
    await page.waitForSelector('#amount-problem')
    await page.fill('#amount', '10')
    await page.click('main button[type=submit]')
    await enterCode(page, bank.emulator)
    await page.waitForSelector('text=Transfer sent')
    await page.goBack()
    await page.waitForSelector('text=This is approved already')
    await page.goBack()
    expect(await openedBy()).toBe('back_forward')
    expect(await page.textContent('h1')).toBe('Send money')
    expect(await typed('payee', 'amount')).toEqual(['Ada', '99999'])
    expect(bookings(bank)).toEqual(['alice pays Ada 10'])
  })

  it('keeps what was typed when it is loaded again, and a new form is empty', async () => {
    await sendTransfer(page, bank, 'Zoë & "Söhne" <b>', 0)
    await page.waitForSelector('#amount-problem')
    expect((await page.reload())?.request().method()).toBe('GET')
    expect(await typed('payee', 'amount', 'note')).toEqual(['Zoë & "Söhne" <b>', '0', ''])
    expect(await page.textContent('#amount-problem')).toBe('Enter more than zero.')
    expect(await page.evaluate('document.activeElement.id')).toBe('amount')
    await page.click('nav >> text=Transfer')
    await page.waitForSelector('#amount:not([aria-invalid])')
    expect(await typed('payee', 'amount', 'note')).toEqual(['', '', ''])
  })

  it('shows nothing of another tab', async () => {
    const other = await context.newPage()
    await sendTransfer(page, bank, 'Ada', 0)
    await page.waitForSelector('#amount-problem')
    await sendTransfer(other, bank, 'Ben', 0)
    await other.waitForSelector('#amount-problem')
    await page.reload()
    expect(await typed('payee')).not.toEqual(['Ben'])
    await page.goto(other.url())
    expect(await typed('payee')).toEqual(['Ben'])
    await context.clearCookies()
    await logIn(page, bank, 'bob')
    await page.goto(other.url())
    expect(await typed('payee')).toEqual([''])
  })

  it('can be a withdrawal, with scripts off, or the settings', async () => {
    const bare = await browser().newContext({ javaScriptEnabled: false })
    page = await bare.newPage()
    await logIn(page, bank)
    await page.goto(`${bank.url}/withdrawals/new`)
    await page.fill('#amount', 'all of it')
    await page.click('main button[type=submit]')
    await page.waitForSelector('#amount-problem')
    expect(await typed('amount')).toEqual(['all of it'])
    expect((await page.reload())?.request().method()).toBe('GET')
    await page.goto(`${bank.url}/settings`)
    await page.fill('#name', 'Alicia')
    await page.fill('#email', 'nowhere')
    await page.click('main button[type=submit]')
    await page.waitForSelector('#email-problem')
    expect(await typed('name', 'email')).toEqual(['Alicia', 'nowhere'])
    expect((await page.reload())?.request().method()).toBe('GET')
    expect(await typed('name', 'email')).toEqual(['Alicia', 'nowhere'])
    await bare.close()
  })
})
