import { createServer, type RequestListener } from 'node:http'
import { startEmulator, type Emulator } from 'authsignal-emulator'
import { AuthsignalClient, createAuthsignal, type ActionClient, type GuardOptions } from 'authsignal-express'
import express from 'express'
import session from 'express-session'
import helmet from 'helmet'
import type { BrowserContext, Page } from 'playwright-core'
import { enterCode } from '../helpers/challenge-page'
import { useBrowser } from '../helpers/chromium'
import { forwardTo, secureServer } from '../helpers/https'
import { listen } from '../helpers/listen'

/* The app and the challenge page are two sites, as they are in life: 127.0.0.1 and localhost. */

type Scheme = 'http' | 'https'
type Host = '127.0.0.1' | 'localhost'

interface Setting {
  scheme?: Scheme
  /** The app's; the challenge page is at the other one. */
  host?: Host
  sameSite?: 'lax' | 'strict'
  guard?: GuardOptions
  page?: string
}

const browser = useBrowser()
let emulator: Emulator
let context: BrowserContext
let page: Page
let booked: unknown[]
let servers: { close: () => Promise<void> }[]

beforeAll(async () => {
  emulator = await startEmulator()
})
afterAll(() => emulator.close())
beforeEach(async () => {
  emulator.reset()
  emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  booked = []
  servers = []
  context = await browser().newContext({ ignoreHTTPSErrors: true })
  page = await context.newPage()
})
afterEach(async () => {
  await context.close()
  for (const server of servers) await server.close()
})

async function serve(scheme: Scheme, host: Host, app: RequestListener) {
  const server = await listen(scheme === 'https' ? await secureServer(app) : createServer(app), scheme)
  servers.push(server)
  return server.url.replace('127.0.0.1', host)
}

/** Authsignal's API, with its challenge pages at another place. */
function clientWithPagesAt(url: string): ActionClient {
  const { apiUrl, apiSecretKey } = emulator
  const client = new AuthsignalClient({ apiUrl, apiSecretKey })
  return {
    track: async (request) => {
      const answer = await client.track(request)
      return { ...answer, url: answer.url?.replace(emulator.url, url) }
    },
    getAction: (request) => client.getAction(request),
  }
}

/** An app with helmet's defaults, and a session. The browser is signed in. */
async function startApp({ scheme = 'http', host = '127.0.0.1', sameSite = 'lax', guard, page: start }: Setting) {
  const challengeUrl = await serve(scheme, host === 'localhost' ? '127.0.0.1' : 'localhost', forwardTo(emulator.url))
  const authsignal = createAuthsignal({
    client: clientWithPagesAt(challengeUrl),
    secret: 'of this test, 32 characters long',
  })
  const app = express()
  if (start === undefined) app.use(helmet())
  app.use(session({ secret: 'x', resave: false, saveUninitialized: false, cookie: { sameSite, secure: 'auto' } }))
  app.use(express.urlencoded())
  app.use('/authsignal/callback', authsignal.callback())
  app.get('/login', (req, res) => {
    req.session.userId = 'alice'
    res.send('Welcome')
  })
  app.get('/renew', (req, res, next) => {
    const { userId } = req.session
    req.session.regenerate((error) => {
      Object.assign(req.session, { userId })
      if (error) next(error)
      else res.send('Renewed')
    })
  })
  app.get('/', (_req, res) => {
    const form = '<form method="post" action="/transfers"><input name="payee" value="Zoë"><button>Send</button></form>'
    res.send(`<!doctype html><title>Bank</title>${start ?? ''}${form}`)
  })
  app.post('/transfers', authsignal.guard('transfer', guard), (req, res) => {
    booked.push(req.body)
    res.redirect(303, '/done')
  })
  app.get('/done', (req, res) => {
    res.send(`Sent by ${req.session.userId ?? 'nobody'}`)
  })
  app.get('/account', authsignal.guard('viewAccount', guard), (req, res) => {
    res.send(`Account of ${req.session.userId ?? 'nobody'}`)
  })
  const url = await serve(scheme, host, app)
  await page.goto(`${url}/login`)
  return { url, challengeUrl }
}

const settings: Required<Omit<Setting, 'guard' | 'page'>>[] = (['http', 'https'] as const).flatMap((scheme) =>
  (['127.0.0.1', 'localhost'] as const).flatMap((host) =>
    (['lax', 'strict'] as const).map((sameSite) => ({ scheme, host, sameSite })),
  ),
)

it.each(settings)(
  "helmet's defaults, $scheme, app at $host, session cookie $sameSite: a form goes to the other site and comes back",
  async (setting) => {
    const { url, challengeUrl } = await startApp(setting)
    await page.goto(url)
    await page.click('button')
    await page.waitForURL(`${challengeUrl}/**`)
    await enterCode(page, emulator)
    await page.waitForSelector('text=Sent by alice')
    expect(booked).toEqual([{ payee: 'Zoë' }])
    const secure = setting.scheme === 'https'
    const name = secure ? '__Host-authsignal' : 'authsignal'
    expect((await context.cookies(url)).find((cookie) => cookie.name === name)).toMatchObject({
      ...{ secure, httpOnly: true, sameSite: 'Lax', path: '/', domain: setting.host },
    })
  },
)

it.each([
  ['redirect', 'lax', 'Account of alice'],
  ['page', 'lax', 'Account of alice'],
  ['page', 'strict', 'Account of alice'],
  // The session cookie is not sent on a redirect that another site began.
  ['redirect', 'strict', 'Sign in first'],
] as const)(
  "a page is shown after the challenge: returnVia '%s', session cookie %s",
  async (returnVia, sameSite, words) => {
    const { url } = await startApp({ sameSite, guard: { returnVia } })
    await page.goto(`${url}/account`)
    await enterCode(page, emulator)
    await page.waitForURL(`${url}/account`)
    expect(await page.textContent('body')).toContain(words)
  },
)

describe('a policy that the guard can not see', () => {
  const meta = `<meta http-equiv="content-security-policy" content="form-action 'self'">`

  it("is met by challengeVia: 'page'", async () => {
    const { url, challengeUrl } = await startApp({ page: meta, guard: { challengeVia: 'page' } })
    await page.goto(url)
    await page.click('button')
    await page.waitForURL(`${challengeUrl}/**`)
    await enterCode(page, emulator)
    await page.waitForSelector('text=Sent by alice')
    expect(booked).toHaveLength(1)
  })

  it('blocks a redirect, and nothing is done', async () => {
    const { url } = await startApp({ page: meta })
    await page.goto(url)
    const blocked = page.waitForEvent('console', (message) => message.text().includes('form-action'))
    await page.click('button')
    await blocked
    expect(booked).toEqual([])
  })
})

it('the session may get another id while the challenge is open', async () => {
  const { url } = await startApp({})
  await page.goto(url)
  await page.click('button')
  const sessionId = async () => (await context.cookies(url)).find(({ name }) => name === 'connect.sid')?.value
  const before = await sessionId()
  const other = await context.newPage()
  await other.goto(`${url}/renew`)
  expect(await sessionId()).not.toBe(before)
  await enterCode(page, emulator)
  await page.waitForSelector('text=Sent by alice')
  expect(booked).toHaveLength(1)
})
