import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { DecisionEvent } from 'authsignal-express'
import { startWorld } from '../helpers/world'

const CHANNEL = 'authsignal:decision'

describe(`the channel ${CHANNEL}`, () => {
  const published: unknown[] = []
  const listener = (event: unknown) => {
    published.push(event)
  }
  beforeEach(() => {
    published.length = 0
  })
  afterEach(() => {
    unsubscribe(CHANNEL, listener)
  })

  it('is given the very event that onDecision is, at each decision', async () => {
    const told: DecisionEvent[] = []
    const world = await startWorld({ guard: { onDecision: (event) => told.push(event) } })
    subscribe(CHANNEL, listener)
    for (const [state, status] of Object.entries({ ALLOW: 200, BLOCK: 403, CHALLENGE_REQUIRED: 303 })) {
      world.emulator.rules.set('*', state)
      await world.customer().post('/transfers', { payee: 'Alice' }).expect(status)
    }
    await world.customer('').post('/transfers', {}).expect(401)
    expect(published).toMatchObject([
      { actionCode: 'transfer', state: 'ALLOW', outcome: 'passed', challenged: false },
      { actionCode: 'transfer', state: 'BLOCK', outcome: 'refused', code: 'ERR_AUTHSIGNAL_BLOCKED' },
      { actionCode: 'transfer', state: 'CHALLENGE_REQUIRED', outcome: 'challenged' },
      { actionCode: 'transfer', outcome: 'refused', code: 'ERR_AUTHSIGNAL_UNAUTHENTICATED' },
    ])
    expect(published.every((event, at) => event === told[at])).toBe(true)
  })

  it('tells a request that passed by a challenge', async () => {
    const world = await startWorld()
    world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = world.customer()
    await customer.post('/transfers', { payee: 'Alice' }).expect(303)
    const page = await customer.passAndReturn('PASSKEY')
    subscribe(CHANNEL, listener)
    await customer.sendAgain(page).expect(200)
    expect(published).toMatchObject([{ outcome: 'passed', challenged: true, verificationMethod: 'PASSKEY' }])
  })

  it('holds nothing of the user or the request', async () => {
    const world = await startWorld({
      guard: { attributes: () => ({ email: 'alice@mail.example', custom: { payee: 'the payee' } }) },
    })
    subscribe(CHANNEL, listener)
    for (const state of ['ALLOW', 'BLOCK', 'CHALLENGE_REQUIRED', 'ODD']) {
      world.emulator.rules.set('*', state)
      const customer = world.customer('user-alice')
      await customer.post('/transfers?q=in-the-query', { payee: 'in-the-body' }).set('x-forwarded-for', '203.0.113.7')
    }
    expect(published).toHaveLength(4)
    expect(JSON.stringify(published)).not.toMatch(/user-alice|mail|the payee|in-the|203\.0|token|http/)
  })

  it('a subscriber that throws breaks no request: Node raises it as an uncaught exception', async () => {
    const child = fork(join(__dirname, 'throwing-subscriber.mjs'))
    const exit = once(child, 'exit')
    const [told] = (await once(child, 'message')) as unknown[]
    await exit
    expect(told).toEqual({ statuses: [200, 403], uncaught: ['of the subscriber', 'of the subscriber'] })
  })
})
