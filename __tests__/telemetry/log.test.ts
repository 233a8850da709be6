import { format } from 'node:util'
import { AuthsignalClient, AuthsignalError } from 'authsignal-express'
import createDebug from 'debug'
import { storeWith } from '../helpers/stores'
import { startWorld, type World } from '../helpers/world'

const ORDER = { payee: 'the-payee', amount: 'the-amount' }

const lines: string[] = []
const print = createDebug.log

beforeEach(() => {
  lines.length = 0
  createDebug.log = (...args: unknown[]) => {
    lines.push(format(...args))
  }
  createDebug.enable('authsignal:*')
})
afterEach(() => {
  createDebug.disable()
  createDebug.log = print
})

/** The lines of one namespace, without time and namespace. */
function linesOf(namespace: string): string[] {
  return lines.flatMap((line) => line.split(` authsignal:${namespace} `)[1] ?? [])
}

/** All that a request of this user's may hold and no line may show. */
const PERSONAL = [
  'user-alice',
  'alice@mail.example',
  'the-payee',
  'the-amount',
  'in-the-query',
  '203.0.113.7',
  'the-agent',
]

function customerOf(world: World) {
  const customer = world.customer('user-alice')
  customer.agent.set({ 'user-agent': 'the-agent', 'x-forwarded-for': '203.0.113.7' })
  customer.agent.set('cookie', '__as_aid=the-device')
  return customer
}

it('tells of each decision, with its action, its key, its code and its duration', async () => {
  const world = await startWorld()
  const customer = world.customer()
  for (const state of ['ALLOW', 'BLOCK', 'CHALLENGE_REQUIRED']) {
    world.emulator.rules.set('*', state)
    await customer.post('/transfers', ORDER)
  }
  await world.customer('').post('/transfers', ORDER)
  const [allow, block, challenge] = world.emulator.actions.map(({ idempotencyKey }) => idempotencyKey)
  expect(linesOf('decision').map((line) => line.replace(/\d+ ms/, 'n ms'))).toEqual([
    `transfer ${allow}: passed (ALLOW) in n ms`,
    `transfer ${block}: refused (BLOCK, ERR_AUTHSIGNAL_BLOCKED) in n ms`,
    `transfer ${challenge}: challenged (CHALLENGE_REQUIRED) in n ms`,
    'transfer: refused (ERR_AUTHSIGNAL_UNAUTHENTICATED) in n ms',
  ])
})

it('tells of an error that came after the answer, and not what it says', async () => {
  const onBlock = (_req: unknown, res: { end(): unknown }) => {
    res.end()
    throw new Error('the-payee')
  }
  const world = await startWorld({ guard: { onBlock } })
  world.emulator.rules.set('*', 'BLOCK')
  await world.customer().post('/transfers', ORDER)
  expect(world.errors).toEqual([])
  expect(linesOf('decision').at(-1)).toBe('answered already, so this was dropped: an error of the app’s own')
})

it('tells how each return went', async () => {
  const world = await startWorld()
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  const customer = world.customer()
  await customer.post('/transfers', ORDER)
  const { callbackPath, latest } = customer
  await customer.get(callbackPath).expect(200)
  await customer.sendAgain(await customer.passAndReturn()).expect(200)
  await customer.get(callbackPath).expect(200)
  await customer.get('/authsignal/callback/unknown').expect(400)
  await customer.post('/transfers', { ...ORDER, amount: '1' })
  await world.emulator.challenges.fail(customer.latest.idempotencyKey)
  await customer.get(customer.callbackPath).expect(403)
  expect(linesOf('callback')).toEqual([
    `transfer ${latest.idempotencyKey}: incomplete`,
    `transfer ${latest.idempotencyKey}: resumed`,
    'spent already',
    'refused: names no challenge',
    'refused (ERR_AUTHSIGNAL_CHALLENGE_UNKNOWN)',
    `transfer ${customer.latest.idempotencyKey}: refused (ERR_AUTHSIGNAL_CHALLENGE_FAILED)`,
  ])
})

it('tells why a return is refused, of which its user is told one thing alone', async () => {
  const world = await startWorld()
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  const customer = world.customer()
  await customer.post('/transfers', ORDER)
  const { callbackPath } = customer
  const browser = async () => {
    const other = world.customer()
    await other.post('/transfers', { amount: '1' })
    return other
  }
  lines.length = 0
  await customer.get('/authsignal/callback/00000000-0000-4000-8000-000000000000').expect(400)
  await world.customer().get(callbackPath).expect(400)
  await (await browser()).get(callbackPath).expect(400)
  customer.userId = 'user-mallory'
  await customer.get(callbackPath).expect(400)
  customer.userId = 'alice'
  const { headers } = await customer.post('/logout', {}).expect(200)
  expect(headers['set-cookie']).toBeDefined()
  expect(linesOf('callback').filter((line) => !line.includes('ERR_'))).toEqual([
    'refused: unknown, or too late',
    'refused: without our cookie: at another host, or in another browser',
    'refused: of another browser',
    'refused: of another user',
  ])
})

