import { MemoryStore, type AuthsignalOptions, type ChallengeStore, type Entry } from 'authsignal-express'
import { inspect } from 'node:util'
import { cookieOf, type Customer } from '../helpers/customer'
import { MINUTE, stopTheClock, stopTimeouts } from '../helpers/clock'
import { remoteStore } from '../helpers/remote-store'
import { recordingStore, storeWith } from '../helpers/stores'
import { addUnreadable } from '../helpers/unreadable'
import { startWorld, type World } from '../helpers/world'

let world: World

beforeEach(async () => {
  world = await startWorld()
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
})

afterEach(() => {
  jest.useRealTimers()
})

const toAlice = { payee: 'Alice', amount: '10' }

describe('a passed challenge', () => {
  it('is spent by one of any number of equal requests at once', async () => {
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    const statuses = await Promise.all(
      Array.from({ length: 30 }, async () => (await customer.post('/transfers', toAlice)).status),
    )
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(world.booked).toHaveLength(1)
  })

  it('is spent once across processes that share a store', async () => {
    const store = new MemoryStore()
    const { apiUrl, apiSecretKey } = world.emulator
    const two = await startWorld({ authsignal: { store, apiUrl, apiSecretKey, baseUrl: 'http://bank.localhost' } })
    const three = await startWorld({ authsignal: { store, apiUrl, apiSecretKey, baseUrl: 'http://bank.localhost' } })
    const customer = two.customer()
    const first = await customer.post('/transfers', toAlice).expect(303)
    const cookie = cookieOf(first)
    const { idempotencyKey } = world.customer().latest
    await world.emulator.challenges.succeed(idempotencyKey)
    const race = [two, three, two, three, two, three].map(
      async (app) => (await app.customer().post('/transfers', toAlice).set('cookie', cookie)).status,
    )
    expect((await Promise.all(race)).filter((status) => status === 200)).toHaveLength(1)
    expect([...two.booked, ...three.booked]).toHaveLength(1)
  })

  it('is asked about anew by the next equal request', async () => {
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    await customer.post('/transfers', toAlice).expect(200)
    await customer.post('/transfers', toAlice).expect(303)
    expect(world.emulator.actions).toHaveLength(2)
  })

  it('is known as spent for longer than it could be met, also where clocks differ by a minute', async () => {
    stopTheClock()
    const { store, additions } = recordingStore()
    const own = await startWorld({ authsignal: { store } })
    own.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = own.customer()
    await customer.post('/transfers', toAlice).expect(303)
    const { idempotencyKey } = customer.latest
    await own.emulator.challenges.succeed(idempotencyKey)
    await customer.post('/transfers', toAlice).expect(200)
    const keptFor = (id: string) => additions.find((one) => one.id === id)?.ttlMs ?? NaN
    const longer = keptFor(`spent:${idempotencyKey}`) - keptFor(`challenge:${idempotencyKey}`)
    expect(longer).toBeGreaterThanOrEqual(MINUTE)
  })

  it('is worth nothing once get-action says otherwise', async () => {
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    await world.emulator.challenges.fail(customer.latest.idempotencyKey)
    await customer.post('/transfers', toAlice).expect(303)
    expect(world.booked).toEqual([])
    expect(world.emulator.actions).toHaveLength(2)
  })

  it('passes nothing while get-action can not be reached, and is kept', async () => {
    const open = await startWorld({ guard: { failure: 'open' } })
    open.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = open.customer()
    await customer.post('/transfers', toAlice).expect(303)
    await open.emulator.challenges.succeed(customer.latest.idempotencyKey)
    open.emulator.faults.next({ status: 503, match: 'getAction' }, 10)
    await customer.post('/transfers', toAlice).expect(503)
    expect(open.booked).toEqual([])
    open.emulator.faults.clear()
    await customer.post('/transfers', toAlice).expect(200)
  })

  it('passes nothing on an unknown state', async () => {
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    world.emulator.faults.next({ status: 200, body: '{"state":"CHALLENGE_PASSED"}', match: 'getAction' }, 10)
    await customer.post('/transfers', toAlice).expect(502)
    expect(world.booked).toEqual([])
  })
})

