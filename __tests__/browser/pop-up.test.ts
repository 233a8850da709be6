import { buildSync } from 'esbuild'
import type { BrowserContext, Page } from 'playwright-core'
import { useBrowser } from '../helpers/chromium'
import { cancelIn, confirmIn, gone, popupOn } from '../helpers/popup'
import { startWorld, type World } from '../helpers/world'

/* `createStepUpFetch` with `@authsignal/browser`, on a page. */

const script = buildSync({
  stdin: {
    contents: `import { Authsignal } from '@authsignal/browser'
      import { createStepUpFetch } from './src/browser'
      const authsignal = new Authsignal({ tenantId: 'emulator' })
      const stepUpFetch = createStepUpFetch({ launch: (url, options) => authsignal.launch(url, options) })
      globalThis.told = (response) => ({ status: response.status, stepUp: response.stepUp })
      globalThis.stepUpFetch = stepUpFetch
      globalThis.send = (amount) =>
        stepUpFetch('/transfers', { method: 'POST', body: new URLSearchParams({ payee: 'Bob', amount }) }).then(told)`,
    resolveDir: `${__dirname}/../..`,
  },
  bundle: true,
  write: false,
  format: 'iife',
}).outputFiles[0]?.text

const browser = useBrowser()
let world: World
let context: BrowserContext
let page: Page

beforeAll(async () => {
  world = await startWorld({
    routes: (app) => {
      app.get('/page', (_req, res) => {
        res.send(`<!doctype html><title>App</title><script>${String(script)}</script>`)
      })
    },
    guard: { bind: ({ body }): unknown => body ?? {} },
  })
})

beforeEach(async () => {
  context = await browser().newContext({ extraHTTPHeaders: { 'x-user': 'alice' } })
  page = await context.newPage()
  // The browser gets its cookie with its first guarded answer.
  await page.goto(`${world.url}/account`)
  world.emulator.reset()
  world.emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
  world.booked.length = 0
  await page.goto(`${world.url}/page`)
})
afterEach(() => context.close())

interface Told {
  status: number
  stepUp?: string
}

const run = (expression: string) => page.evaluate<Told>(expression)

it('the user confirms in a pop-up, and the request is carried out once', async () => {
  const sent = run(`send('10')`)
  await confirmIn(await popupOn(page), world.emulator)
  expect(await sent).toEqual({ status: 200, stepUp: undefined })
  expect(world.booked).toMatchObject([{ body: { payee: 'Bob', amount: '10' }, authsignal: { challenged: true } }])
  expect(world.emulator.actions).toHaveLength(1)
})

it.each([
  ['cancels in it', async () => cancelIn(await popupOn(page))],
  [
    'closes it',
    async () => {
      await popupOn(page)
      await page.locator('#__authsignal-popup-overlay').dispatchEvent('click')
    },
  ],
])('the user %s: the response says so, and nothing was done', async (_, leave) => {
  const sent = run(`send('10')`)
  await leave()
  expect(await sent).toEqual({ status: 401, stepUp: 'cancelled' })
  expect(world.booked).toEqual([])
})

it('two calls at once are confirmed in one pop-up after the other', async () => {
  const sent = page.evaluate<Told[]>(`Promise.all([send('1'), send('2')])`)
  const first = await popupOn(page)
  expect(await page.locator('iframe').count()).toBe(1)
  await confirmIn(first, world.emulator)
  await gone(first)
  const second = await popupOn(page)
  await confirmIn(second, world.emulator)
  expect((await sent).map(({ status }) => status)).toEqual([200, 200])
  expect(world.booked.map(({ body }) => (body as { amount: string }).amount).sort()).toEqual(['1', '2'])
})

it('the first calls of a page, in a browser that has no cookie yet, lose no challenge', async () => {
  await context.clearCookies()
  const sent = page.evaluate<Told[]>(`Promise.all([send('1'), send('2'), send('3')])`)
  for (let popups = 0; popups < 3; popups += 1) {
    const popup = await popupOn(page)
    await confirmIn(popup, world.emulator)
    await gone(popup)
  }
  expect((await sent).map(({ status }) => status)).toEqual([200, 200, 200])
  expect(world.emulator.actions.map(({ state }) => state)).toEqual(Array(3).fill('CHALLENGE_SUCCEEDED'))
  expect(world.booked).toHaveLength(3)
  expect(await context.cookies()).toMatchObject([{ name: 'authsignal' }])
})

it('a first call that never arrives lets the others go', async () => {
  await context.clearCookies()
  await page.route('**/transfers?lost', (route) => route.abort())
  const lost = page.evaluate<string>(`stepUpFetch('/transfers?lost').catch((error) => error.name)`)
  const sent = run(`send('1')`)
  await confirmIn(await popupOn(page), world.emulator)
  expect([await lost, (await sent).status]).toEqual(['TypeError', 200])
})

const bodies = {
  'a FormData': `(() => { const form = new FormData(); form.set('file', new File(['x'], 'x.txt')); return form })()`,
  'a Blob': `new Blob(['{"a":1}'], { type: 'application/json' })`,
  bytes: `new Uint8Array([1, 2, 3])`,
}

it.each(Object.entries(bodies))('%s is sent again', async (_, body) => {
  const sent = run(`stepUpFetch('/transfers', { method: 'POST', body: ${body} }).then(told)`)
  await confirmIn(await popupOn(page), world.emulator)
  expect((await sent).status).toBe(200)
  expect(world.booked).toHaveLength(1)
})

it('a Request is sent again', async () => {
  const request = `new Request('/transfers', { method: 'POST', body: new URLSearchParams({ amount: '7' }) })`
  const sent = run(`stepUpFetch(${request}).then(told)`)
  await confirmIn(await popupOn(page), world.emulator)
  expect((await sent).status).toBe(200)
  expect(world.booked).toMatchObject([{ body: { amount: '7' } }])
})

it('a stream is refused before anything is sent', async () => {
  const init = `{ method: 'POST', body: new Blob(['x']).stream(), duplex: 'half' }`
  await expect(run(`stepUpFetch('/transfers', ${init})`)).rejects.toThrow('TypeError: A stream can be sent once')
  expect(world.emulator.actions).toEqual([])
})
