import { createServer } from 'node:http'
import { buildSync } from 'esbuild'
import { startEmulator, type Emulator } from 'authsignal-emulator'
import { createAuthsignal, type Authsignal, type AuthsignalOptions } from 'authsignal-express'
import express from 'express'
import session from 'express-session'
import helmet from 'helmet'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import request from 'supertest'
import { enterCode, quit } from '../helpers/challenge-page'
import { useBrowser } from '../helpers/chromium'
import { listen } from '../helpers/listen'
import { cancelIn, confirmIn, popupOn } from '../helpers/popup'
import { headedSnippets, run } from '../helpers/snippets'

/* Each snippet of docs/flows.md runs as it is printed, under the heading that it stands under. */

const root = join(__dirname, '../..')
const page = headedSnippets('docs/flows.md')
const under = (title: string) => page.filter(({ heading }) => heading === title).map(({ code }) => code)

const [form = ''] = under('A form')
const [multipart = ''] = under("Forms that can't be kept")
const [withoutToken = ''] = under('Policies and cookies')
const [script = '', policy = ''] = under('A script')
const [sudo = '', logOut = ''] = under('Sudo mode')
const [texts = '', ownPage = ''] = under('The pages')

const browser = useBrowser()
let emulator: Emulator
let context: BrowserContext
let tab: Page
let authsignal: Authsignal
let app: express.Express
let server: Awaited<ReturnType<typeof listen>>
let booked: unknown[]

beforeAll(async () => {
  emulator = await startEmulator()
})
afterAll(() => emulator.close())
beforeEach(async () => {
  emulator.reset()
  booked = []
  const { apiUrl, apiSecretKey } = emulator
  authsignal = createAuthsignal({ apiUrl, apiSecretKey })
  app = express()
  server = await listen(createServer(app))
  context = await browser().newContext()
  tab = await context.newPage()
})
afterEach(async () => {
  await context.close()
  await server.close()
})

function signedIn() {
  app.use(session({ secret: 'of this test', resave: false, saveUninitialized: false }), (req, _res, next) => {
    req.session.userId = 'alice'
    next()
  })
}

const createTransfer: express.RequestHandler = (req, res) => {
  booked.push(req.body)
  res.send('Booked.')
}

const confirm = () => enterCode(tab, emulator)

it('has no snippet that is not run here', () => {
  expect(page).toHaveLength(9)
})

it('a form goes to the challenge and comes back', async () => {
  signedIn()
  app.get('/', (_req, res) => {
    res.send('<form method="post" action="/transfers"><input name="payee" value="Bob"><button>Send</button></form>')
  })
  await run(form, { app, authsignal, express, createTransfer }, [])
  emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
  await tab.goto(server.url)
  await tab.click('button')
  await confirm()
  await tab.waitForSelector('text=Booked.')
  expect(booked).toEqual([{ payee: 'Bob' }])
})

it('a form whose CSRF token is new passes, and one with another field does not', async () => {
  signedIn()
  await run(withoutToken, { app, authsignal, express, createTransfer }, [])
  emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
  const client = request.agent(server.url)
  const send = (fields: object) => client.post('/transfers').redirects(0).type('form').send(fields)
  await send({ _csrf: '1', payee: 'Bob' }).expect(303)
  await emulator.challenges.succeed(String(emulator.actions[0]?.idempotencyKey))
  await send({ _csrf: '2', payee: 'Mallory' }).expect(303)
  await send({ _csrf: '2', payee: 'Bob' }).expect(200)
  expect(booked).toEqual([{ _csrf: '2', payee: 'Bob' }])
})

it('a file is bound by its content', async () => {
  signedIn()
  const createDocument: express.RequestHandler = (req, res) => {
    booked.push(req.file?.buffer.toString())
    res.end()
  }
  await run(multipart, { app, authsignal, createDocument }, [])
  emulator.rules.set('upload', 'CHALLENGE_REQUIRED')
  const client = request.agent(server.url)
  const send = (content: string, to: string) =>
    client.post('/documents').redirects(0).field('to', to).attach('file', Buffer.from(content), 'a.txt')
  await send('one', 'Bob').expect(303)
  await emulator.challenges.succeed(String(emulator.actions[0]?.idempotencyKey))
  await send('two', 'Bob').expect(303)
  await send('one', 'Mallory').expect(303)
  await send('one', 'Bob').expect(200)
  expect(booked).toEqual(['one'])
})

