import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSync } from 'esbuild'
import type { Frame, Page } from 'playwright-core'
import { screenshot } from '../../__tests__/helpers/chromium'
import { addVirtualAuthenticator, useChromium } from './chromium'
import { enrollEmail, sdkFor, useEmulator } from './helpers'

const emulator = useEmulator()
const context = useChromium()

const script = buildSync({
  stdin: {
    contents: `import { Authsignal } from '@authsignal/browser'
      globalThis.authsignal = new Authsignal({ tenantId: 'emulator' })`,
    resolveDir: __dirname,
  },
  bundle: true,
  write: false,
  format: 'iife',
}).outputFiles[0]?.text

let app: Server
let appUrl: string

/** The app's own page, at another origin than the emulator's. */
beforeAll(async () => {
  app = createServer((_req, res) => {
    res.setHeader('content-type', 'text/html').end(`<!doctype html><title>App</title><script>${script}</script>`)
  })
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve))
  appUrl = `http://127.0.0.1:${(app.address() as AddressInfo).port}`
})

afterAll(() => {
  app.closeAllConnections()
  app.close()
})

interface Launched {
  page: Page
  /** What `launch` resolved to. */
  result: Promise<{ token?: string }>
}

async function launch(mode: 'redirect' | 'popup' | 'window'): Promise<Launched> {
  emulator().rules.set('transfer', 'CHALLENGE_REQUIRED')
  const attributes = { redirectUrl: `${appUrl}/back` }
  const { url } = await sdkFor(emulator()).track({ userId: 'alice', action: 'transfer', attributes })
  const page = await context().newPage()
  await addVirtualAuthenticator(page)
  await page.goto(appUrl)
  const expression = `authsignal.launch(${JSON.stringify(url)}, { mode: '${mode}' })`
  return { page, result: page.evaluate<{ token?: string }>(expression) }
}

/**
 * A pop-up moves as it opens and grows, so that a click of the mouse could miss, and what leads elsewhere would not live
 * to see a key released, for which one would wait for ever: it is sent the event, or the key is held down. Only a
 * passkey's button must be pressed.
 */
async function enterCode(page: Page | Frame): Promise<void> {
  // The code is sent when the page is opened.
  await page.getByLabel('6-digit code').waitFor()
  await page.getByLabel('6-digit code').fill(emulator().outbox.at(-1)?.code ?? '')
  await page.getByRole('button', { name: 'Verify' }).dispatchEvent('click')
}

async function popupOf(page: Page): Promise<Frame> {
  const frame = await (await page.waitForSelector('iframe')).contentFrame()
  if (!frame) throw new Error('The pop-up has no frame')
  await frame.getByRole('heading').first().waitFor()
  return frame
}

async function codeFieldFocused(popup: Frame): Promise<void> {
  await popup.waitForFunction(() => document.hasFocus() && document.activeElement?.id === 'code')
}

async function isValid(token = ''): Promise<boolean> {
  return (await sdkFor(emulator()).validateChallenge({ token, userId: 'alice', action: 'transfer' })).isValid
}

beforeEach(() => enrollEmail(emulator(), 'alice'))

test('redirect mode comes back with a token', async () => {
  const { page } = await launch('redirect')
  await page.waitForURL('**/challenge?**')
  await enterCode(page)
  await page.waitForURL(`${appUrl}/back?token=*`)
  expect(await isValid(new URL(page.url()).searchParams.get('token') ?? '')).toBe(true)
})

test('pop-up mode resolves with a token, and the iframe is as high as the page in it', async () => {
  const { page, result } = await launch('popup')
  const popup = await popupOf(page)
  await popup.getByText('Try another way').dispatchEvent('click')
  await page.waitForFunction(() => parseInt(document.querySelector('iframe')?.style.height ?? '0') > 500)
  await enterCode(popup)
  expect(await isValid((await result).token)).toBe(true)
})

