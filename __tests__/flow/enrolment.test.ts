import { randomUUID } from 'node:crypto'
import { alteredAnswers } from '../helpers/altered-answers'
import { remoteStore } from '../helpers/remote-store'
import { startWorld, type World } from '../helpers/world'

const toAlice = { payee: 'Alice', amount: '10' }

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

describe('whenUnenrolled', () => {
  it("'block' refuses a user without authenticators, and no other", async () => {
    const world = await startWorld({ guard: { whenUnenrolled: 'block' } })
    await world.customer().post('/transfers', toAlice).expect(403)
    expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_NOT_ENROLLED' }])
    await enrol(world)
    await world.customer().post('/transfers', toAlice).expect(200)
  })

  it("'block' refuses where the answer does not say that there is one", async () => {
    let isEnrolled: unknown
    const axios = alteredAnswers(() => ({ state: 'ALLOW', isEnrolled }))
    const world = await startWorld({ guard: { whenUnenrolled: 'block' }, authsignal: { axios } })
    for (isEnrolled of [undefined, null, 'true']) await world.customer().post('/transfers', toAlice).expect(403)
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
