import { setImmediate as turn } from 'node:timers/promises'
import { challengedWorld, startWorld } from '../helpers/world'

const toAlice = { payee: 'Alice', amount: '10' }

describe('a cross-site request', () => {
  const navigation = { 'sec-fetch-mode': 'navigate' }

  it('meets no waiting pass', async () => {
    const world = await challengedWorld()
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
    const world = await challengedWorld()
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

  it('with a key is a repeat all the same, and never tracked', async () => {
    const world = await challengedWorld()
    const send = (headers: object) =>
      world
        .customer()
        .agent.post('/transfers')
        .set({ 'x-user': 'alice', accept: 'application/json', ...headers })
        .send(toAlice)
    const { challengeKey } = (await send({}).expect(401)).body as { challengeKey: string }
    await world.emulator.challenges.succeed(world.customer().latest.idempotencyKey)
    const repeat = { 'authsignal-challenge': challengeKey, origin: 'https://other.example' }
    world.emulator.rules.set('*', 'ALLOW')
    await send(repeat).expect(409)
    await send({ 'authsignal-challenge': challengeKey }).expect(200)
    await send(repeat).expect(409)
    expect(world.booked).toHaveLength(1)
  })

  it.each([
    ['another site', 'https://evil.example'],
    ['another port of this host', 'http://127.0.0.1'],
    ['a sandboxed frame', 'null'],
  ])('is known by its Origin where a browser tells no more: that of %s', async (_whose, origin) => {
    const world = await challengedWorld()
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    await customer.post('/transfers', toAlice).set('origin', origin).expect(403)
    expect(world.booked).toEqual([])
    await customer.post('/transfers', toAlice).set('origin', world.url).expect(200)
  })

  it('leads here by a link from anywhere', async () => {
    const world = await challengedWorld()
    await world
      .customer()
      .get('/account')
      .set({ 'sec-fetch-site': 'cross-site', ...navigation })
      .expect(302)
  })

  it('takes the browser’s cookie, which came not along, away by no other', async () => {
    const world = await challengedWorld()
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
