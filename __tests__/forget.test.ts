import request from 'supertest'
import { cookieOf } from './helpers/customer'
import { MINUTE, stopTheClock } from './helpers/clock'
import { storeWith } from './helpers/stores'
import { challengedWorld, startWorld } from './helpers/world'

const toAlice = { payee: 'Alice', amount: '10' }

afterEach(() => {
  jest.useRealTimers()
})

describe('forget', () => {
  it.each([
    ['at once', '5m', 0],
    ['for as long as it could have lasted', '24h', 23 * 60 * MINUTE],
  ] as const)('ends a window %s, also for a copy of the cookie', async (_when, maxAge, ms) => {
    stopTheClock()
    const world = await challengedWorld({ maxAge })
    const customer = world.customer()
    const cookie = cookieOf(await customer.get('/account').expect(302))
    await customer.passAndReturn()
    await customer.get('/account').expect(200)
    await customer.post('/logout', {}).expect(200)
    jest.setSystemTime(Date.now() + ms)
    await world.customer().get('/account/details').set('cookie', cookie).expect(302)
  })

  it('gives the browser another cookie', async () => {
    const world = await startWorld()
    const customer = world.customer()
    const before = cookieOf(await customer.get('/account').expect(200))
    const after = cookieOf(await customer.post('/logout', {}).expect(200))
    expect(after).toMatch(/^authsignal=[\w-]{22}$/)
    expect(after).not.toBe(before)
  })

  it('fails where the store does: nobody is told that they are logged out who is not', async () => {
    const add = () => Promise.reject(new Error('the database is gone'))
    const world = await startWorld({ authsignal: { store: storeWith({ add }) } })
    const customer = world.customer()
    await customer.get('/account').expect(200)
    await customer.post('/logout', {}).expect(503)
    expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_UNAVAILABLE' }])
  })

  it('gives a browser that missed the answer another cookie with its next challenge', async () => {
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

  it('ends what the key of a client without cookies holds', async () => {
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
})
