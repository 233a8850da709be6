import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { Duplex } from 'node:stream'
import { connect as connectHttp2, createServer as createHttp2Server, type ClientHttp2Session } from 'node:http2'
import bodyParser from 'body-parser'
import connect from 'connect'
import { startEmulator, type Emulator } from 'authsignal-emulator'
import { createAuthsignal, type Authsignal, type GuardedRequest, type Middleware } from 'authsignal-express'
import express from 'express'
import express4 from 'express-4'
import { parse } from 'node-html-parser'
import request from 'supertest'
import { cookieOf } from '../helpers/customer'
import { listen } from '../helpers/listen'

/** As much of an app as all the frameworks share. */
interface App {
  use(handler: Middleware): unknown
  use(path: string, handler: Middleware): unknown
}

const frameworks: Record<string, () => App & RequestListener> = {
  'Express 5': () => express(),
  'Express 4': () => express4(),
  Connect: () => connect(),
}

let emulator: Emulator
beforeAll(async () => {
  emulator = await startEmulator()
})
beforeEach(() => {
  emulator.reset()
  emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
})
afterAll(() => emulator.close())

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}
type Send = (method: string, path: string, cookie?: string, body?: string) => Promise<Answer>

const form = 'payee=Alice&amount=10&note=a%26b'

/** The whole flow: challenged, passed, back, sent again by a client that leaves, and once more, booked once. */
async function wholeFlow(send: Send, { booked, errors, clientLeaves }: Built): Promise<void> {
  const challenged = await send('POST', '/transfers?from=1', undefined, form)
  expect([challenged.status, challenged.headers.location]).toEqual([303, expect.stringContaining(emulator.url)])
  const cookie = cookieOf(challenged)
  const [action] = emulator.actions
  const { pathname } = new URL(String(action?.attributes.redirectUrl))
  expect((await send('GET', pathname, cookie)).text).toContain('Try again')
  await emulator.challenges.succeed(String(action?.idempotencyKey))
  const page = await send('GET', `${pathname}?token=t`, cookie)
  const resume = parse(page.text).querySelector('form')
  const fields = resume
    ?.querySelectorAll('input')
    .map((input) => [String(input.getAttribute('name')), String(input.getAttribute('value'))])
  const again = new URLSearchParams(fields).toString()
  clientLeaves()
  await send('POST', String(resume?.getAttribute('action')), cookie, again).catch(() => undefined)
  expect(booked).toEqual([])
  const done = await send('POST', String(resume?.getAttribute('action')), cookie, again)
  expect([done.status, done.text]).toEqual([200, 'booked'])
  expect(booked).toEqual([
    { path: '/transfers?from=1', body: { payee: 'Alice', amount: '10', note: 'a&b' }, key: action?.idempotencyKey },
  ])
  emulator.rules.set('transfer', 'BLOCK')
  expect((await send('POST', '/transfers', cookie, form)).status).toBe(403)
  expect(errors.map(({ code }) => code)).toEqual(['ERR_AUTHSIGNAL_ALREADY_SPENT', 'ERR_AUTHSIGNAL_BLOCKED'])
}

interface Built {
  app: App & RequestListener
  booked: unknown[]
  errors: { code?: string }[]
  /** The client of the next form leaves while the guard is at work. */
  clientLeaves: () => void
}

