import { startEmulator, type Emulator } from 'authsignal-emulator'
import { createAuthsignal, type Authsignal } from 'authsignal-express'
import express from 'express'
import { register } from 'prom-client'
import request from 'supertest'
import { headedSnippets, run } from '../helpers/snippets'

/* Each snippet of docs/observability.md runs as it is printed, under the heading that it stands under. */

const page = headedSnippets('docs/observability.md')
const under = (title: string) => page.find(({ heading }) => heading === title)?.code ?? ''

let emulator: Emulator
let authsignal: Authsignal
let app: express.Express

beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
})
beforeEach(() => {
  emulator.reset()
  const { apiUrl, apiSecretKey } = emulator
  authsignal = createAuthsignal({ apiUrl, apiSecretKey, userId: () => 'alice' })
  app = express()
})
afterAll(async () => {
  register.clear()
  await emulator.close()
})

it('has no snippet that is not run here', () => {
  expect(page.map(({ heading }) => heading)).toEqual(['A channel', 'Prometheus'])
})

it('A channel: a log line for each decision', async () => {
  const lines: unknown[][] = []
  await run(under('A channel'), { logger: { info: (...line: unknown[]) => lines.push(line) } }, [])
  app.get('/', authsignal.guard('see'))
  emulator.rules.set('see', 'BLOCK')
  await request(app).get('/').expect(403)
  const idempotencyKey = emulator.actions[0]?.idempotencyKey
  const event = {
    actionCode: 'see',
    outcome: 'refused',
    state: 'BLOCK',
    code: 'ERR_AUTHSIGNAL_BLOCKED',
    idempotencyKey,
  }
  expect(lines).toEqual([[event, 'step-up']])
})

it('Prometheus: decisions are counted and timed, under labels that a caller can not multiply', async () => {
  await run(under('Prometheus'), { app }, [])
  const codeOf = (req: express.Request) => req.query.code as string
  app.get('/pay', authsignal.guard(codeOf, { failure: 'open' }), (_req, res) => void res.end())
  const pay = (code: string) => request(app).get('/pay').query({ code }).redirects(0)
  await pay('transfer').expect(200)
  emulator.rules.set('transfer', 'BLOCK')
  await pay('transfer').expect(403)
  emulator.rules.set('withdraw', 'CHALLENGE_REQUIRED')
  await pay('withdraw').expect(302)
  for (const code of ['one', 'two', 'three']) await pay(code).expect(200)
  await pay('not a code').expect(500)
  emulator.faults.next({ status: 503 }, 10)
  await pay('changeSettings').expect(200)

  const { text } = await request(app)
    .get('/metrics')
    .expect(200)
    .expect('content-type', /^text\/plain/)
  const counted = text.split('\n').filter((line) => line.startsWith('authsignal_decisions_total{'))
  expect(counted.sort()).toEqual(
    [
      'authsignal_decisions_total{action="changeSettings",outcome="degraded",code=""} 1',
      'authsignal_decisions_total{action="other",outcome="passed",code=""} 3',
      'authsignal_decisions_total{action="other",outcome="refused",code="ERR_AUTHSIGNAL_MISCONFIGURED"} 1',
      'authsignal_decisions_total{action="transfer",outcome="passed",code=""} 1',
      'authsignal_decisions_total{action="transfer",outcome="refused",code="ERR_AUTHSIGNAL_BLOCKED"} 1',
      'authsignal_decisions_total{action="withdraw",outcome="challenged",code=""} 1',
    ].sort(),
  )
  expect(text).toContain('authsignal_decision_duration_seconds_count{action="transfer"} 2')
  expect(Number(/duration_seconds_sum\{action="transfer"\} ([\d.e-]+)/.exec(text)?.[1])).toBeGreaterThan(0)
})