it('a script opens a pop-up, under the policy that is printed', async () => {
  const { outputFiles } = buildSync({
    stdin: { contents: script, resolveDir: root, loader: 'ts' },
    alias: { 'authsignal-express/browser': join(root, 'src/browser/index.ts') },
    bundle: true,
    write: false,
    format: 'esm',
  })
  await run(policy.replace('https://mfa.authsignal.com', emulator.url), { app, helmet }, [])
  signedIn()
  app.get('/', (_req, res) => {
    res.send(`<!doctype html><title>Page</title>`)
  })
  app.get('/script.js', (_req, res) => {
    res.type('js').send(outputFiles[0]?.text)
  })
  await run(form, { app, authsignal, express, createTransfer }, [])
  emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
  await tab.goto(server.url)
  const transfer = () => tab.evaluate<string>(`import('/script.js').then(({ transfer }) => transfer('Bob', '10'))`)

  const confirmed = transfer()
  await confirmIn(await popupOn(tab), emulator)
  expect(await confirmed).toBe('Sent.')
  expect(booked).toEqual([{ payee: 'Bob', amount: '10' }])

  await tab.reload()
  const cancelled = transfer()
  await cancelIn(await popupOn(tab))
  expect(await cancelled).toBe('You did not confirm, so nothing was sent.')
  expect(booked).toHaveLength(1)
})

it('sudo mode asks once, until the user logs out', async () => {
  signedIn()
  const settings: express.RequestHandler = (_req, res) => {
    res.send('Settings')
  }
  app.use('/authsignal/callback', authsignal.callback())
  await run(sudo, { app, authsignal, settings }, [])
  await run(logOut, { app, authsignal }, [])
  app.get('/login', (_req, res) => {
    res.send('<form method="post" action="/logout"><button>Log out</button></form>')
  })
  emulator.rules.set('changeSettings', 'CHALLENGE_REQUIRED')

  await tab.goto(`${server.url}/settings`)
  await confirm()
  await tab.waitForSelector('text=Settings')
  await tab.goto(`${server.url}/settings?again`)
  expect(await tab.textContent('body')).toBe('Settings')

  emulator.rules.set('changeSettings', 'BLOCK')
  expect((await tab.goto(`${server.url}/settings`))?.status()).toBe(403)
  emulator.rules.set('changeSettings', 'CHALLENGE_REQUIRED')

  await tab.goto(`${server.url}/login`)
  await tab.click('button')
  await tab.waitForURL(`${server.url}/login`)
  await tab.goto(`${server.url}/settings`)
  expect(tab.url()).toContain(emulator.url)
})

describe('the page of a user who quits', () => {
  async function quitWith(snippet: string) {
    const { apiUrl, apiSecretKey } = emulator
    const create = (options?: Omit<AuthsignalOptions, 'client'>) =>
      createAuthsignal({ apiUrl, apiSecretKey, ...options })
    const declared = await run(snippet, { createAuthsignal: create }, ['authsignal'])
    signedIn()
    await run(form, { app, authsignal: declared.authsignal, express, createTransfer }, [])
    app.get('/', (_req, res) => {
      res.send('<form method="post" action="/transfers"><button>Send</button></form>')
    })
    emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
    await tab.goto(server.url)
    await tab.click('button')
    await quit(tab)
    await tab.waitForURL(`${server.url}/**`)
  }

  it('has other words', async () => {
    await quitWith(texts)
    expect(await tab.textContent('h1')).toBe('עוד לא אושר')
    expect(await tab.locator('html').getAttribute('dir')).toBe('rtl')
  })

  it('is replaced', async () => {
    await quitWith(ownPage)
    expect(tab.url()).toBe(`${server.url}/transfers/new?unconfirmed`)
  })
})
