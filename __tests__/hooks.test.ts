import { request } from 'node:http'
import type { DecisionEvent, GuardOptions } from 'authsignal-express'
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

describe('an app function that gives what it may not', () => {
  it.each([
    ['attributes', []],
    ['ipAddress', 5],
    ['deviceId', 5],
  ] as const)('%s lets nothing pass, and is told by name', async (name, given) => {
    const world = await worldWith(name, () => given)
    await world.customer().post('/transfers', toAlice).expect(500)
    expect(world.errors).toMatchObject([
      { code: 'ERR_AUTHSIGNAL_MISCONFIGURED', message: expect.stringContaining(`${name}(req) is`) as string },
    ])
    expect(world.booked).toEqual([])
  })
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
