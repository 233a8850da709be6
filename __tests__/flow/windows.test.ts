import { MemoryStore, type GuardOptions } from 'authsignal-express'
import { cookieOf, type Customer } from '../helpers/customer'
import { MINUTE, stopTheClock } from '../helpers/clock'
import { addUnreadable } from '../helpers/unreadable'
import { challengedWorld, startWorld, type World } from '../helpers/world'

const toAlice = { payee: 'Alice', amount: '10' }

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

  /** As by a pop-up: the browser has not come back by the callback. */
  async function withPass() {
    const world = await challengedWorld({ maxAge: '5m' })
    const customer = world.customer()
    await customer.get('/account').expect(302)
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
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
    const first = await customer.get('/account').expect(302)
    const { idempotencyKey } = customer.latest
    await world.emulator.challenges.succeed(idempotencyKey)
    await addUnreadable(store, `spent:${idempotencyKey}`)
    // The other may be lost with what it has spent: the user is sent to another challenge.
    const anew = await customer.get('/account').expect(302)
    expect(anew.headers.location).not.toBe(first.headers.location)
    await customer.get('/account').expect(302)
    expect(world.booked).toEqual([])
  })

  it('still blocks at BLOCK', async () => {
    const { world, customer } = await withWindow()
    world.emulator.rules.set('*', 'BLOCK')
    await customer.get('/account/details').expect(403)
  })

  it('still blocks at BLOCK the very request whose challenge was passed', async () => {
    const { world, customer } = await withPass()
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

  describe('at the return', () => {
    const htmx = { 'hx-request': 'true', 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' }
    type Sent = (world: World, customer: Customer) => Promise<unknown>

    it.each<[string, Sent, string]>([
      [
        'the page that htmx was on',
        (world, customer) =>
          customer
            .post('/account/address', toAlice)
            .set({ ...htmx, 'hx-current-url': `${world.url}/account` })
            .expect('hx-redirect', /./),
        '/account',
      ],
      [
        'the form again that could not be kept',
        (_world, customer) => customer.post('/account', { note: 'x'.repeat(70_000) }).expect(303),
        '/account/form',
      ],
    ])('answers for %s', async (_what, send, then) => {
      const world = await challengedWorld({ maxAge: '5m' })
      const customer = world.customer()
      await send(world, customer)
      const { callbackPath } = customer
      await customer.passAndReturn()
      await customer.get(then).expect(200)
      // Loaded again it leads on again: nothing is done twice by a page.
      expect((await customer.get(callbackPath)).text).not.toContain('Already done')
      await customer.get(then).expect(200)
    })

    it('says nothing of a form that could not be kept, loaded again, which may have been sent since', async () => {
      const world = await challengedWorld({ maxAge: '5m', resume: false })
      const customer = world.customer()
      await customer.post('/account/pay', toAlice).expect(303)
      const { callbackPath } = customer
      expect((await customer.passAndReturn()).text).toContain('send it once more')
      await customer.post('/account/pay', toAlice).expect(200)
      await customer.get(callbackPath).expect(303).expect('location', '/')
    })

    it('opens it for as long as the guard lets it count, in a process that has none', async () => {
      const store = new MemoryStore()
      const baseUrl = 'http://bank.example'
      const guarding = await startWorld({ authsignal: { store, baseUrl }, guard: { maxAge: '5m' } })
      const { apiUrl, apiSecretKey } = guarding.emulator
      guarding.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
      const returning = await startWorld({ authsignal: { store, baseUrl, apiUrl, apiSecretKey } })
      const customer = guarding.customer()
      const cookie = cookieOf(await customer.get('/account').expect(302))
      await guarding.emulator.challenges.succeed(customer.latest.idempotencyKey)
      await returning.customer().get(customer.callbackPath).set('cookie', cookie).expect(303)
      await customer.get('/account/other').expect(200)
    })

    it('keeps an open window from a challenge that was passed by another method', async () => {
      const world = await challengedWorld({ maxAge: '5m', verificationMethods: ['PASSKEY'] })
      const customer = world.customer()
      const begin = async (page: string) => {
        await customer.get(page).expect(302)
        return customer.latest.idempotencyKey
      }
      const [one, two] = [await begin('/account/1'), await begin('/account/2')]
      const comeBack = (id: string) => customer.get(`/authsignal/callback/${id}`).expect(303)
      await world.emulator.challenges.succeed(one, { verificationMethod: 'PASSKEY' })
      await comeBack(one)
      await world.emulator.challenges.succeed(two, { verificationMethod: 'SMS' })
      await comeBack(two)
      await customer.get('/account/3').expect(200)
    })

    it('spends nothing for a browser that loads ahead', async () => {
      const { customer } = await withPass()
      await customer.get(customer.callbackPath).set('sec-purpose', 'prefetch;prerender').expect(503)
      await customer.get('/account/other').expect(302)
    })

    it('asks Authsignal no more often for the request that was challenged', async () => {
      const world = await challengedWorld({ maxAge: '5m' })
      const customer = world.customer()
      await customer.get('/account').expect(302)
      await customer.passAndReturn()
      const before = world.emulator.requests.length
      await customer.get('/account').expect(200)
      expect(world.emulator.requests.slice(before).map(({ method }) => method)).toEqual(['GET', 'POST'])
    })

    it('is refused for the method by the guard whose request it was', async () => {
      const world = await challengedWorld({ maxAge: '5m', verificationMethods: ['PASSKEY'] })
      const customer = world.customer()
      await customer.get('/account').expect(302)
      await customer.passAndReturn('SMS')
      await customer.get('/account').expect(403)
      expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_METHOD_REFUSED' }])
    })

    it('opens for nobody else, nor where the challenge was not passed', async () => {
      const world = await challengedWorld({ maxAge: '5m' })
      const customer = world.customer()
      await customer.get('/account').expect(302)
      const { callbackPath, latest } = customer
      await customer.get(callbackPath).expect(200)
      await world.emulator.challenges.succeed(latest.idempotencyKey)
      await world.customer('mallory').get(callbackPath).expect(400)
      await customer.get('/account/other').expect(302)
    })

    it('answers for a form once it came back, and not again by its callback', async () => {
      const world = await challengedWorld({ maxAge: '5m' })
      const customer = world.customer()
      await customer.post('/account', toAlice).expect(303)
      const { callbackPath } = customer
      await customer.sendAgain(await customer.passAndReturn()).expect(200)
      expect((await customer.get(callbackPath).expect(200)).text).toContain('Already done')
      expect(world.booked).toHaveLength(1)
    })
  })

  it.each([undefined, 5, 'soon'])('takes an answer whose time is %p for malformed', async (stateUpdatedAt) => {
    const world = await challengedWorld({ maxAge: '5m' })
    const customer = world.customer()
    await customer.get('/account').expect(302)
    const body = JSON.stringify({ state: 'CHALLENGE_SUCCEEDED', stateUpdatedAt })
    world.emulator.faults.next({ status: 200, body, match: 'getAction' })
    await customer.get('/account').expect(502)
    expect(world.booked).toEqual([])
  })

  it('can be taken back by a guard from what createAuthsignal says', async () => {
    const world = await startWorld({
      authsignal: { maxAge: '5m' },
      routes: (app, { authsignal }) =>
        app.get('/strict/:amount', authsignal.guard('strict', { maxAge: false }), (_req, res) => {
          res.end()
        }),
    })
    world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = world.customer()
    await customer.get('/strict/10').expect(302)
    await customer.passAndReturn()
    await customer.get('/strict/10').expect(200)
    await customer.get('/strict/10000').expect(302)
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
})
