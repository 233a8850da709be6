import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { RequestHandler } from 'express'
import { startWorld, type World } from '../helpers/world'

const exporter = new InMemorySpanExporter()

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }))
})
beforeEach(() => {
  exporter.reset()
})
afterAll(() => {
  trace.disable()
  context.disable()
})

/** What an instrumentation of node:http does: a span around each request. */
const traced: RequestHandler = (req, res, next) => {
  trace.getTracer('test').startActiveSpan(req.method, (span) => {
    res.once('finish', () => {
      span.end()
    })
    next()
  })
}

function attributes() {
  return exporter.getFinishedSpans().map((span) => span.attributes)
}

async function tracedWorld(): Promise<World> {
  return startWorld({ routes: (app) => app.use(traced) })
}

it('each decision stands on the span of its own request', async () => {
  const world = await tracedWorld()
  world.emulator.rules.set('transfer', 'BLOCK')
  const customer = world.customer()
  await Promise.all([customer.post('/transfers', {}).expect(403), customer.get('/account').expect(200)])
  const byAction = Object.fromEntries(attributes().map((found) => [String(found['authsignal.action_code']), found]))
  const keyOf = (code: string) =>
    world.emulator.actions.find(({ actionCode }) => actionCode === code)?.idempotencyKey ?? 'none'
  expect(byAction).toMatchObject({
    transfer: {
      'authsignal.action_code': 'transfer',
      'authsignal.idempotency_key': keyOf('transfer'),
      'authsignal.state': 'BLOCK',
      'authsignal.outcome': 'refused',
      'authsignal.error_code': 'ERR_AUTHSIGNAL_BLOCKED',
    },
    viewAccount: {
      'authsignal.action_code': 'viewAccount',
      'authsignal.idempotency_key': keyOf('viewAccount'),
      'authsignal.state': 'ALLOW',
      'authsignal.outcome': 'passed',
      'authsignal.challenged': false,
    },
  })
})

it('a request that passed by a challenge is told from one that was allowed', async () => {
  const world = await tracedWorld()
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  const customer = world.customer()
  await customer.post('/transfers', { payee: 'Alice' }).expect(303)
  expect(attributes().at(-1)).toMatchObject({ 'authsignal.outcome': 'challenged' })
  await customer.sendAgain(await customer.passAndReturn('PASSKEY')).expect(200)
  expect(attributes().at(-1)).toMatchObject({
    'authsignal.state': 'CHALLENGE_SUCCEEDED',
    'authsignal.challenged': true,
    'authsignal.verification_method': 'PASSKEY',
  })
})

it('a request without a span is guarded as ever', async () => {
  const world = await startWorld()
  await world.customer().get('/account').expect(200)
  expect(attributes()).toEqual([])
})

it('a span that throws breaks no request', async () => {
  const broken = {
    isRecording: () => true,
    setAttributes: jest.fn(() => {
      throw new Error('of the exporter')
    }),
  }
  const world = await startWorld()
  const active = jest.spyOn(trace, 'getActiveSpan').mockReturnValue(broken as never)
  await world.customer().get('/account').expect(200)
  expect(broken.setAttributes).toHaveBeenCalledTimes(1)
  active.mockRestore()
})

it('the import of the package loads nothing of it', async () => {
  const script = "require('authsignal-express'); console.log(Object.keys(require.cache).join('\\n'))"
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { cwd: join(__dirname, '../..') })
  expect(stdout).toContain('active-span')
  expect(stdout).not.toContain('opentelemetry')
})
