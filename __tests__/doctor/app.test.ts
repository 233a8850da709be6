import { createServer } from 'node:http'
import { startEmulator, type Emulator } from 'authsignal-emulator'
import { createAuthsignal } from 'authsignal-express'
import express from 'express'
import { listen } from '../helpers/listen'
import { startWorld } from '../helpers/world'
import { diagnose, type Environment } from './run-doctor'

/* What doctor finds of the app: its base URL and its callback. */

let emulator: Emulator
let env: Environment

beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
  env = { AUTHSIGNAL_API_URL: emulator.apiUrl, AUTHSIGNAL_API_SECRET_KEY: emulator.apiSecretKey }
})
afterAll(() => emulator.close())

async function diagnoseApp(handle: (app: express.Express) => void, ...args: string[]) {
  const app = express()
  handle(app)
  const server = await listen(createServer(app))
  try {
    const { find, code } = await diagnose({ ...env, AUTHSIGNAL_BASE_URL: server.url }, ...args)
    return { code, url: `${server.url}/authsignal/callback`, found: find('Callback') }
  } finally {
    await server.close()
  }
}

describe('Base URL', () => {
  it.each([
    ['https://bank.example', {}, 'ok', 'https://bank.example'],
    ['https://bank.example/app/', {}, 'ok', 'https://bank.example, path prefix /app'],
    ['http://localhost:3000', {}, 'ok', 'http://localhost:3000'],
    ['http://localhost:3000', { NODE_ENV: 'production' }, 'warning', expect.stringContaining('this machine only')],
    ['http://bank.example', {}, 'warning', expect.stringContaining('http, so')],
    ['', {}, 'warning', expect.stringContaining('there is none')],
    ['', { NODE_ENV: 'production' }, 'failed', 'there is none'],
    ['https://user:hunter2@bank.example', {}, 'failed', expect.not.stringContaining('hunter2')],
    ['bank.example', {}, 'failed', expect.stringContaining('must be the public origin of the app')],
  ])('%p, %p: %s', async (url, more, status, message) => {
    const { find, findings } = await diagnose({ ...env, ...more, AUTHSIGNAL_BASE_URL: url })
    expect(find('Base URL')).toMatchObject({ status, message: message as string })
    expect(JSON.stringify(findings)).not.toContain('hunter2')
  })
})

describe('Callback', () => {
  it('is found where it is mounted, whatever the app’s error handler answers, behind a guard of the whole app too', async () => {
    const { apiUrl, apiSecretKey } = emulator
    const authsignal = createAuthsignal({ apiUrl, apiSecretKey })
    const { code, found, url } = await diagnoseApp((app) => {
      app.use(authsignal.guard('everything', { userId: () => undefined }))
      app.use('/authsignal/callback', authsignal.callback())
      app.use(((_error, _req, res, _next) => {
        res.status(400).json({ oops: true })
      }) satisfies express.ErrorRequestHandler)
    })
    expect([code, found]).toEqual([0, { check: 'Callback', status: 'ok', message: url }])
    expect(emulator.actions).toEqual([])
  })

  it.each<[string, express.RequestHandler, RegExp, RegExp]>([
    ['not mounted', (_req, res) => void res.sendStatus(404), /answers 404/, /app\.use\('\/authsignal\/callback'/],
    [
      'behind a log-in',
      (_req, res) => {
        res.redirect('/login?next=secret')
      },
      /answers 302, to http:\/\/127\.0\.0\.1:\d+\/login$/,
      /before any log-in check/,
    ],
    ['refused', (_req, res) => void res.sendStatus(401), /answers 401: something before/, /before any log-in/],
    ['another page', (_req, res) => void res.send('my app'), /answers 200: another page/, /before any page/],
    ['a broken app', (_req, res) => void res.sendStatus(502), /answers 502/, /log/],
  ])('%s', async (_name, handler, message, cure) => {
    const { code, found } = await diagnoseApp((app) => app.use(handler))
    expect(code).toBe(1)
    expect(found).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(message) as string,
      cure: expect.stringMatching(cure) as string,
    })
  })

  it('a 400 that is not the callback’s is not taken for it', async () => {
    const { found } = await diagnoseApp((app) => app.use((_req, res) => void res.sendStatus(400)))
    expect(found).toMatchObject({ status: 'warning' })
  })

  it('a callback that is mounted but misconfigured is told from one that is missing', async () => {
    const { apiUrl, apiSecretKey } = emulator
    const elsewhere = createAuthsignal({ apiUrl, apiSecretKey, callbackPath: '/back' })
    const { found } = await diagnoseApp((app) => app.use('/authsignal/callback', elsewhere.callback()))
    expect(found).toMatchObject({ status: 'failed', message: expect.stringContaining('is there, and fails') as string })
  })

  it('is asked for at the callbackPath of the app’s own options', async () => {
    const config = require.resolve('./configs/compiled.cjs')
    const { found } = await diagnoseApp((app) => app.use((_req, res) => void res.sendStatus(404)), '--config', config)
    expect(found?.message).toMatch(/\/back answers 404/)
  })

  it('an app that is not running is said to be so', async () => {
    const server = await listen(createServer())
    await server.close()
    const { find, code } = await diagnose({ ...env, AUTHSIGNAL_BASE_URL: server.url })
    expect(code).toBe(1)
    expect(find('Callback')).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/ECONNREFUSED/) as string,
      cure: expect.stringMatching(/^Start the app/) as string,
    })
  })
})

it('all is well with an app that is', async () => {
  const world = await startWorld()
  const { apiUrl, apiSecretKey } = world.emulator
  const { code, findings } = await diagnose({
    AUTHSIGNAL_API_URL: apiUrl,
    AUTHSIGNAL_API_SECRET_KEY: apiSecretKey,
    AUTHSIGNAL_BASE_URL: world.url,
  })
  expect([code, findings.map(({ check, status }) => `${check}: ${status}`)]).toEqual([
    0,
    ['API: ok', 'API key: ok', 'Clock: ok', 'Base URL: ok', 'Callback: ok', 'Proxies: skipped', 'Store: skipped'],
  ])
  expect(world.emulator.requests.map(({ method }) => method)).toEqual(['GET'])
  expect(world.emulator.actions).toEqual([])
})
