import dns from 'node:dns'
import { keepThreadsBusy } from './helpers/busy'
import { listen } from './helpers/listen'
import { sendJson, startFaultyServer } from './helpers/faulty-server'
import { challengedWorld, startWorld } from './helpers/world'

/* What is an outage, and what of it lets a request pass. */

type Looked = (error: null, addresses: dns.LookupAddress[]) => void

const toAlice = { payee: 'Alice', amount: '10' }

describe("failure: 'open'", () => {
  const open = { failure: 'open' } as const

  it.each([
    ['500', { status: 500 }],
    ['a lost connection', { drop: true }],
  ] as const)('lets pass at %s, marked degraded', async (_name, fault) => {
    const world = await startWorld({ guard: open })
    world.emulator.faults.next(fault, 10)
    await world.customer().post('/transfers', toAlice).expect(200)
    expect(world.booked).toMatchObject([{ authsignal: { degraded: true, challenged: false } }])
  })

  it('lets pass while the breaker answers at once', async () => {
    const world = await startWorld({ guard: open, authsignal: { retries: 0 } })
    world.emulator.faults.next({ status: 503 }, 100)
    for (let n = 0; n < 8; n += 1) await world.customer().post('/transfers', toAlice).expect(200)
    expect(world.booked.every(({ authsignal }) => authsignal?.degraded)).toBe(true)
    expect(world.emulator.requests).toHaveLength(5)
  })

  it('lets nobody pass unasked by the probe that finds Authsignal back', async () => {
    const world = await startWorld({ guard: open, authsignal: { retries: 0 } })
    const transfer = () => world.customer().post('/transfers', toAlice)
    world.emulator.faults.next({ status: 503 }, 5)
    for (let n = 0; n < 5; n += 1) await transfer().expect(200)
    world.emulator.rules.set('transfer', 'BLOCK')
    world.emulator.faults.next({ latencyMs: 200 })
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000)
    const answers = await Promise.all([1, 2, 3, 4, 5].map(transfer))
    now.mockRestore()
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403])
  })

  it('lets pass at a hang', async () => {
    const world = await startWorld({ guard: open, authsignal: { timeout: 300 } })
    world.emulator.faults.next({ hang: true }, 10)
    await world.customer().post('/transfers', toAlice).expect(200)
  })

  it.each([
    ['directly', undefined, undefined],
    ['by axios’ own adapter', 'http_proxy', undefined],
    ['through a tunnel', 'https_proxy', 'https://api.authsignal.test/v1'],
  ])('is not opened by whoever keeps the threads busy: %s', async (_how, variable, apiUrl) => {
    // Nobody is behind it, and nothing is to get there.
    if (variable) Object.assign(process.env, { [variable]: 'http://localhost:9', no_proxy: 'localhost' })
    const ofLocalhost = (emulator: { apiUrl: string }) => emulator.apiUrl.replace('127.0.0.1', 'localhost')
    const world = await startWorld({
      guard: open,
      authsignal: (emulator) => ({ apiUrl: apiUrl ?? ofLocalhost(emulator), timeout: 1_000 }),
    })
    world.emulator.rules.set('transfer', 'BLOCK')
    const letGo = keepThreadsBusy()
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => world.customer().post('/transfers', toAlice)))
    // Nor do the questions fill what the app's own look-ups need.
    const lookups = process.getActiveResourcesInfo().filter((resource) => resource === 'GetAddrInfoReqWrap')
    await letGo()
    expect(lookups).toHaveLength(1)
    for (const name of ['http_proxy', 'https_proxy', 'no_proxy']) Reflect.deleteProperty(process.env, name)
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503, 503])
    expect(world.errors[0]?.cause).toMatchObject({ code: 'OWN_DELAY' })
    // Nor was the breaker opened, which would have opened the guard.
    if (!apiUrl) await world.customer().post('/transfers', toAlice).expect(403)
    expect(world.booked).toEqual([])
  })

  it.each([
    ['429', { status: 429 }, 503],
    ['408', { status: 408 }, 503],
    ['400', { status: 400, body: '{}' }, 500],
    ['401', { status: 401, body: '{}' }, 500],
    ['a redirect', { status: 302, headers: { location: '/' } }, 502],
    ['something malformed', { status: 200, body: 'ALLOW' }, 502],
    ['an answer without its key', { status: 200, body: '{"state":"ALLOW"}' }, 502],
    ['an answer to another question', { status: 200, body: '{"state":"ALLOW","idempotencyKey":"other"}' }, 502],
  ] as const)('lets nothing pass at %s', async (_name, fault, status) => {
    const world = await startWorld({ guard: open })
    world.emulator.faults.next(fault, 10)
    await world.customer().post('/transfers', toAlice).expect(status)
    expect(world.booked).toEqual([])
  })

  it('lets nothing pass at an unknown state', async () => {
    const world = await startWorld({ guard: open })
    world.emulator.rules.set('*', 'FINE')
    await world.customer().post('/transfers', toAlice).expect(502)
    expect(world.booked).toEqual([])
  })

  it('lets nothing pass at a 429 with an outage after it', async () => {
    const world = await startWorld({ guard: open })
    world.emulator.faults.next({ status: 429 })
    world.emulator.faults.next({ status: 503 }, 10)
    await world.customer().post('/transfers', toAlice).expect(503)
    expect(world.booked).toEqual([])
  })

  it('is not opened by an outage of get-action', async () => {
    const world = await challengedWorld(open)
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    world.emulator.faults.next({ status: 503, match: 'getAction' }, 100)
    for (let n = 0; n < 6; n += 1) await customer.post('/transfers', toAlice).expect(503)
    world.emulator.rules.set('*', 'BLOCK')
    await customer.post('/transfers', { payee: 'Mallory' }).expect(403)
    expect(world.booked).toEqual([])
  })

  it('is not opened by whoever keeps this process busy while it connects to the first of two addresses', async () => {
    const world = await startWorld({
      guard: open,
      authsignal: ({ apiUrl }) => ({ apiUrl: apiUrl.replace('127.0.0.1', 'localhost') }),
    })
    world.emulator.rules.set('transfer', 'BLOCK')
    const lookup = jest.spyOn(dns, 'lookup').mockImplementation(((_name: string, _options: object, done: Looked) => {
      setImmediate(() => {
        // Nobody listens at the other.
        done(null, [
          { address: '127.0.0.1', family: 4 },
          { address: '127.0.0.2', family: 4 },
        ])
        // Longer than Node gives the first one.
        const until = performance.now() + 300
        while (performance.now() < until);
      })
    }) as never)
    try {
      await world.customer().post('/transfers', toAlice).expect(503)
      expect(lookup).toHaveBeenCalled()
    } finally {
      lookup.mockRestore()
    }
    expect(world.errors[0]?.cause).toMatchObject({ code: 'OWN_DELAY' })
  })

  it('is not opened by an address that came late, where the answer came not in what time was left', async () => {
    const { lookup } = dns
    const slow = jest.spyOn(dns, 'lookup').mockImplementation((...given: Parameters<typeof lookup>) => {
      setTimeout(() => {
        lookup(...given)
      }, 150)
    })
    const world = await startWorld({
      guard: open,
      authsignal: ({ apiUrl }) => ({ apiUrl: apiUrl.replace('127.0.0.1', 'localhost'), timeout: 400, retries: 0 }),
    })
    world.emulator.faults.next({ hang: true })
    try {
      await world.customer().post('/transfers', toAlice).expect(503)
    } finally {
      slow.mockRestore()
    }
    expect(world.errors[0]?.cause).toMatchObject({ code: 'OWN_DELAY' })
    expect(world.booked).toEqual([])
  })

  it('is not opened by ids that are too long for the API to read', async () => {
    const world = await startWorld({ guard: { ...open, userId: ({ body }) => (body as { payee: string }).payee } })
    for (let n = 0; n < 6; n += 1)
      await world
        .customer()
        .post('/transfers', { payee: 'é'.repeat(10_000) })
        .expect(500)
    expect(world.errors[0]?.message).toContain('userId is longer than 1000 characters')
    expect(world.emulator.requests).toEqual([])
  })

  it.each([
    ['talks no HTTP', 'hello\r\n'],
    ['upgrades unasked', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
  ])('is not opened by a server that %s', async (_name, answer) => {
    const { createServer } = await import('node:net')
    const raw = await listen(createServer((socket) => socket.end(answer, () => socket.destroy())))
    const world = await startWorld({ guard: open, authsignal: { apiUrl: raw.url, apiSecretKey: 'x' } })
    await world.customer().post('/transfers', toAlice).expect(502)
    await raw.close()
  })
})