test('a pop-up that is higher than the screen scrolls', async () => {
  const { page, result } = await launch('popup')
  const popup = await popupOf(page)
  await page.setViewportSize({ width: 640, height: 360 })
  await page.mouse.move(320, 180)
  const isAtEnd = () => popup.evaluate(() => scrollY > 0 && scrollY + innerHeight >= document.body.scrollHeight)
  // What is turned while the pop-up still opens goes astray.
  while (!(await isAtEnd())) await page.mouse.wheel(0, 500)
  await popup.getByRole('button', { name: 'Cancel' }).dispatchEvent('click')
  await result
})

test('pop-up mode resolves when the user cancels', async () => {
  const { page, result } = await launch('popup')
  await (await popupOf(page)).getByRole('button', { name: 'Cancel' }).dispatchEvent('click')
  expect(await isValid((await result).token)).toBe(false)
  expect(emulator().actions[0]?.state).toBe('CHALLENGE_REQUIRED')
})

test('the code is typed into a pop-up without a click', async () => {
  const { page, result } = await launch('popup')
  await codeFieldFocused(await popupOf(page))
  await page.keyboard.type(emulator().outbox.at(-1)?.code ?? '')
  await page.keyboard.down('Enter')
  expect(await isValid((await result).token)).toBe(true)
})

test('Escape in a pop-up cancels as its button does', async () => {
  const { page, result } = await launch('popup')
  await codeFieldFocused(await popupOf(page))
  await page.keyboard.down('Escape')
  const { token } = await result
  // Were it the page around the pop-up that heard the key, there would be none.
  expect(token).toBeDefined()
  expect(await isValid(token)).toBe(false)
  expect(emulator().actions[0]?.state).toBe('CHALLENGE_REQUIRED')
})

test('a pop-up whose challenge was passed in another tab is closed by its button', async () => {
  const { page, result } = await launch('popup')
  const popup = await popupOf(page)
  await emulator().challenges.succeed(emulator().actions[0]?.idempotencyKey ?? '')
  await enterCode(popup)
  await popup.getByRole('heading', { name: 'This is approved already' }).waitFor()
  await screenshot(page, 'pop-up-approved-already')
  await popup.getByRole('button', { name: 'Close' }).dispatchEvent('click')
  expect(await isValid((await result).token)).toBe(true)
})

test.each([
  ['its button', async (popup: Frame) => popup.getByRole('button', { name: 'Close' }).dispatchEvent('click')],
  ['Escape', async (popup: Frame) => popup.page().keyboard.down('Escape')],
])('a pop-up whose link is no longer good is closed by %s, without a token', async (_, close) => {
  const { page, result } = await launch('popup')
  const popup = await popupOf(page)
  await codeFieldFocused(popup)
  emulator().reset()
  await popup.getByLabel('6-digit code').fill('123456')
  await page.keyboard.down('Enter')
  await popup.getByRole('heading', { name: 'There is no such challenge' }).waitFor()
  await close(popup)
  expect(await result).toEqual({ token: undefined })
})

test('window mode resolves with a token, and closes the window', async () => {
  const { page, result } = await launch('window')
  const opened = await page.waitForEvent('popup')
  const closed = opened.waitForEvent('close')
  await enterCode(opened)
  expect(await isValid((await result).token)).toBe(true)
  await closed
})

test('a passkey is set up, and passes, in pop-up mode', async () => {
  emulator().reset()
  const first = await launch('popup')
  const setUp = await popupOf(first.page)
  await setUp.getByText('Try another way').dispatchEvent('click')
  await setUp.getByRole('link', { name: 'Set up an authenticator' }).dispatchEvent('click')
  await setUp.getByRole('link', { name: 'Passkey' }).dispatchEvent('click')
  await setUp.getByRole('button', { name: 'Create a passkey', disabled: false }).press('Enter')
  await setUp.getByRole('button', { name: 'Continue' }).dispatchEvent('click')
  expect(await isValid((await first.result).token)).toBe(true)
  expect(emulator().actions[0]?.verificationMethod).toBe('PASSKEY')
})
