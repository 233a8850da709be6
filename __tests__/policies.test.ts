import type { DecisionEvent, GuardOptions } from 'authsignal-express'
import { challengedWorld, startWorld } from './helpers/world'

const toAlice = { payee: 'Alice', amount: '10' }

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

  it('refuses one of which nobody says by what it was passed', async () => {
    const world = await challengedWorld({ verificationMethods: ['PASSKEY'] })
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    world.emulator.faults.next({ body: '{"state":"CHALLENGE_SUCCEEDED"}', match: 'getAction' })
    await customer.post('/transfers', toAlice).expect(403)
    expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_METHOD_REFUSED' }])
    expect(world.booked).toEqual([])
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

  it('stops nobody where the action code can not be told either', async () => {
    const world = await startWorld({
      routes: (app, { authsignal }) => {
        const guard = authsignal.guard(() => undefined as never, { enforce: false })
        app.get('/any', guard, (_req, res) => {
          res.end('done')
        })
      },
    })
    expect((await world.customer().get('/any').expect(200)).text).toBe('done')
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
  it('of one action are told to be one, since the second could never be passed', async () => {
    const world = await startWorld({
      routes: (app, { authsignal }) => app.use('/transfers', authsignal.guard('transfer')),
    })
    world.emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    await customer.sendAgain(await customer.passAndReturn()).expect(500)
    expect(world.errors).toMatchObject([
      { code: 'ERR_AUTHSIGNAL_MISCONFIGURED', message: expect.stringContaining('Two guards of the action') as string },
    ])
    expect(world.booked).toEqual([])
  })

  it('of one action are told so in the other order as well', async () => {
    const world = await startWorld({
      routes: (app, { authsignal }) => app.use('/transfers', authsignal.guard('transfer')),
      guard: { maxAge: '5m' },
    })
    world.emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    await customer.sendAgain(await customer.passAndReturn()).expect(500)
    expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_MISCONFIGURED' }])
  })

  it('of one action may stand, where the second is not asked for a challenge', async () => {
    const world = await startWorld({
      routes: (app, { authsignal }) =>
        app.use('/transfers', authsignal.guard('transfer', { attributes: () => ({ custom: { first: true } }) })),
    })
    world.emulator.rules.set('transfer', ({ attributes }) => (attributes.custom ? 'CHALLENGE_REQUIRED' : 'ALLOW'))
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    await customer.post('/transfers', toAlice).expect(200)
  })

  it('of one action may stand, where the first covers a section and the second one request', async () => {
    const world = await startWorld({
      routes: (app, { authsignal }) =>
        app.use('/transfers', authsignal.guard('transfer', { maxAge: '5m', bind: () => 0 })),
    })
    world.emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
    const customer = world.customer()
    await customer.get('/transfers').expect(302)
    await customer.passAndReturn()
    await customer.post('/transfers', toAlice).expect(303)
    await customer.sendAgain(await customer.passAndReturn()).expect(200)
    expect(world.booked.map(({ body }) => body)).toEqual([toAlice])
  })

  it('of one action are passed by one challenge under maxAge', async () => {
    const world = await startWorld({
      routes: (app, { authsignal }) => app.use('/transfers', authsignal.guard('transfer', { maxAge: '5m' })),
      guard: { maxAge: '5m' },
    })
    world.emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    await customer.sendAgain(await customer.passAndReturn()).expect(200)
    expect(world.booked).toHaveLength(1)
  })

  it('of two actions are passed by a challenge each, where those before the last have maxAge', async () => {
    const world = await startWorld({
      routes: (app, { authsignal }) => app.use('/transfers', authsignal.guard('everything', { maxAge: '5m' })),
    })
    world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = world.customer()
    await customer.post('/transfers', toAlice).expect(303)
    await customer.sendAgain(await customer.passAndReturn()).expect(303)
    await customer.sendAgain(await customer.passAndReturn()).expect(200)
    expect(world.booked).toHaveLength(1)
    expect(world.emulator.actions.filter(({ state }) => state === 'CHALLENGE_SUCCEEDED')).toHaveLength(2)
  })

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