describe('failure', () => {
  it('is each route’s own: one may be open where the next is closed', async () => {
    const world = await startWorld({
      authsignal: { failure: 'open' },
      guard: { failure: 'closed' },
      routes: (app, { authsignal, booked }) =>
        app.get('/balance', authsignal.guard('viewBalance'), (req, res) => {
          booked.push({ path: req.path, authsignal: req.authsignal } as never)
          res.end()
        }),
    })
    world.emulator.faults.next({ status: 503 }, 100)
    await world.customer().get('/balance').expect(200)
    await world.customer().post('/transfers', toAlice).expect(503)
    await world.customer().get('/account').expect(503)
    expect(world.booked).toMatchObject([{ path: '/balance', authsignal: { degraded: true } }])
  })
})

it('a certificate that is not accepted is a mistake, and never an outage', async () => {
  const { generate } = await import('selfsigned')
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'elsewhere' }])
  const api = await startFaultyServer(
    (res) => {
      sendJson(res, 200, { state: 'ALLOW' })
    },
    { key, cert },
  )
  const world = await startWorld({ authsignal: { apiUrl: api.apiUrl, apiSecretKey: 'x' }, guard: { failure: 'open' } })
  await world.customer().post('/transfers', toAlice).expect(500)
  expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_MISCONFIGURED' }])
  await api.close()
})

it('an apiUrl whose port speaks no https is told as that, and never an outage', async () => {
  const api = await startFaultyServer((res) => {
    sendJson(res, 200, { state: 'ALLOW' })
  })
  const apiUrl = api.apiUrl.replace('http:', 'https:')
  const world = await startWorld({ authsignal: { apiUrl, apiSecretKey: 'x' }, guard: { failure: 'open' } })
  await world.customer().post('/transfers', toAlice).expect(500)
  expect(world.errors[0]?.message).toContain('check that the port of apiUrl speaks https')
  await api.close()
})
