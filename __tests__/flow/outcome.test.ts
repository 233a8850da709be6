import type { Decision, DecisionEvent, GuardOptions } from 'authsignal-express'
import { startWorld, type World } from '../helpers/world'

/* What hooks, events, errors and handlers are told of a decision. */

const toAlice = { payee: 'Alice', amount: '10' }

async function watched(guard: GuardOptions = {}): Promise<{ world: World; events: DecisionEvent[] }> {
  const events: DecisionEvent[] = []
  const world = await startWorld({ guard: { ...guard, onDecision: (event) => events.push(event) } })
  world.emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
  return { world, events }
}

const ruleIds = ['rule-transfer']

it('names the rules: to a hook, to the event, while it waits, and to the handler at last', async () => {
  const seen: Decision[] = []
  const onChallenge: GuardOptions['onChallenge'] = (_req, res, decision) => {
    seen.push(decision)
    res.end()
  }
  const { events, world } = await watched({ onChallenge })
  const customer = world.customer()
  for (let n = 0; n < 2; n += 1) await customer.post('/transfers', toAlice).expect(200)
  expect(seen).toMatchObject([{ ruleIds }, { ruleIds }])
  await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
  await customer.post('/transfers', toAlice).expect(200)
  expect(events).toMatchObject([{ ruleIds }, { ruleIds }, { ruleIds, outcome: 'passed' }])
  expect(world.booked).toMatchObject([{ authsignal: { ruleIds } }])
})

it.each<[string, string, GuardOptions, Record<string, string>]>([
  ['ERR_AUTHSIGNAL_NOT_ENROLLED', 'ALLOW', { whenUnenrolled: 'block' }, {}],
  ['ERR_AUTHSIGNAL_CROSS_SITE', 'CHALLENGE_REQUIRED', {}, { 'sec-fetch-site': 'cross-site' }],
])('of %s tells the state and the key that Authsignal answered', async (code, state, guard, headers) => {
  const { events, world } = await watched(guard)
  const { emulator, errors } = world
  emulator.rules.set('transfer', state)
  await world.customer().post('/transfers', toAlice).set(headers).expect(403)
  const [action] = emulator.actions
  const { idempotencyKey } = action ?? {}
  expect(events).toMatchObject([{ outcome: 'refused', code, state, idempotencyKey, actionCode: 'transfer' }])
  expect(errors).toMatchObject([{ code, idempotencyKey }])
})

it('of a request that was sent on already names the action that it was done by', async () => {
  const { events, world } = await watched()
  const customer = world.customer()
  await customer.post('/transfers', toAlice).expect(303)
  const { idempotencyKey } = customer.latest
  const page = await customer.passAndReturn()
  const statuses = await Promise.all([1, 2, 3].map(async () => (await customer.sendAgain(page)).status))
  expect(statuses.sort()).toEqual([200, 409, 409])
  await customer.sendAgain(page).expect(409)
  expect(world.errors.map((error) => error.idempotencyKey)).toEqual([idempotencyKey, idempotencyKey, idempotencyKey])
  expect(events.slice(1).every((event) => event.idempotencyKey === idempotencyKey)).toBe(true)
  expect(world.emulator.actions).toHaveLength(1)
})

it('names no action that somebody else’s key or header made up', async () => {
  const { world } = await watched()
  const made = '00000000-0000-4000-8000-000000000000'
  const send = world.customer().agent.post('/transfers').set({ 'x-user': 'alice', 'authsignal-repeat': made })
  await send.send(toAlice).expect(409)
  expect(world.errors.map((error) => [error.code, error.idempotencyKey])).toEqual([
    ['ERR_AUTHSIGNAL_ALREADY_SPENT', undefined],
  ])
})

it('of a body that could not be bound names the action that was tracked for it', async () => {
  const { world } = await watched()
  await world
    .customer()
    .agent.post('/transfers')
    .set('x-user', 'alice')
    .type('text/plain')
    .send('pay Alice')
    .expect(500)
  const [action] = world.emulator.actions
  expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_MISCONFIGURED', idempotencyKey: action?.idempotencyKey }])
})
