import { startEmulator, type Emulator } from 'authsignal-emulator'
import type { Authsignal } from 'authsignal-express'
import express from 'express'
import type { createClient } from 'redis'
import request from 'supertest'
import { run, snippets } from '../helpers/snippets'
import { RedisServer } from '../stores/redis-server'

const yourSession: express.RequestHandler = (req, _res, next) => {
  req.user = { id: 'alice', email: 'alice@example.com' } as { id: string }
  next()
}

let emulator: Emulator
beforeAll(async () => {
  emulator = await startEmulator()
  process.env.AUTHSIGNAL_API_SECRET_KEY = emulator.apiSecretKey
  process.env.AUTHSIGNAL_API_URL = emulator.apiUrl
})
beforeEach(() => {
  emulator.reset()
})
afterAll(() => emulator.close())

const [tenLines = '', fromEnvironment = '', attributes = '', production = '', ...others] = snippets('README.md')

it('has no snippet that is not run here', () => {
  expect(others).toEqual([])
  expect(tenLines.trim().split('\n').length).toBeLessThanOrEqual(13)
})

it('README: ten lines to a guarded route', async () => {
  const { app } = await run(tenLines, { yourSession }, ['app'])
  const sent = () =>
    request(app as express.Express)
      .post('/transfers')
      .type('form')
      .send({ payee: 'Alice' })
      .redirects(0)
  const { text } = await sent().expect(200)
  expect(text).toBe(`Booked under ${emulator.actions[0]?.idempotencyKey}`)
  emulator.rules.set('transfer', 'BLOCK')
  await sent().expect(403)
  emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
  expect((await sent().expect(303)).headers.location).toContain(emulator.url)
})

it('README: the parts from the environment', async () => {
  const app = express()
  app.use(yourSession)
  let ended = 0
  app.use((req, _res, next) => {
    // Of a visitor who is not signed in.
    req.session = {
      destroy: (done: () => void) => {
        ended += 1
        done()
      },
    } as never
    next()
  })
  await run(fromEnvironment, { app }, [])
  app.get('/account', (_req, res) => {
    res.send('your account')
  })
  emulator.rules.set('viewAccount', 'ALLOW')
  await request(app).get('/account').expect(200, 'your account')
  emulator.rules.set('viewAccount', 'CHALLENGE_REQUIRED')
  await request(app).get('/account').redirects(0).expect(302)
  await request(app).get('/authsignal/callback/x').expect(400)
  expect((await request(app).post('/logout').redirects(0).expect(303)).headers['set-cookie']).toBeUndefined()
  expect(ended).toBe(1)
})

it('README: what the challenge is bound to', async () => {
  const { createAuthsignal } = await import('authsignal-express')
  const { guard } = await run(`const guard = ${attributes}`, { authsignal: createAuthsignal() }, ['guard'])
  const app = express()
  app.post('/transfers', yourSession, express.urlencoded(), guard as express.RequestHandler, (_req, res) => {
    res.end()
  })
  await request(app).post('/transfers').type('form').send({ amount: '10', payee: 'Alice' }).expect(200)
  expect(emulator.actions[0]?.attributes).toMatchObject({
    email: 'alice@example.com',
    custom: { amount: 10, payee: 'Alice' },
  })
})

it('README: a store that is shared, and a health route that asks it alone', async () => {
  jest.spyOn(console, 'error').mockReturnValue(undefined)
  const server = await RedisServer.start('port')
  process.env.REDIS_URL = server.url
  const made = await run(production, {}, ['app', 'authsignal', 'redis'])
  const { app, authsignal, redis } = made as {
    app: express.Express
    authsignal: Authsignal
    redis: ReturnType<typeof createClient>
  }
  app.get('/account', yourSession, authsignal.guard('viewAccount'), (_req, res) => {
    res.end()
  })
  await request(app).get('/health').expect(200)
  emulator.rules.set('viewAccount', 'CHALLENGE_REQUIRED')
  await request(app).get('/account').redirects(0).expect(302)
  expect(emulator.requests).toHaveLength(1)
  await server.kill()
  await request(app).get('/health').expect(503)
  expect(emulator.requests).toHaveLength(1)
  redis.destroy()
})

it('docs/errors.md: an error handler by code', async () => {
  const { authsignalGuard } = await import('authsignal-express')
  const app = express()
  app.use(yourSession)
  app.get('/', authsignalGuard('see'), (_req, res) => {
    res.end()
  })
  await run(String(snippets('docs/errors.md')[0]), { app }, [])
  emulator.rules.set('see', 'BLOCK')
  await request(app).get('/').expect(403, 'We could not do this.')
})
