import type { Page } from 'playwright-core'
import { useChromium } from './chromium'
import { sdkFor, useEmulator } from './helpers'

const emulator = useEmulator()
const context = useChromium()
let page: Page
let complaints: string[]

beforeEach(async () => {
  complaints = []
  page = await context().newPage()
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(emulator().url)
  await page.locator('#live.on').waitFor()
})

async function track(action: string, userId = 'alice'): Promise<string> {
  return (await sdkFor(emulator()).track({ userId, action })).idempotencyKey
}

async function focused(): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent.trim().replaceAll(/\s+/g, ' ') ?? '')
}

test('actions come as they are tracked, and what the reader opened stays open', async () => {
  emulator().rules.set('transfer', 'CHALLENGE_REQUIRED')
  const idempotencyKey = await track('transfer')
  const transfer = page.locator('#actions details', { hasText: 'transfer' })
  await transfer.locator('summary').click()
  await emulator().challenges.succeed(idempotencyKey)
  await transfer.locator('.timeline', { hasText: 'CHALLENGE_SUCCEEDED' }).waitFor()
  await track('withdraw')
  await page.locator('#actions details', { hasText: 'withdraw' }).waitFor()
  expect(await transfer.getAttribute('open')).toBe('')
  expect(complaints).toEqual([])
})

test('a user’s part is played from the page', async () => {
  emulator().rules.set('transfer', 'CHALLENGE_REQUIRED')
  await track('transfer')
  await page.locator('#actions summary').click()
  await page.getByRole('button', { name: 'Let it pass' }).click()
  await page.locator('#actions .state', { hasText: 'CHALLENGE_SUCCEEDED' }).waitFor()
  expect(emulator().actions[0]?.state).toBe('CHALLENGE_SUCCEEDED')
  expect(await focused()).toMatch(/^transfer alice/)
})

test('faults are cleared, and the focus goes on to their form', async () => {
  emulator().faults.next({ status: 503 })
  await page.getByRole('button', { name: 'Clear all' }).click()
  await page.getByText('Nothing goes wrong now.').waitFor()
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('fault-kind')
})

test('everything is forgotten only when asked twice', async () => {
  await track('transfer')
  await page.locator('summary', { hasText: 'Forget everything' }).click()
  await page.getByRole('button', { name: 'Yes, forget everything' }).click()
  await page.getByText('Waiting for the first action.').waitFor()
  expect(emulator().actions).toEqual([])
  expect(await focused()).toBe('Forget everything')
})

test('a switch acts at once, and keeps the focus', async () => {
  await track('transfer')
  const block = page.locator('#outcomes form', { hasText: 'transfer' }).getByRole('button', { name: 'Block' })
  await block.click()
  await page.locator('#outcomes [value=BLOCK][aria-pressed=true]').waitFor()
  expect(await block.evaluate((button) => button === document.activeElement)).toBe(true)
  await track('transfer')
  expect(emulator().actions.map(({ state }) => state)).toEqual(['ALLOW', 'BLOCK'])
})

test('a code that is typed survives what happens meanwhile', async () => {
  const input = page.getByLabel('Another action code')
  await input.fill('closeAcc')
  await track('transfer')
  await page.locator('#actions details').waitFor()
  await input.pressSequentially('ount')
  await page.getByRole('button', { name: 'Challenge it' }).click()
  await page.locator('#outcomes form', { hasText: 'closeAccount' }).waitFor()
  await track('closeAccount')
  expect(emulator().actions.at(-1)?.state).toBe('CHALLENGE_REQUIRED')
})

test('a phone shows it without scrolling sideways', async () => {
  await page.setViewportSize({ width: 320, height: 640 })
  await sdkFor(emulator()).track({
    userId: 'x'.repeat(60),
    action: 'anActionCodeThatIsAsLongAsTheyMayBe_64_letters_are_allowed_here',
    attributes: {
      custom: { ['k'.repeat(48)]: 'x'.repeat(60) },
      userAgent: 'Mozilla/5.0 '.repeat(10),
      redirectUrl: `https://app.example/${'a'.repeat(200)}`,
    },
  })
  await page.locator('#actions summary').click()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
})

test('it says when the emulator is gone', async () => {
  await page.route('**/events', (route) => route.abort())
  await page.reload()
  await page.getByText('Not connected').waitFor()
})
