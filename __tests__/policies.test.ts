import { randomUUID } from 'node:crypto'
import dns from 'node:dns'
import { setImmediate as turn } from 'node:timers/promises'
import { AuthsignalError, MemoryStore, type DecisionEvent, type GuardOptions } from 'authsignal-express'
import request from 'supertest'
import { keepThreadsBusy } from './helpers/busy'
import { cookieOf } from './helpers/customer'
import { MINUTE, stopTheClock } from './helpers/clock'
import { listen } from './helpers/listen'
import { sendJson, startFaultyServer } from './helpers/faulty-server'
import { remoteStore } from './helpers/remote-store'
import { addUnreadable } from './helpers/unreadable'
import { startWorld, type World } from './helpers/world'

type Looked = (error: null, addresses: dns.LookupAddress[]) => void

const toAlice = { payee: 'Alice', amount: '10' }

async function challengedWorld(guard: GuardOptions): Promise<World> {
  const world = await startWorld({ guard })
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  return world
}

async function enrol(world: World, userId = 'alice'): Promise<void> {
  await fetch(`${world.emulator.apiUrl}/users/${userId}/authenticators`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${world.emulator.apiSecretKey}:`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ verificationMethod: 'SMS', phoneNumber: '+6421000000' }),
  })
}

describe('maxAge', () => {
  afterEach(() => {
    jest.useRealTimers()
  })

  async function withWindow(guard: GuardOptions = {}) {
    const world = await challengedWorld({ maxAge: '5m', ...guard })
    const customer = world.customer()
    await customer.get('/account').expect(302)
    expect((await customer.passAndReturn('PASSKEY')).headers.location).toBe('/account')
    await customer.get('/account').expect(200)
    return { world, customer }
  }

  it('lets a passed challenge answer for other requests of this action, each still tracked', async () => {
    const { world, customer } = await withWindow()
    const before = world.emulator.actions.length
    await customer.get('/account/details').expect(200)
    await customer.post('/account', toAlice).expect(200)
    expect(world.emulator.actions).toHaveLength(before + 2)
    const { authsignal } = world.booked.at(-1) ?? {}
    expect(authsignal).toMatchObject({ challenged: true, state: 'CHALLENGE_SUCCEEDED', verificationMethod: 'PASSKEY' })
    expect(authsignal?.idempotencyKey).toBe(customer.latest.idempotencyKey)
  })

  it('tells the handler by which rules this request was challenged', async () => {
    const { world, customer } = await withWindow()
    world.emulator.rules.set('viewAccount', 'CHALLENGE_REQUIRED')
    await customer.get('/account/details').expect(200)
    expect(customer.latest.ruleIds).toHaveLength(1)
    expect(world.booked.map(({ authsignal }) => authsignal?.ruleIds)).toEqual([[], customer.latest.ruleIds])
  })

  it('is opened anew by a later challenge, also where the older window stands on', async () => {
    stopTheClock()
    const world = await challengedWorld({ maxAge: '5m' })
    const customer = world.customer()
    const pass = () => world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    await customer.get('/account').expect(302)
    await pass()
    // What is passed now opens its window later, and is too old before that ends.
    jest.setSystemTime(Date.now() + 2 * MINUTE)
    await customer.get('/account').expect(200)
    jest.setSystemTime(Date.now() + 4 * MINUTE)
    await customer.get('/account/details').expect(302)
    await pass()
    await customer.get('/account/details').expect(200)
    const before = world.emulator.actions.length
    for (const page of ['one', 'two']) await customer.get(`/account/${page}`).expect(200)
    expect(world.emulator.actions).toHaveLength(before + 2)
  })

  it('opens by no challenge that another process has just spent', async () => {
    const store = new MemoryStore()
    const world = await startWorld({ guard: { maxAge: '5m' }, authsignal: { store } })
    world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = world.customer()
    await customer.get('/account').expect(302)
    const { idempotencyKey } = customer.latest
    await world.emulator.challenges.succeed(idempotencyKey)
    await addUnreadable(store, `spent:${idempotencyKey}`)
    await customer.get('/account').expect(302)
    await customer.get('/account').expect(302)
    expect(world.booked).toEqual([])
  })

  it('still blocks at BLOCK', async () => {
    const { world, customer } = await withWindow()
    world.emulator.rules.set('*', 'BLOCK')
    await customer.get('/account/details').expect(403)
  })

  it('still blocks at BLOCK the very request whose challenge was passed', async () => {
    const world = await challengedWorld({ maxAge: '5m' })
    const customer = world.customer()
    await customer.get('/account').expect(302)
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    world.emulator.rules.set('*', 'BLOCK')
    await customer.get('/account').expect(403)
    expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_BLOCKED' }])
  })

  it('lets no form of another site pass', async () => {
    const { world, customer } = await withWindow()
    await customer.post('/account', toAlice).set('sec-fetch-site', 'cross-site').expect(403)
    expect(world.booked).toHaveLength(1)
  })

  it('keeps actions, browsers and users apart', async () => {
    const { world, customer } = await withWindow()
    await customer.post('/transfers', toAlice).expect(303)
    await world.customer().get('/account').expect(302)
    customer.userId = 'mallory'
    await customer.get('/account').expect(302)
  })

  it('gives each action a window of its own, and each user', async () => {
    const { world, customer } = await withWindow()
    await customer.post('/transfers', toAlice).expect(303)
    await customer.sendAgain(await customer.passAndReturn('SMS')).expect(200)
    await customer.post('/transfers', { payee: 'Ben' }).expect(200)
    expect(world.booked.at(-1)).toMatchObject({ authsignal: { actionCode: 'transfer', verificationMethod: 'SMS' } })
    await customer.get('/account/again').expect(200)
    expect(world.booked.at(-1)).toMatchObject({ authsignal: { verificationMethod: 'PASSKEY' } })
    customer.userId = 'mallory'
    await customer.get('/account/again').expect(302)
    await customer.get('/transfers').expect(302)
    expect(world.booked).toHaveLength(4)
  })

  it('is kept for the guard that lets it count longest', async () => {
    stopTheClock()
    const world = await startWorld({
      guard: { maxAge: '1m' },
      routes: (app, { authsignal }) =>
        app.get('/long', authsignal.guard('viewLong', { maxAge: '10m' }), (_req, res) => {
          res.end()
        }),
    })
    world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = world.customer()
    await customer.get('/long').expect(302)
    await customer.passAndReturn()
    await customer.get('/long').expect(200)
    jest.setSystemTime(Date.now() + 5 * MINUTE)
    await customer.get('/long').expect(200)
    jest.setSystemTime(Date.now() + 6 * MINUTE)
    await customer.get('/long').expect(302)
  })

  it('keeps origins apart: browsers send a cookie to every port of a host', async () => {
    const baseUrl = ['http://bank.example', 'http://bank.example:8080']
    const world = await startWorld({ authsignal: { baseUrl }, guard: { maxAge: '5m' } })
    world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = world.customer()
    const at = (host: string, path = '/account') => customer.get(path).set('host', host)
    await at('bank.example').expect(302)
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    await at('bank.example', customer.callbackPath).expect(303)
    await at('bank.example').expect(200)
    await at('bank.example', '/account/details').expect(200)
    await at('bank.example:8080', '/account/details').expect(302)
  })

  it("keeps a key's windows from the cookie that came with it", async () => {
    const world = await challengedWorld({ maxAge: '5m' })
    const { agent } = world.customer()
    const first = await agent.post('/transfers').set('x-user', 'alice').send(toAlice).expect(401)
    const { challengeKey } = first.body as Record<string, string>
    await world.emulator.challenges.succeed(world.customer().latest.idempotencyKey)
    const other = world.customer().agent.post('/transfers').set('x-user', 'alice')
    await other.set('authsignal-challenge', String(challengeKey)).send(toAlice).expect(200)
    await agent.post('/transfers').set('x-user', 'alice').send({ payee: 'Ben' }).expect(401)
    expect(world.booked).toHaveLength(1)
  })

  it('asks get-action at each use', async () => {
    const { world, customer } = await withWindow()
    for (const state of ['CHALLENGE_FAILED', 'CHALLENGE_REQUIRED', 'NEW_STATE']) {
      world.emulator.faults.next({
        status: 200,
        body: JSON.stringify({ state, stateUpdatedAt: new Date().toISOString() }),
        match: 'getAction',
      })
      await customer.get(`/account/${state}`).expect(302)
    }
  })

  it.each([new Date(Date.now() - 6 * 60_000).toISOString(), 'no date', undefined])(
    'is aged from stateUpdatedAt: %p is too old',
    async (stateUpdatedAt) => {
      const { world, customer } = await withWindow()
      const body = JSON.stringify({ state: 'CHALLENGE_SUCCEEDED', stateUpdatedAt, verificationMethod: 'PASSKEY' })
      world.emulator.faults.next({ status: 200, body, match: 'getAction' })
      await customer.get('/account/details').expect(302)
    },
  )

  it('asks anew for a form that comes back when its pass is too old', async () => {
    const world = await challengedWorld({ maxAge: '5m' })
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    const page = await customer.passAndReturn('PASSKEY')
    const stateUpdatedAt = new Date(Date.now() - 6 * 60_000).toISOString()
    const body = JSON.stringify({ state: 'CHALLENGE_SUCCEEDED', stateUpdatedAt, verificationMethod: 'PASSKEY' })
    world.emulator.faults.next({ status: 200, body, match: 'getAction' })
    await customer.sendAgain(page).expect(303)
    expect(world.booked).toEqual([])
    await customer.sendAgain(await customer.passAndReturn('PASSKEY')).expect(200)
    expect(world.booked).toMatchObject([{ body: toAlice }])
  })

  it('brings a form back for the user alone who sent it', async () => {
    const world = await challengedWorld({ maxAge: '5m' })
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    const page = await customer.passAndReturn()
    world.emulator.rules.set('*', 'ALLOW')
    customer.userId = 'mallory'
    await customer.sendAgain(page).expect(409)
    expect(world.booked).toEqual([])
    expect(world.emulator.actions).toHaveLength(1)
    customer.userId = 'alice'
    await customer.sendAgain(page).expect(200)
  })

  it('counts by the methods of the guard that uses it', async () => {
    const store = new MemoryStore()
    const baseUrl = 'http://bank.example'
    const any = await startWorld({ authsignal: { store, baseUrl }, guard: { maxAge: '5m' } })
    any.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const { apiUrl, apiSecretKey } = any.emulator
    const strict = await startWorld({
      authsignal: { store, baseUrl, apiUrl, apiSecretKey },
      guard: { maxAge: '5m', verificationMethods: ['PASSKEY'] },
    })
    const customer = any.customer()
    const cookie = cookieOf(await customer.get('/account').expect(302))
    await customer.passAndReturn('SMS')
    await customer.get('/account').expect(200)
    await strict.customer().get('/account/x').set('cookie', cookie).expect(302)
  })

  it('ends with forget, also for a copy of the cookie', async () => {
    const world = await startWorld({ guard: { maxAge: '5m' } })
    world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = world.customer()
    const cookie = cookieOf(await customer.get('/account').expect(302))
    await customer.passAndReturn()
    await customer.get('/account').expect(200)
    await customer.post('/logout', {}).expect(200)
    await world.customer().get('/account/x').set('cookie', cookie).expect(302)
  })
})

it('a browser that missed the answer to its log-out gets another cookie with its next challenge', async () => {
  const world = await startWorld()
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  const customer = world.customer()
  const cookie = cookieOf(await customer.post('/transfers', toAlice).expect(303))
  await request(world.url).post('/logout').set('cookie', cookie).expect(200)
  // What was begun before does not count.
  expect((await customer.passAndReturn()).status).toBe(400)
  const renewed = cookieOf(await customer.post('/transfers', toAlice).expect(303))
  expect(renewed).not.toBe(cookie)
  await customer.sendAgain(await customer.passAndReturn()).expect(200)
  expect(world.booked).toHaveLength(1)
})

it('forget ends what the key of a client without cookies holds', async () => {
  const world = await startWorld({ guard: { maxAge: '5m' } })
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  const ask = (key?: string) =>
    request(world.url)
      .get('/account')
      .set({ 'x-user': 'alice', accept: 'application/json', ...(key && { 'authsignal-challenge': key }) })
  const { challengeKey } = (await ask().expect(401)).body as { challengeKey: string }
  await world.emulator.challenges.succeed(world.customer().latest.idempotencyKey)
  await ask(challengeKey).expect(200)
  await ask(challengeKey).expect(200)
  await request(world.url).post('/logout').set('authsignal-challenge', challengeKey).expect(200)
  await ask(challengeKey).expect(401)
})

describe('whenUnenrolled', () => {
  it("'block' refuses a user without authenticators, and no other", async () => {
    const world = await startWorld({ guard: { whenUnenrolled: 'block' } })
    await world.customer().post('/transfers', toAlice).expect(403)
    expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_NOT_ENROLLED' }])
    await enrol(world)
    await world.customer().post('/transfers', toAlice).expect(200)
  })

  it("'block' refuses where the answer does not say that there is one", async () => {
    const world = await startWorld({ guard: { whenUnenrolled: 'block' } })
    for (const said of ['', ',"isEnrolled":null', ',"isEnrolled":"true"']) {
      world.emulator.faults.next({ match: 'track', body: `{"state":"ALLOW"${said}}` })
      await world.customer().post('/transfers', toAlice).expect(403)
    }
    expect(world.booked).toEqual([])
  })

  it("'enroll' sends there first, grants nothing, and tracks once more at the return", async () => {
    const world = await startWorld({ guard: { whenUnenrolled: 'enroll' } })
    const customer = world.customer()
    const first = await customer.post('/transfers', toAlice).expect(303)
    expect((await customer.post('/transfers', toAlice).expect(303)).headers.location).toBe(first.headers.location)
    expect(world.emulator.actions).toHaveLength(1)
    const { callbackPath } = customer
    await enrol(world)
    world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const page = await customer.get(callbackPath).expect(200)
    await customer.sendAgain(page).expect(303)
    expect([world.booked.length, world.emulator.actions.length]).toEqual([0, 2])
    await customer.sendAgain(await customer.passAndReturn()).expect(200)
    await customer.post('/transfers', { payee: 'Ben' }).expect(303)
  })

  it("'enroll' stands in the way of nothing once the form has come back", async () => {
    const world = await startWorld({ guard: { whenUnenrolled: 'enroll' } })
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    const { callbackPath } = customer
    await enrol(world)
    await customer.sendAgain(await customer.get(callbackPath).expect(200)).expect(200)
    await customer.post('/transfers', { payee: 'Ben' }).expect(200)
    expect(world.booked).toMatchObject([{ body: toAlice }, { body: { payee: 'Ben' } }])
  })

  it("'enroll' tracks a form that comes back many times at once one more time", async () => {
    const world = await startWorld({ guard: { whenUnenrolled: 'enroll' }, authsignal: { store: remoteStore() } })
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    const { callbackPath } = customer
    await enrol(world)
    const page = await customer.get(callbackPath).expect(200)
    const clicks = await Promise.all(Array.from({ length: 5 }, async () => (await customer.sendAgain(page)).status))
    expect(clicks.sort()).toEqual([200, 409, 409, 409, 409])
    expect([world.booked.length, world.emulator.actions.length]).toEqual([1, 2])
  })

  it("'enroll' takes the repeat of another request for no return", async () => {
    const world = await startWorld({ guard: { whenUnenrolled: 'enroll' } })
    const customer = world.customer()
    const { headers } = await customer.get('/account').expect(302)
    const other = customer.get('/account').set('authsignal-repeat', randomUUID())
    expect((await other.expect(302)).headers.location).toBe(headers.location)
    expect(world.emulator.actions).toHaveLength(1)
  })

  it("'enroll' asks again as long as there is no authenticator", async () => {
    const world = await startWorld({ guard: { whenUnenrolled: 'enroll' } })
    const customer = world.customer()
    await customer.get('/account').expect(302)
    await customer.get(customer.callbackPath).expect(303)
    await customer.get('/account').expect(302)
    expect(world.booked).toEqual([])
  })
})

describe('verificationMethods', () => {
  it('refuses a challenge that was passed by another', async () => {
    const world = await challengedWorld({ verificationMethods: ['PASSKEY'] })
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    await customer.sendAgain(await customer.passAndReturn('SMS')).expect(403)
    expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_METHOD_REFUSED' }])
    expect(world.booked).toEqual([])
    await customer.post('/transfers', toAlice).expect(303)
    await customer.sendAgain(await customer.passAndReturn('PASSKEY')).expect(200)
  })
})

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
    expect(world.errors[0]?.cause).toMatchObject({ code: 'ERR_AUTHSIGNAL_OWN_DELAY' })
    // Nor was the breaker opened, which would have opened the guard.
    if (!apiUrl) await world.customer().post('/transfers', toAlice).expect(403)
    expect(world.booked).toEqual([])
  })

  it.each([
    ['429', { status: 429 }, 503],
    ['400', { status: 400, body: '{}' }, 500],
    ['401', { status: 401, body: '{}' }, 500],
    ['a redirect', { status: 302, headers: { location: '/' } }, 502],
    ['something malformed', { status: 200, body: 'ALLOW' }, 502],
    ['an unknown state', { status: 200, body: '{"state":"FINE"}' }, 502],
  ] as const)('lets nothing pass at %s', async (_name, fault, status) => {
    const world = await startWorld({ guard: open })
    world.emulator.faults.next(fault, 10)
    await world.customer().post('/transfers', toAlice).expect(status)
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
    expect(world.errors[0]?.cause).toMatchObject({ code: 'ERR_AUTHSIGNAL_OWN_DELAY' })
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

describe('an app function that rejects with no error', () => {
  /* eslint-disable @typescript-eslint/prefer-promise-reject-errors -- next() and next('route') let a request pass */
  const nothing = () => Promise.reject(undefined)
  const route = () => Promise.reject('route')
  /* eslint-enable @typescript-eslint/prefer-promise-reject-errors */

  it.each(['userId', 'attributes', 'bind', 'skip', 'deviceId', 'ipAddress', 'onBlock'] as const)(
    '%s lets nothing pass',
    async (name) => {
      for (const reject of [nothing, route]) {
        const world = await startWorld({ guard: { [name]: reject } })
        world.emulator.rules.set('*', 'BLOCK')
        await world.customer().post('/transfers', toAlice).expect(500)
        expect(world.booked).toEqual([])
      }
    },
  )
})

describe('hooks', () => {
  it.each([
    ['onBlock', 'BLOCK'],
    ['onReview', 'REVIEW_REQUIRED'],
    ['onChallenge', 'CHALLENGE_REQUIRED'],
  ] as const)('%s answers in the guard’s place, with no way on', async (name, state) => {
    const seen: unknown[][] = []
    const world = await startWorld({
      guard: {
        [name]: (...given: unknown[]) => {
          seen.push(given)
          const res = given[1] as { statusCode: number; end: (text: string) => void }
          res.statusCode = 418
          res.end('my own words')
        },
      },
    })
    world.emulator.rules.set('*', state)
    const { text } = await world.customer().post('/transfers', toAlice).expect(418).expect('cache-control', 'no-store')
    expect([text, seen[0]?.length]).toEqual(['my own words', 3])
    expect(seen[0]?.[2]).toMatchObject({ actionCode: 'transfer', state, idempotencyKey: expect.any(String) as string })
    expect(world.booked).toEqual([])
  })

  it('skip skips at true itself alone', async () => {
    for (const [given, status] of [
      [true, 200],
      ['true', 403],
      [1, 403],
      [{}, 403],
      [undefined, 403],
    ] as const) {
      const world = await startWorld({ guard: { skip: () => given } })
      world.emulator.rules.set('*', 'BLOCK')
      await world.customer().post('/transfers', toAlice).expect(status)
    }
  })

  it.each(['attributes', 'skip'] as const)('onDecision is told of a request that %s failed at', async (option) => {
    const events: DecisionEvent[] = []
    const fails = () => Promise.reject(new Error('the database is down'))
    const world = await startWorld({ guard: { [option]: fails, onDecision: (event) => events.push(event) } })
    await world.customer().post('/transfers', toAlice).expect(500)
    expect(events).toMatchObject([
      { outcome: 'refused', actionCode: option === 'skip' ? undefined : 'transfer', state: undefined },
    ])
  })

  it('onDecision is told of each decision, and can not break the request', async () => {
    const events: DecisionEvent[] = []
    const world = await startWorld({
      guard: {
        onDecision: (event) => {
          events.push(event)
          throw new Error('of the app')
        },
      },
    })
    for (const [state, status] of Object.entries({ ALLOW: 200, BLOCK: 403, CHALLENGE_REQUIRED: 303, ODD: 502 })) {
      world.emulator.rules.set('*', state)
      await world.customer().post('/transfers', toAlice).expect(status)
    }
    expect(events.map(({ state, outcome, code }) => [state, outcome, code])).toEqual([
      ['ALLOW', 'passed', undefined],
      ['BLOCK', 'refused', 'ERR_AUTHSIGNAL_BLOCKED'],
      ['CHALLENGE_REQUIRED', 'challenged', undefined],
      [undefined, 'refused', 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE'],
    ])
    expect(events.every(({ durationMs }) => durationMs > 0)).toBe(true)
    expect(JSON.stringify(events)).not.toContain('alice')
  })
})

describe('enforce: false', () => {
  it('stops nobody, and tells what it saw', async () => {
    const events: DecisionEvent[] = []
    const watch: GuardOptions = { enforce: false, onDecision: (event) => events.push(event) }
    const world = await startWorld({ guard: watch })
    for (const state of ['BLOCK', 'CHALLENGE_REQUIRED', 'ODD']) {
      world.emulator.rules.set('*', state)
      await world.customer().post('/transfers', toAlice).expect(200)
    }
    world.emulator.faults.next({ status: 401 }, 10)
    await world.customer().post('/transfers', toAlice).expect(200)
    await world.customer('').post('/transfers', toAlice).expect(200)
    await world.customer().get('/account').set('sec-purpose', 'prefetch').expect(200)
    expect(events.map(({ state, code }) => state ?? code)).toEqual([
      'BLOCK',
      'CHALLENGE_REQUIRED',
      'ODD',
      'ERR_AUTHSIGNAL_MISCONFIGURED',
      'ERR_AUTHSIGNAL_UNAUTHENTICATED',
    ])
  })
})

describe('a request that the app has answered meanwhile', () => {
  it('is not carried out, nor is its pass spent', async () => {
    let answerFirst = false
    const world = await startWorld({
      routes: (app) =>
        app.use((_req, res, next) => {
          next()
          if (answerFirst) res.status(503).end('the app gave up')
        }),
    })
    const customer = world.customer()
    // With its cookie set, the guard has nothing to write before it lets pass.
    await customer.get('/account').expect(200)
    world.booked.length = 0
    answerFirst = true
    await customer.post('/transfers', toAlice).expect(503)
    // The guard's own answer comes later than the app's: the next request's comes after both.
    answerFirst = false
    await customer.get('/account').expect(200)
    expect(world.booked.map(({ path }) => path)).toEqual(['/account'])
    world.booked.length = 0
    answerFirst = true
    world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    await customer.post('/transfers', toAlice).expect(503)
    answerFirst = false
    await customer.post('/transfers', toAlice).expect(303)
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    answerFirst = true
    await customer.post('/transfers', toAlice).expect(503)
    answerFirst = false
    await customer.post('/transfers', toAlice).expect(200)
    expect(world.booked).toHaveLength(1)
  })
})

describe('stacked guards', () => {
  it('each ask for themselves: a resumed form passes the outer one too', async () => {
    const world = await startWorld({
      routes: (app, { authsignal }) => app.use('/transfers', authsignal.guard('everything')),
    })
    world.emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    await customer.sendAgain(await customer.passAndReturn()).expect(200)
    expect(world.booked).toHaveLength(1)
  })
})

describe('a cross-site request', () => {
  const navigation = { 'sec-fetch-mode': 'navigate' }

  it('meets no waiting pass', async () => {
    const world = await challengedWorld({})
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    for (const [site, mode] of [
      ['cross-site', 'navigate'],
      ['cross-site', 'cors'],
      ['same-site', 'navigate'],
      ['same-site', 'no-cors'],
    ] as const)
      await customer.post('/transfers', toAlice).set({ 'sec-fetch-site': site, 'sec-fetch-mode': mode }).expect(403)
    expect(world.booked).toEqual([])
    // A script of another host of the site, which the app lets read its answers.
    await customer
      .post('/transfers', toAlice)
      .set({ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' })
      .expect(200)
  })

  it.each(['cross-site', 'same-site'])('for an image spends no pass, and begins no challenge: %s', async (site) => {
    const world = await challengedWorld({})
    const customer = world.customer()
    const image = { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }
    await customer.get('/account').expect(302)
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    await customer.get('/account').set(image).expect(403)
    expect(world.booked).toEqual([])
    await customer
      .get('/account')
      .set({ ...image, 'sec-fetch-site': 'same-origin' })
      .expect(200)
  })

  it('leads here by a link from anywhere', async () => {
    const world = await challengedWorld({})
    await world
      .customer()
      .get('/account')
      .set({ 'sec-fetch-site': 'cross-site', ...navigation })
      .expect(302)
  })

  it('takes the browser’s cookie, which came not along, away by no other', async () => {
    const world = await challengedWorld({})
    const form = { 'sec-fetch-site': 'cross-site', ...navigation }
    const refused = await world.customer().post('/transfers', toAlice).set(form).expect(403)
    expect(refused.get('set-cookie')).toBeUndefined()
  })

  it('shares no challenge with an equal one that is asked about at the same time', async () => {
    const world = await startWorld()
    const customer = world.customer()
    await customer.get('/account').expect(200)
    world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    world.emulator.faults.next({ latencyMs: 500 })
    const send = (site: string) => customer.post('/transfers', toAlice).set({ 'sec-fetch-site': site, ...navigation })
    const first = send('same-origin').then(({ status }) => status)
    while (world.emulator.requests.length < 2) await turn()
    await send('cross-site').expect(403)
    expect(await first).toBe(303)
  })
})

it('a peer that is not on loopback has no own origin, whatever Host it names', async () => {
  const world = await startWorld()
  const guard = world.authsignal.guard('see', { userId: () => 'alice' })
  const error = await new Promise<unknown>((resolve) => {
    const headers = { host: 'localhost:3000' }
    const req = { method: 'GET', url: '/', headers, readableEnded: true, socket: { remoteAddress: '203.0.113.7' } }
    const res = {
      statusCode: 200,
      headersSent: false,
      getHeader: jest.fn(),
      setHeader: jest.fn(),
      removeHeader: jest.fn(),
      end: jest.fn(),
    }
    guard(req, res, resolve)
  })
  expect(error).toBeInstanceOf(AuthsignalError)
  expect(error).toMatchObject({ code: 'ERR_AUTHSIGNAL_MISCONFIGURED' })
})

it('a store that takes no mark lets nothing pass', async () => {
  const store = new MemoryStore()
  const noMarks = {
    get: store.get.bind(store),
    delete: store.delete.bind(store),
    add: (...given: Parameters<MemoryStore['add']>) =>
      given[0].startsWith('spent:') ? Promise.reject(new Error('disk full')) : store.add(...given),
  }
  const world = await startWorld({ authsignal: { store: noMarks } })
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  const customer = world.customer()
  await customer.post('/transfers', toAlice).expect(303)
  await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
  await customer.post('/transfers', toAlice).expect(503)
  expect(world.booked).toEqual([])
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

it('the key of one answer opens no other challenge of the same browser', async () => {
  const world = await challengedWorld({})
  const send = (body: object) => world.customer().agent.post('/transfers').set('x-user', 'alice').send(body)
  const first = await send(toAlice).expect(401)
  const { challengeKey } = first.body as { challengeKey: string }
  const cookie = cookieOf(first)
  const other = { payee: 'Ben', amount: '20' }
  await send(other).set('cookie', cookie).expect(401)
  await world.emulator.challenges.succeed(world.customer().latest.idempotencyKey)
  await send(other).set('authsignal-challenge', challengeKey).expect(409)
  expect(world.booked).toEqual([])
  await send(other).set('cookie', cookie).expect(200)
})