it('tells of a return from self-service, and not where it went', async () => {
  const world = await startWorld({ routes: (app, { authsignal }) => app.get('/security', authsignal.manage()) })
  const customer = customerOf(world)
  await customer.get('/security').set('referer', `${world.url}/in-the-query`).expect(302)
  const { searchParams } = new URL(String(world.emulator.requests.at(-1)?.path), world.url)
  await customer.get(new URL(String(searchParams.get('redirectUrl'))).pathname).expect(303)
  expect(linesOf('callback')).toEqual(['back from self-service'])
  for (const word of PERSONAL) expect(lines.join()).not.toContain(word)
})

it('tells of each attempt at the API, each pause and the breaker', async () => {
  const world = await startWorld()
  world.emulator.faults.next({ status: 503 })
  await world.customer().post('/transfers', ORDER).expect(200)
  world.emulator.faults.next({ drop: true }, 100)
  for (let n = 0; n < 6; n += 1) await world.customer().post('/transfers', ORDER).expect(503)
  const said = linesOf('client').map((line) => line.replace(/\d+ ms/, 'n ms'))
  expect(said.slice(0, 3)).toEqual([
    'POST /users/…/actions/transfer, attempt 1: ERR_AUTHSIGNAL_UNAVAILABLE, 503 in n ms',
    'POST /users/…/actions/transfer: again in n ms',
    'POST /users/…/actions/transfer, attempt 2: answered in n ms',
  ])
  expect(said).toContain('POST /users/…/actions/transfer, attempt 3: ERR_AUTHSIGNAL_UNAVAILABLE, ECONNRESET in n ms')
  expect(said.at(-1)).toBe('breaker of track calls: open, nothing is asked')
})

it('takes no more from an error that the app made than names', async () => {
  const forged = 'x\nauthsignal:decision transfer: passed (ALLOW)'
  const attributes = () => {
    throw new AuthsignalError('ERR_AUTHSIGNAL_BLOCKED', 'no', { actionCode: forged, idempotencyKey: forged })
  }
  const world = await startWorld({ guard: { attributes } })
  await world.customer().post('/transfers', ORDER).expect(403)
  expect(linesOf('decision')).toEqual([expect.stringMatching(/^refused \(ERR_AUTHSIGNAL_BLOCKED\) in \d+ ms$/)])
})

it('tells of store trouble by the class and code of the error alone', async () => {
  const quoting = Object.assign(new TypeError('redis://:store-password@redis said no'), { code: 'ENOSPC' })
  const world = await startWorld({ authsignal: { store: storeWith({ add: () => Promise.reject(quoting) }) } })
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  await world.customer().post('/transfers', ORDER).expect(503)
  expect(linesOf('store')).toEqual(['add of a place entry failed: TypeError ENOSPC'])
})

it('shows no secret, token, cookie, body, query or person, whatever happens', async () => {
  const world = await startWorld({
    guard: { attributes: () => ({ email: 'alice@mail.example', custom: ORDER }) },
  })
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  const customer = customerOf(world)
  const first = await customer.post('/transfers?q=in-the-query', ORDER).expect(303)
  await customer.get(`${customer.callbackPath}?token=the-token`).expect(200)
  await customer.sendAgain(await customer.passAndReturn()).expect(200)
  await customer.post('/transfers?q=in-the-query', { ...ORDER, more: 'x' }).expect(303)
  await world.emulator.challenges.fail(customer.latest.idempotencyKey)
  await customer.get(`${customer.callbackPath}?token=the-token`).expect(403)
  world.emulator.faults.next({ status: 401 })
  await customer.post('/transfers', { ...ORDER, more: 'y' }).expect(500)
  world.emulator.rules.set('*', 'user-alice alice@mail.example')
  await customer.post('/transfers', { ...ORDER, more: 'z' }).expect(502)
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  await callEverything(world)

  const cookies = String(first.get('set-cookie')).match(/=[\w-]{16,}/g) ?? []
  const tokens = String(first.get('location')).match(/[\w-]{20,}/g) ?? []
  expect([cookies.length, tokens.length].every((found) => found > 0)).toBe(true)
  const { apiSecretKey } = world.emulator
  const basic = Buffer.from(`${apiSecretKey}:`).toString('base64')
  const text = lines.join('\n')
  expect(lines.length).toBeGreaterThan(20)
  for (const hidden of [...PERSONAL, ...cookies, ...tokens, apiSecretKey, basic, 'the-token', 'the-device', '?'])
    expect(text).not.toContain(hidden)
})

/** The calls whose paths, queries and bodies hold what the app knows of a user. */
async function callEverything({ emulator }: World): Promise<void> {
  const { apiUrl, apiSecretKey } = emulator
  const client = new AuthsignalClient({ apiUrl, apiSecretKey })
  const userId = 'user-alice'
  await client.getUser({ userId, redirectUrl: 'https://bank.example/in-the-query' })
  await client.identify({ userId, attributes: { email: 'alice@mail.example' } })
  await client.queryUsers({ email: 'alice@mail.example' })
  await client.getAction({ userId, action: 'transfer', idempotencyKey: 'the-payee' }).catch(() => undefined)
  await client.queryUserActions({ userId, actionCodes: ['in-the-query'] })
  await client.deleteAuthenticator({ userId, userAuthenticatorId: 'the-payee' }).catch(() => undefined)
}
