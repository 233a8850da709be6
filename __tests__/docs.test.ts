import { createServer, type Server } from 'node:http'
import { startEmulator, type Emulator } from 'authsignal-emulator'
import {
  authsignalManage,
  authsignalWebhook,
  createAuthsignal,
  stepUp,
  withStepUp,
  type Authsignal,
  type AuthsignalClient,
} from 'authsignal-express'
import express from 'express'
import request from 'supertest'
import { listen } from './helpers/listen'
import { headedSnippets, run } from './helpers/snippets'

/* Each snippet of docs/manage.md, docs/webhooks.md and docs/decorators.md runs as it is printed. */

const under = (file: string, title: string) =>
  headedSnippets(`docs/${file}.md`)
    .filter(({ heading }) => heading === title)
    .map(({ code }) => code)

const [manage = '', ...othersOfManage] = under('manage', 'Self-service')
const [webhook = '', ...othersOfWebhook] = under('webhooks', 'Webhooks')
const [tryIt = ''] = under('webhooks', 'Try it')
const [method = '', handler = '', plainServer = ''] = under('decorators', 'Controllers and handlers')
const [controllers = ''] = under('decorators', 'A class')

let emulator: Emulator
let authsignal: Authsignal<AuthsignalClient>
let app: express.Express
beforeAll(async () => {
  emulator = await startEmulator()
})
beforeEach(() => {
  emulator.reset()
  authsignal = createAuthsignal({ apiUrl: emulator.apiUrl, apiSecretKey: emulator.apiSecretKey })
  app = express()
  app.use((req, _res, next) => {
    req.user = { id: 'alice' }
    next()
  })
})
afterAll(() => emulator.close())

const tracked = () => emulator.actions.map(({ actionCode }) => actionCode)

it('has no snippet that is not run here', () => {
  expect([...othersOfManage, ...othersOfWebhook]).toEqual([])
  const all = ['manage', 'webhooks', 'decorators'].flatMap((file) => headedSnippets(`docs/${file}.md`))
  expect(all).toHaveLength(7)
})

it('docs/manage.md: a guarded way to the self-service page', async () => {
  await run(manage, { app, authsignal }, [])
  const { headers } = await request(app).get('/security').redirects(0).expect(302)
  expect(headers.location).toContain(`${emulator.url}/settings?token=`)
  expect(tracked()).toEqual(['manageAuthenticators'])
  emulator.rules.set('manageAuthenticators', 'BLOCK')
  await request(app).get('/security').expect(403)
})

it('docs/webhooks.md: a receiver', async () => {
  const told: unknown[] = []
  const given = {
    express,
    app,
    authsignal,
    tellUser: (...words: unknown[]) => told.push(words),
    archive: (record: { state?: string }) => told.push(record.state),
    isFrozen: async (userId: string) => userId === 'mallory',
    sendText: (...words: unknown[]) => told.push(words),
  }
  await run(webhook, given, [])
  const server = await listen(createServer(app))
  try {
    emulator.webhooks.setUrl(`${server.url}/webhooks/authsignal`)
    emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
    const { client } = authsignal
    const attributes = { verificationMethod: 'SMS', phoneNumber: '+64211234567' } as const
    await client.enrollVerifiedAuthenticator({ userId: 'alice', attributes })
    const { url } = await client.track({ userId: 'alice', action: 'transfer' })
    await fetch(String(url))
    await emulator.challenges.succeed(String(emulator.actions[0]?.idempotencyKey))
    await client.track({ userId: 'mallory', action: 'transfer' })
    await emulator.challenges.succeed(String(emulator.actions[1]?.idempotencyKey))
    await emulator.webhooks.settled()
  } finally {
    await server.close()
  }
  expect(emulator.actions.map(({ state }) => state)).toEqual(['CHALLENGE_SUCCEEDED', 'CHALLENGE_FAILED'])
  expect(told).toEqual([
    ['alice', 'You can now confirm by SMS.'],
    ['+64211234567', `Your code is ${String(emulator.outbox[0]?.code)}`],
    'CHALLENGE_SUCCEEDED',
    'CHALLENGE_FAILED',
  ])
})

it('docs/webhooks.md: an emulator that sends them', async () => {
  const { emulator: started } = await run(tryIt, {}, ['emulator'])
  expect((started as Emulator).webhooks.deliveries).toEqual([])
  await (started as Emulator).close()
})

it('docs/decorators.md: a method', async () => {
  const bank = { transfer: async ({ amount }: { amount: string }, key: string) => ({ amount, key }) }
  await run(method, { app, authsignal, express, bank }, [])
  const { body } = (await request(app).post('/transfers').type('form').send({ amount: '10' }).expect(200)) as {
    body: unknown
  }
  expect(body).toEqual({ amount: '10', key: emulator.actions[0]?.idempotencyKey })
  expect(emulator.actions).toMatchObject([{ actionCode: 'transfer', attributes: { custom: { amount: '10' } } }])
})

it('docs/decorators.md: a function', async () => {
  const closed: string[] = []
  await run(handler, { app, authsignal, closeCard: async (id: string) => closed.push(id) }, [])
  await request(app).delete('/cards/7').expect(204)
  expect([closed, tracked()]).toEqual([['7'], ['closeCard']])
})

it('docs/decorators.md: a server of node:http', async () => {
  const userOf = ({ headers }: { headers: Record<string, string> }) => headers['x-user']
  const given = { authsignal, sendMoney: async () => Promise.resolve('sent'), userOf }
  const { server } = await run(plainServer, given, ['server'])
  const listening = await listen(server as Server)
  const { url } = listening
  await request(url).post('/').expect(401, 'Sign in first.')
  await request(url).post('/').set('x-user', 'alice').expect(200, 'sent')
  await request(url).get('/authsignal/callback/none').expect(400)
  await listening.close()
})

it('docs/decorators.md: a class', async () => {
  const { Cards } = await run(controllers, { authsignal }, ['Cards'])
  const cards = new (Cards as new () => Record<'list' | 'close', express.RequestHandler>)()
  app.get('/cards', cards.list.bind(cards)).get('/cards/:id/close', cards.close.bind(cards))
  await request(app)
    .get('/cards')
    .expect(200, { cards: ['a card of alice'] })
  await request(app).get('/cards/7/close').expect(200, { closed: '7' })
  expect(tracked()).toEqual(['manageCards', 'closeCard'])
})

it('the functions of the package itself take the environment', async () => {
  process.env.AUTHSIGNAL_API_SECRET_KEY = emulator.apiSecretKey
  process.env.AUTHSIGNAL_API_URL = emulator.apiUrl
  class Controller {
    @stepUp('byMethod')
    handle(_req: express.Request, res: express.Response) {
      res.send('by a method')
    }
  }
  const controller = new Controller()
  const byFunction = withStepUp('byFunction', (_req, res: express.Response) => res.send('by a function'))
  app.get('/security', authsignalManage())
  app.use('/webhooks', authsignalWebhook({}))
  app.get('/method', controller.handle.bind(controller)).get('/function', byFunction)
  await request(app).get('/security').redirects(0).expect(302)
  await request(app).post('/webhooks').send({}).expect(400)
  await request(app).get('/method').expect(200, 'by a method')
  await request(app).get('/function').expect(200, 'by a function')
  expect(tracked()).toEqual(['byMethod', 'byFunction'])
})
