import type { BrowserContext, Page } from 'playwright-core'
import { enterCode, quit } from '../helpers/challenge-page'
import { useBrowser } from '../helpers/chromium'
import { startWorld, type World } from '../helpers/world'

const versions = { 2: require.resolve('htmx-2/dist/htmx.min.js'), 4: require.resolve('htmx.org/dist/htmx.min.js') }

const browser = useBrowser()
let world: World
let context: BrowserContext
let page: Page

beforeAll(async () => {
  world = await startWorld({
    routes: (app) => {
      app.get('/htmx/:version', (req, res) => {
        res.send(`<!doctype html><title>htmx</title><script src="/htmx.js?${req.params.version}"></script>
          <form hx-post="/transfers" hx-target="#result"><input name="payee" value="Zoë"><button>Send</button></form>
          <p id="result"></p>`)
      })
      app.get('/htmx.js', (req, res) => {
        res.sendFile('4' in req.query ? versions[4] : versions[2])
      })
    },
  })
})
beforeEach(async () => {
  world.emulator.reset()
  world.emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
  world.booked.length = 0
  context = await browser().newContext({ extraHTTPHeaders: { 'x-user': 'alice' } })
  page = await context.newPage()
})
afterEach(() => context.close())

describe.each(Object.keys(versions))('htmx %s', (version) => {
  const url = () => `${world.url}/htmx/${version}?tab=transfers`

  it('goes to the challenge and comes back to the page it was on, where the same is sent once', async () => {
    await page.goto(url())
    await page.click('button')
    await enterCode(page, world.emulator)
    await page.waitForURL(url())
    expect(world.booked).toEqual([])
    await page.click('button')
    await page.waitForSelector('#result:has-text("done")')
    expect(world.booked).toMatchObject([{ body: { payee: 'Zoë' }, authsignal: { challenged: true } }])
    expect(world.emulator.actions).toHaveLength(1)
    expect(page.url()).toBe(url())
  })

  it('brings a user who quits back to the page as well', async () => {
    await page.goto(url())
    await page.click('button')
    await quit(page)
    await page.getByRole('link', { name: 'Go back' }).click()
    await page.waitForURL(url())
    expect(world.booked).toEqual([])
  })
})