describe('a resumed form', () => {
  async function resumePage() {
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    const page = await customer.passAndReturn()
    expect(page.status).toBe(200)
    return { customer, page }
  }

  it('is booked once, and 409 when it comes again, even where the rule now says ALLOW', async () => {
    const { customer, page } = await resumePage()
    world.emulator.rules.set('*', 'ALLOW')
    await customer.sendAgain(page).expect(200)
    const tracked = world.emulator.actions.length
    await customer.sendAgain(page).expect(409)
    expect(world.emulator.actions).toHaveLength(tracked)
    expect(world.booked).toHaveLength(1)
    expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_ALREADY_SPENT', expose: true }])
  })

  it('is a repeat too below the path prefix that a proxy takes off', async () => {
    const own = await startWorld({
      authsignal: { baseUrl: 'http://bank.example/app' },
      routes: (app) =>
        app.use((req, _res, next) => {
          req.url = req.originalUrl = req.url.replace(/^\/app\//, '/')
          next()
        }),
    })
    own.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = own.customer()
    await customer.post('/transfers', toAlice).expect(303)
    const page = await customer.passAndReturn()
    own.emulator.rules.set('*', 'ALLOW')
    await customer.sendAgain(page).expect(200)
    await customer.sendAgain(page).expect(409)
    expect(own.booked).toHaveLength(1)
  })

  it('by a made-up mark is a repeat, and no store is asked for its id', async () => {
    const { store, ids } = recordingStore()
    const own = await startWorld({ authsignal: { store } })
    own.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = own.customer()
    await customer.post('/transfers', toAlice).expect(303)
    const mark = cookieOf(await customer.passAndReturn())
    const forged = mark.replace(/^(authsignal-resumed=)[^.]+/, '$1made-up')
    expect(forged).not.toBe(mark)
    own.emulator.rules.set('*', 'ALLOW')
    await own.customer().post('/transfers', toAlice).set('cookie', forged).expect(409)
    expect(ids.filter((id) => id.includes('made-up'))).toEqual([])
  })

  it('is not booked with changed fields, nor for another user', async () => {
    const { customer, page } = await resumePage()
    world.emulator.rules.set('*', 'ALLOW')
    await customer.post('/transfers', { ...toAlice, amount: '9999' }).expect(409)
    customer.userId = 'mallory'
    await customer.sendAgain(page).expect(409)
    expect(world.booked).toEqual([])
    expect(world.emulator.actions).toHaveLength(1)
  })

  it('is a repeat too where the mark of its challenge can not be read any more', async () => {
    const store = new MemoryStore()
    const own = await startWorld({ authsignal: { store } })
    own.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = own.customer()
    await customer.post('/transfers', toAlice).expect(303)
    const spent = `spent:${customer.latest.idempotencyKey}`
    const page = await customer.passAndReturn()
    own.emulator.rules.set('*', 'ALLOW')
    await customer.sendAgain(page).expect(200)
    const mark = await store.get(spent)
    await store.delete(spent, String(mark?.nonce))
    await addUnreadable(store, spent)
    await customer.sendAgain(page).expect(409)
    expect(own.booked).toHaveLength(1)
  })

  it('is a repeat for whoever is signed in, after it was booked', async () => {
    const { customer, page } = await resumePage()
    world.emulator.rules.set('*', 'ALLOW')
    await customer.sendAgain(page).expect(200)
    customer.userId = 'mallory'
    await customer.sendAgain(page).expect(409)
    expect(world.booked).toHaveLength(1)
    expect(world.emulator.actions).toHaveLength(1)
  })

  it('does not stand in the way of another transfer afterwards', async () => {
    const { customer, page } = await resumePage()
    await customer.sendAgain(page).expect(200)
    await customer.post('/transfers', { payee: 'Ben', amount: '5' }).expect(303)
  })
})

describe('a step-up fetch', () => {
  it('that finds nothing to spend is answered 409, never tracked', async () => {
    world.emulator.rules.set('*', 'ALLOW')
    const { agent } = world.customer()
    await agent.post('/transfers').set({ 'x-user': 'alice', 'authsignal-repeat': 'any' }).send(toAlice).expect(409)
    expect(world.emulator.requests).toEqual([])
    expect(world.booked).toEqual([])
  })

  it.each(['../../etc/passwd', 'x'.repeat(500)])('has no store asked for an id that is made up: %s', async (id) => {
    const { store, ids } = recordingStore()
    const own = await startWorld({ authsignal: { store } })
    await own.customer().post('/transfers', toAlice).set('authsignal-repeat', id).expect(409)
    expect(ids.filter((asked) => asked.includes(id))).toEqual([])
  })
})

describe('a repeat after its challenge has failed', () => {
  it.each(['CHALLENGE_FAILED', 'BLOCK'])('is told so, and never tracked, where the action is %s', async (state) => {
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    const { idempotencyKey } = customer.latest
    if (state === 'CHALLENGE_FAILED') await world.emulator.challenges.fail(idempotencyKey)
    else world.emulator.faults.next({ status: 200, body: JSON.stringify({ state }), match: 'getAction' })
    world.emulator.rules.set('*', 'ALLOW')
    await customer.post('/transfers', toAlice).set('authsignal-repeat', idempotencyKey).expect(403)
    expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_CHALLENGE_FAILED', idempotencyKey }])
    await customer.post('/transfers', toAlice).set('authsignal-repeat', idempotencyKey).expect(409)
    expect(world.emulator.actions).toHaveLength(1)
    expect(world.booked).toEqual([])
  })

  it('is told so by its key as well', async () => {
    const send = () => world.customer().agent.post('/transfers').set('x-user', 'alice').send(toAlice)
    const { challengeKey } = (await send().expect(401)).body as { challengeKey: string }
    await world.emulator.challenges.fail(world.customer().latest.idempotencyKey)
    await send().set('authsignal-challenge', challengeKey).expect(403)
    expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_CHALLENGE_FAILED' }])
    expect(world.emulator.actions).toHaveLength(1)
  })
})

describe('a challenge that was passed and is not spent', () => {
  it.each([
    ['lets its request pass', '19:59', 20 * MINUTE - 1_000, 200],
    ['is asked about anew', '20:01', 20 * MINUTE + 1_000, 303],
  ])('%s after %s, where challengeTtl is not given', async (_what, _time, ms, status) => {
    stopTheClock()
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    jest.setSystemTime(Date.now() + ms)
    await customer.post('/transfers', toAlice).expect(status)
    const passes = status === 200
    expect([world.booked.length, world.emulator.actions.length]).toEqual(passes ? [1, 1] : [0, 2])
  })
})

describe('the same question', () => {
  it('is not asked twice while its challenge waits', async () => {
    const customer = world.customer()
    const first = await customer.post('/transfers', toAlice).expect(303)
    const second = await customer.post('/transfers', toAlice).expect(303)
    expect(second.headers.location).toBe(first.headers.location)
    expect(world.emulator.actions).toHaveLength(1)
  })

  it('is asked anew once the link to its challenge is too old to be taken, and not before', async () => {
    stopTheClock()
    const customer = world.customer()
    const first = await customer.post('/transfers', toAlice).expect(303)
    const { callbackPath } = customer
    jest.setSystemTime(Date.now() + 8 * MINUTE)
    expect((await customer.post('/transfers', toAlice)).headers.location).toBe(first.headers.location)
    jest.setSystemTime(Date.now() + 3 * MINUTE)
    const later = await customer.post('/transfers', toAlice).expect(303)
    expect(later.headers.location).not.toBe(first.headers.location)
    // Who quits the old one still finds the way back.
    expect((await customer.get(callbackPath).expect(200)).text).toContain('Not confirmed yet')
    await customer.sendAgain(await customer.passAndReturn()).expect(200)
    expect(world.booked).toHaveLength(1)
    expect(world.emulator.actions).toHaveLength(2)
  })

  it('is not asked anew of a script that repeats, however late', async () => {
    stopTheClock()
    const customer = world.customer()
    const send = () => customer.post('/transfers', toAlice).set('sec-fetch-mode', 'cors')
    const { challengeId } = (await send().expect(401)).body as { challengeId: string }
    jest.setSystemTime(Date.now() + 11 * MINUTE)
    const answer = await send().set('authsignal-repeat', challengeId).expect(401)
    expect(answer.body).toMatchObject({ challengeId })
    expect(world.emulator.actions).toHaveLength(1)
  })

  it.each([
    ['of this process', () => new MemoryStore()],
    ['that answers all in one tick', remoteStore],
  ])('asked twice at once makes one challenge, with a store %s', async (_name, store) => {
    const app = await startWorld({ authsignal: { store: store() } })
    app.emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
    const customer = app.customer()
    await customer.get('/account').expect(200)
    const clicks = await Promise.all([1, 2, 3].map(() => customer.post('/transfers', toAlice)))
    expect(new Set(clicks.map(({ headers }) => headers.location)).size).toBe(1)
    expect(app.emulator.actions.filter(({ actionCode }) => actionCode === 'transfer')).toHaveLength(1)
  })

  it('is asked for each request where Authsignal lets them pass', async () => {
    const customer = world.customer()
    world.emulator.rules.set('*', 'ALLOW')
    await customer.get('/account').expect(200)
    await Promise.all([1, 2, 3].map(() => customer.post('/transfers', toAlice).expect(200)))
    const keys = world.booked.slice(1).map(({ authsignal }) => authsignal?.idempotencyKey)
    expect(new Set(keys).size).toBe(3)
  })
})

describe('a user', () => {
  const begin = async (customer: Customer, amount: number) => {
    await customer.post('/transfers', { amount: String(amount) }).expect(303)
    return customer.latest.idempotencyKey
  }

  it('has no challenge that waits pushed out by those that are known to have failed', async () => {
    const customer = world.customer()
    const first = await begin(customer, 0)
    for (let amount = 1; amount < 10; amount += 1) {
      await world.emulator.challenges.fail(await begin(customer, amount))
      for (let load = 1; load <= 2; load += 1) await customer.get(customer.callbackPath).expect(403)
    }
    for (let amount = 10; amount < 15; amount += 1) await begin(customer, amount)
    await world.emulator.challenges.succeed(first)
    await customer.post('/transfers', { amount: '0' }).expect(200)
  })

  it('has no challenge that waits pushed out by those that were spent', async () => {
    const customer = world.customer()
    const first = await begin(customer, 0)
    for (let amount = 1; amount <= 10; amount += 1) {
      await world.emulator.challenges.succeed(await begin(customer, amount))
      await customer.post('/transfers', { amount: String(amount) }).expect(200)
    }
    await world.emulator.challenges.succeed(first)
    await customer.post('/transfers', { amount: '0' }).expect(200)
  })

  it('has at most ten challenges waiting: the oldest makes room', async () => {
    const customer = world.customer()
    for (let amount = 0; amount <= 10; amount += 1)
      await customer.post('/transfers', { amount: String(amount) }).expect(303)
    const [oldest, second] = world.emulator.actions
    for (const action of [oldest, second]) await world.emulator.challenges.succeed(String(action?.idempotencyKey))
    await customer.post('/transfers', { amount: '1' }).expect(200)
    await customer.post('/transfers', { amount: '0' }).expect(303)
    expect(world.emulator.actions).toHaveLength(12)
  })

  it('has no more of them stored where the same is begun again and again', async () => {
    stopTheClock()
    const ids = new Set<string>()
    const kept = new MemoryStore()
    const counted = storeWith(
      {
        add: async (id, entry, ttlMs) => {
          const added = await kept.add(id, entry, ttlMs)
          if (added) ids.add(id)
          return added
        },
        delete: async (id, nonce) => {
          if ((await kept.get(id))?.nonce === nonce) ids.delete(id)
          await kept.delete(id, nonce)
        },
      },
      kept,
    )
    const app = await startWorld({ authsignal: { store: counted, challengeTtl: '24h' } })
    app.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = app.customer()
    for (let hour = 0; hour < 12; hour += 1) {
      await customer.post('/transfers', toAlice).expect(303)
      jest.setSystemTime(Date.now() + 60 * MINUTE)
    }
    expect(app.emulator.actions).toHaveLength(12)
    expect([...ids].filter((id) => id.startsWith('challenge:'))).toHaveLength(10)
  })

  it('loses none to those of another action, which other sites can link to', async () => {
    const app = await startWorld()
    app.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = app.customer()
    await customer.post('/transfers', toAlice).expect(303)
    await app.emulator.challenges.succeed(customer.latest.idempotencyKey)
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    for (let n = 0; n < 20; n += 1) await customer.get(`/account/${n}`).set(link).expect(302)
    await customer.post('/transfers', toAlice).expect(200)
  })

  it('begins ten challenges at once, where ten others wait', async () => {
    const app = await startWorld({ authsignal: { store: remoteStore() } })
    app.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = app.customer()
    const send = (amount: number) => customer.post('/transfers', { amount: String(amount) })
    for (let amount = 0; amount < 10; amount += 1) await send(amount).expect(303)
    const more = Array.from({ length: 10 }, (_, index) => 10 + index)
    await Promise.all(more.map((amount) => send(amount).expect(303)))
    for (const { idempotencyKey } of app.emulator.actions.slice(10))
      await app.emulator.challenges.succeed(idempotencyKey)
    for (const amount of more) await send(amount).expect(200)
  })
})

describe('a store that fails', () => {
  const broken = (part: 'get' | 'add' | 'delete') =>
    storeWith({ [part]: () => Promise.reject(new Error('the database is gone')) })

  it.each(['get', 'add'] as const)('at %s lets nothing pass, whatever failure says', async (part) => {
    const { apiUrl, apiSecretKey } = world.emulator
    const weak = await startWorld({
      authsignal: { store: broken(part), apiUrl, apiSecretKey },
      guard: { failure: 'open' },
    })
    const customer = weak.customer()
    world.emulator.rules.set('viewAccount', 'ALLOW')
    // A browser that holds no cookie yet holds no challenge, and needs no store.
    await customer.get('/account').expect(200)
    await customer.post('/transfers', toAlice).expect(503)
    expect(weak.booked).toHaveLength(1)
    expect(weak.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_UNAVAILABLE' }])
  })

  it('by never answering lets nothing pass', async () => {
    const add = () => {
      // By now its time runs.
      jest.advanceTimersByTime(5_000)
      return new Promise<never>(() => undefined)
    }
    const app = await startWorld({ authsignal: { store: storeWith({ add }) } })
    app.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    stopTimeouts()
    await app.customer().post('/transfers', toAlice).expect(503)
    expect(app.booked).toEqual([])
    expect(app.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_UNAVAILABLE' }])
  })

  it.each<[string, AuthsignalOptions['challengeTtl'], number]>([
    ['five minutes later', undefined, 5 * MINUTE],
    ['just before its challenge ends', undefined, 20 * MINUTE - 1_000],
    ['just before a challenge ends that waits for two hours', '2h', 120 * MINUTE - 1_000],
  ])('at delete lets nothing that was spent pass again, %s', async (_when, challengeTtl, ms) => {
    stopTheClock()
    const app = await startWorld({ authsignal: { store: broken('delete'), challengeTtl } })
    app.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = app.customer()
    await customer.post('/transfers', toAlice).expect(303)
    const { latest, callbackPath } = customer
    await app.emulator.challenges.succeed(latest.idempotencyKey)
    await customer.post('/transfers', toAlice).expect(200)
    await customer.post('/transfers', toAlice).expect(409)
    jest.setSystemTime(Date.now() + ms)
    await customer.post('/transfers', toAlice).expect(409)
    expect((await customer.get(callbackPath).expect(200)).text).toContain('Already done')
    expect(app.booked).toHaveLength(1)
    expect(app.emulator.actions).toHaveLength(1)
  })
})

it('passes nothing on what a store has kept for too long', async () => {
  stopTheClock()
  const kept = new Map<string, Entry>()
  const store: ChallengeStore = {
    get: async (id) => kept.get(id),
    add: async (id, entry) => {
      if (kept.has(id)) return false
      kept.set(id, entry)
      return true
    },
    delete: async (id) => void kept.delete(id),
  }
  const app = await startWorld({ authsignal: { store } })
  app.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  const customer = app.customer()
  await customer.post('/transfers', toAlice).expect(303)
  const { latest, callbackPath } = customer
  await app.emulator.challenges.succeed(latest.idempotencyKey)
  jest.setSystemTime(Date.now() + 21 * MINUTE)
  await customer.get(callbackPath).expect(400)
  await customer.post('/transfers', toAlice).expect(503)
  expect(app.booked).toEqual([])
})

describe('a store of the app’s own', () => {
  it.each(['OK', 1, {}, undefined])(
    'whose add answers %p is said to be wrong, and lets nothing pass',
    async (added) => {
      const { apiUrl, apiSecretKey } = world.emulator
      const sloppy = storeWith({ add: async () => added as never })
      const app = await startWorld({ authsignal: { store: sloppy, apiUrl, apiSecretKey } })
      await app.customer().post('/transfers', toAlice).expect(500)
      expect(app.errors).toMatchObject([
        { code: 'ERR_AUTHSIGNAL_MISCONFIGURED', message: expect.stringMatching(/add\(.*give true or false/) as string },
      ])
    },
  )

  it.each([{}, '{"sealed":""}', 0, [{ sealed: 'x' }]])('whose get answers %j is said to be wrong', async (found) => {
    const { apiUrl, apiSecretKey } = world.emulator
    const sloppy = storeWith({ get: async () => found as never })
    const app = await startWorld({ authsignal: { store: sloppy, apiUrl, apiSecretKey } })
    await app.customer().post('/transfers', toAlice).expect(500)
    expect(app.errors).toMatchObject([
      { code: 'ERR_AUTHSIGNAL_MISCONFIGURED', message: expect.stringContaining('the entry as it was added') as string },
    ])
  })

  it('shows nothing of what its client hangs on an error', async () => {
    const command = { name: 'hello', args: ['3', 'AUTH', 'default', 'the-password'] }
    const error = Object.assign(new Error('ERR max number of clients reached'), { name: 'ReplyError', command })
    const { apiUrl, apiSecretKey } = world.emulator
    const failing = storeWith({ get: () => Promise.reject(error) })
    const app = await startWorld({ authsignal: { store: failing, apiUrl, apiSecretKey } })
    await app.customer().post('/transfers', toAlice).expect(503)
    const shown = inspect(app.errors, { depth: Infinity, showHidden: true })
    expect(shown).toContain('ERR max number of clients reached')
    expect(shown).not.toContain('the-password')
  })
})

it('knows its own entry where a store says that it stands already: its client has sent it twice', async () => {
  const store = new MemoryStore()
  const add: ChallengeStore['add'] = async (...given) => (await store.add(...given)) && store.add(...given)
  const twice = storeWith({ add }, store)
  const app = await startWorld({ authsignal: { store: twice } })
  app.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  const customer = app.customer()
  await customer.post('/transfers', toAlice).expect(303)
  await customer.sendAgain(await customer.passAndReturn()).expect(200)
  expect(app.booked).toMatchObject([{ body: toAlice }])
})

it('a store that takes no mark lets nothing pass', async () => {
  const store = new MemoryStore()
  const add: ChallengeStore['add'] = (...given) =>
    given[0].startsWith('spent:') ? Promise.reject(new Error('disk full')) : store.add(...given)
  const noMarks = storeWith({ add }, store)
  const world = await startWorld({ authsignal: { store: noMarks } })
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  const customer = world.customer()
  await customer.post('/transfers', toAlice).expect(303)
  await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
  await customer.post('/transfers', toAlice).expect(503)
  expect(world.booked).toEqual([])
})
