import { request } from 'node:http'
import type { GuardOptions } from 'authsignal-express'
import { startWorld } from './helpers/world'

/* What an app's own functions do wrong must let no request pass. */

const toAlice = { payee: 'Alice', amount: '10' }
const STATE_OF = { onBlock: 'BLOCK', onReview: 'REVIEW_REQUIRED', onChallenge: 'CHALLENGE_REQUIRED' } as const
const ASKED = ['skip', 'userId', 'deviceId', 'ipAddress', 'attributes', 'bind'] as const
const HOOKS = Object.keys(STATE_OF) as (keyof typeof STATE_OF)[]

async function worldWith(name: keyof GuardOptions, does: () => unknown) {
  const world = await startWorld({ guard: { [name]: does } })
  const state = name in STATE_OF ? STATE_OF[name as keyof typeof STATE_OF] : 'ALLOW'
  world.emulator.rules.set('transfer', state)
  return world
}

describe.each([...ASKED, ...HOOKS])('%s', (name) => {
  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('of the app')
      },
    ],
    ['rejects', () => Promise.reject(new Error('of the app'))],
  ])('that %s lets nothing pass', async (_what, does) => {
    const world = await worldWith(name, does)
    await world.customer().post('/transfers', toAlice).expect(500)
    expect(world.errors.map(({ message }) => message)).toEqual(['of the app'])
    expect(world.booked).toEqual([])
  })

  it('that never answers lets nothing pass', async () => {
    let begun: (value?: unknown) => void
    const asked = new Promise((resolve) => {
      begun = resolve
    })
    const world = await worldWith(name, () => {
      begun()
      return new Promise<never>(() => undefined)
    })
    const headers = { 'x-user': 'alice', 'content-type': 'application/json' }
    const hanging = request(`${world.url}/transfers`, { method: 'POST', headers }).on('error', () => undefined)
    hanging.end(JSON.stringify(toAlice))
    await asked
    // Whatever was to come of it at once has come by the time that a whole other request is through.
    await world.customer().get('/').expect(200)
    expect(world.booked).toEqual([])
    hanging.destroy()
  })
})

describe('onDecision', () => {
  it.each<[string, () => unknown]>([
    ['rejects', () => Promise.reject(new Error('of the app'))],
    ['never answers', () => new Promise<never>(() => undefined)],
  ])('that %s changes nothing', async (_what, onDecision) => {
    const world = await startWorld({ guard: { onDecision } })
    await world.customer().post('/transfers', toAlice).expect(200)
    world.emulator.rules.set('transfer', 'BLOCK')
    await world.customer().post('/transfers', toAlice).expect(403)
  })
})

describe('what an app tells asynchronously', () => {
  it('is awaited: attributes, for the rules and for what is bound', async () => {
    let amount = 10
    const world = await startWorld({
      guard: { attributes: async () => Promise.resolve({ email: 'alice@mail.example', custom: { amount } }) },
    })
    world.emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    expect(customer.latest.attributes).toMatchObject({ email: 'alice@mail.example', custom: { amount: 10 } })
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    amount = 10_000
    await customer.post('/transfers', toAlice).expect(303)
    expect(world.booked).toEqual([])
    amount = 10
    await customer.post('/transfers', toAlice).expect(200)
  })

  it('is awaited: an action code, whose challenge is good for that action alone', async () => {
    const world = await startWorld({
      routes: (app, { authsignal, booked }) => {
        const code = async (req: { body?: { kind?: string } }) => Promise.resolve(`transfer-${req.body?.kind ?? 'any'}`)
        app.post('/pay', authsignal.guard(code, { bind: () => 'nothing of the body' }), (req, res) => {
          booked.push({ authsignal: req.authsignal } as never)
          res.end()
        })
      },
    })
    world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = world.customer()
    await customer.post('/pay', { kind: 'small' }).expect(303)
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    await customer.post('/pay', { kind: 'large' }).expect(303)
    await customer.post('/pay', { kind: 'small' }).expect(200)
    expect(world.booked).toMatchObject([{ authsignal: { actionCode: 'transfer-small', challenged: true } }])
    expect(world.emulator.actions.map(({ actionCode }) => actionCode)).toEqual(['transfer-small', 'transfer-large'])
  })
})