function buildApp(makeApp: () => App & RequestListener, authsignal: Authsignal): Built {
  const booked: unknown[] = []
  const errors: { code?: string }[] = []
  let leaves = false
  const app = makeApp()
  app.use((req: GuardedRequest, _res, next) => {
    req.user = { id: 'alice' }
    next()
  })
  app.use(bodyParser.urlencoded({ extended: true }) as unknown as Middleware)
  app.use('/authsignal/callback', authsignal.callback())
  const attributes = async (req: GuardedRequest) => {
    const { stream, socket } = req as unknown as { stream?: Duplex; socket: Duplex }
    if (leaves) await once((stream ?? socket).destroy(), 'close')
    leaves = false
    return {}
  }
  app.use('/transfers', authsignal.guard('transfer', { attributes }))
  app.use('/transfers', (req: GuardedRequest, res) => {
    const body = { ...(req.body as object) }
    booked.push({ path: req.originalUrl, body, key: req.authsignal?.idempotencyKey })
    res.end('booked')
  })
  // An error handler has four parameters, which the shared type does not tell.
  const onError = (
    error: { code?: string; status?: number },
    _req: GuardedRequest,
    res: Parameters<Middleware>[1],
    _next: unknown,
  ) => {
    errors.push(error)
    res.statusCode = error.status ?? 500
    res.end()
  }
  app.use(onError as unknown as Middleware)
  const clientLeaves = () => {
    leaves = true
  }
  return { app, booked, errors, clientLeaves }
}

function newAuthsignal(): Authsignal {
  return createAuthsignal({ apiUrl: emulator.apiUrl, apiSecretKey: emulator.apiSecretKey })
}

it.each(Object.entries(frameworks))('%s takes the whole flow over http', async (_name, makeApp) => {
  const built = buildApp(makeApp, newAuthsignal())
  const server = await listen(createServer(built.app))
  const send: Send = async (method, path, cookie, body) => {
    const agent = request(server.url)
    const sending = method === 'POST' ? agent.post(path) : agent.get(path)
    sending.redirects(0).set('accept', 'text/html')
    if (cookie) sending.set('cookie', cookie)
    const { status, headers, text } = await (body ? sending.type('form').send(body) : sending)
    return { status, headers: headers, text }
  }
  try {
    await wholeFlow(send, built)
  } finally {
    await server.close()
  }
})

it("Connect takes the whole flow over http2's compatibility API", async () => {
  const built = buildApp(() => connect(), newAuthsignal())
  const server = await listen(createHttp2Server(built.app as never))
  const session = connectHttp2(server.url)
  try {
    await wholeFlow((...request) => sendHttp2(session, ...request), built)
  } finally {
    session.close()
    await server.close()
  }
})

it('a plain server of http2 is guarded without a framework', async () => {
  const guard = newAuthsignal().guard('transfer', { userId: () => 'alice' })
  const server = await listen(
    createHttp2Server((req, res) => {
      guard(req, res, (error) => {
        res.statusCode = error ? (error as { status: number }).status : 200
        res.end('through')
      })
    }),
  )
  const session = connectHttp2(server.url)
  try {
    expect((await sendHttp2(session, 'GET', '/transfers')).status).toBe(302)
    // Its body is announced by no header, and nobody has read it.
    expect((await sendHttp2(session, 'POST', '/transfers', undefined, form, false)).status).toBe(500)
    emulator.rules.set('transfer', 'ALLOW')
    expect((await sendHttp2(session, 'GET', '/transfers')).text).toBe('through')
  } finally {
    session.close()
    await server.close()
  }
})

function sendHttp2(
  session: ClientHttp2Session,
  method: string,
  path: string,
  cookie?: string,
  body?: string,
  announced = true,
) {
  return new Promise<Answer>((resolve, reject) => {
    const stream = session.request({
      ':method': method,
      ':path': path,
      accept: 'text/html',
      ...(cookie && { cookie }),
      ...(body && { 'content-type': 'application/x-www-form-urlencoded' }),
      ...(body && announced && { 'content-length': Buffer.byteLength(body) }),
    })
    let answered: Record<string, unknown> = {}
    let text = ''
    stream.setEncoding('utf8')
    stream.on('response', (headers) => {
      answered = headers
    })
    stream.on('data', (chunk: string) => {
      text += chunk
    })
    stream.on('close', () => {
      resolve({ status: Number(answered[':status']), headers: answered as Answer['headers'], text })
    })
    stream.on('error', reject)
    stream.end(body)
  })
}
