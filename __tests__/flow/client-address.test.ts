import express from 'express'
import express4 from 'express-4'
import request from 'supertest'
import { createAuthsignal } from 'authsignal-express'
import { startWorld, type World } from '../helpers/world'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
beforeEach(() => {
  world.emulator.reset()
})

/** The address that is tracked for a request with these forwarded addresses, through an app set up by `prepare`. */
async function addressFor(
  forwarded: string | undefined,
  prepare?: (app: express.Express) => express.Express,
  make = express,
) {
  const { apiUrl, apiSecretKey } = world.emulator
  const { guard } = createAuthsignal({ apiUrl, apiSecretKey })
  const app = make()
  const inner = prepare?.(app) ?? app
  inner.get('/', guard('see', { userId: () => 'alice' }), (_req, res) => {
    res.end()
  })
  const sending = request(app).get('/')
  if (forwarded !== undefined) sending.set('x-forwarded-for', forwarded)
  await sending.expect(200)
  return world.emulator.actions[0]?.attributes.ipAddress
}

it.each([
  ['no header', undefined, '127.0.0.1'],
  ['one public client', '203.0.113.7', '203.0.113.7'],
  ['a forged leftmost entry', '1.1.1.1, 203.0.113.7', '203.0.113.7'],
  ['a private proxy', '203.0.113.7, 10.1.2.3, 192.168.0.4', '203.0.113.7'],
  ['a forged entry behind a private proxy', '1.1.1.1, 203.0.113.7, 10.1.2.3', '203.0.113.7'],
  ['a link-local proxy', '203.0.113.7, 169.254.1.1', '203.0.113.7'],
  ['IPv6', '2001:db8::7, fd00::1', '2001:db8::7'],
  ['an appended port', '203.0.113.7:4711', '203.0.113.7'],
  ['a bracketed IPv6 with port', '[2001:db8::7]:4711', '2001:db8::7'],
  ['private peers alone', '10.0.0.9, 10.0.0.8', '10.0.0.9'],
  ['nonsense', '203.0.113.9, <script>', undefined],
])('of %s', async (_what, forwarded, address) => {
  expect(await addressFor(forwarded)).toBe(address)
})

it.each([
  ['Express 5', express],
  ['Express 4', express4],
])('is %s’s own req.ip where the app has set trust proxy, to false too', async (_name, make) => {
  const setTo = (value: unknown) => (app: express.Express) => app.set('trust proxy', value)
  expect(await addressFor('1.1.1.1, 2.2.2.2', setTo(false), make)).toBe('127.0.0.1')
  world.emulator.reset()
  expect(await addressFor('1.1.1.1, 2.2.2.2', setTo(1), make)).toBe('2.2.2.2')
  world.emulator.reset()
  expect(await addressFor('1.1.1.1, 2.2.2.2', setTo(true), make)).toBe('1.1.1.1')
})

it('is that of the parent’s setting in a mounted app', async () => {
  const mounted = (app: express.Express) => {
    const inner = express()
    app.set('trust proxy', 2)
    app.use(inner)
    return inner
  }
  expect(await addressFor('1.1.1.1, 2.2.2.2', mounted)).toBe('1.1.1.1')
})

it('is what the ipAddress option gives', async () => {
  const own = await startWorld({ guard: { ipAddress: async () => '198.51.100.1' } })
  await own.customer().get('/account').expect(200)
  expect(own.emulator.actions[0]?.attributes.ipAddress).toBe('198.51.100.1')
})

it('is warned of once in production, where private peers are only supposed to be proxies', async () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  const before = process.env.NODE_ENV
  process.env.NODE_ENV = 'production'
  try {
    const own = { authsignal: { baseUrl: 'http://bank.example' } }
    process.env.NODE_ENV = before
    const live = await startWorld(own)
    process.env.NODE_ENV = 'production'
    for (let n = 0; n < 3; n += 1)
      await live.customer().get('/account').set('x-forwarded-for', '203.0.113.7').expect(200)
  } finally {
    process.env.NODE_ENV = before
  }
  expect(warn.mock.calls.map(([, options]) => (options as { code: string } | undefined)?.code)).toEqual([
    'AUTHSIGNAL_TRUST_PROXY',
  ])
  warn.mockRestore()
})

describe('the device', () => {
  it.each([
    ['the cookie', '__as_aid=d-1', 'd-1'],
    ['one of 256 characters', `__as_aid=${'d'.repeat(256)}`, 'd'.repeat(256)],
    ['a longer one', `__as_aid=${'d'.repeat(257)}`, undefined],
    ['an object', '__as_aid=j:{"a":1}', undefined],
    ['none', 'other=1', undefined],
  ])('of %s', async (_what, cookie, device) => {
    await world.customer().get('/account').set('cookie', cookie).expect(200)
    expect(world.emulator.actions[0]?.attributes.deviceId).toBe(device)
  })

  it.each([
    ['of 256 characters is tracked', 'd'.repeat(256), 'd'.repeat(256)],
    ['of 257 characters is left out', 'd'.repeat(257), undefined],
    ['that is empty is left out', '', undefined],
  ])('that deviceId gives %s, whatever the cookie says', async (_what, given, device) => {
    const own = await startWorld({ guard: { deviceId: async () => given } })
    await own.customer().get('/account').set('cookie', '__as_aid=d-1').expect(200)
    expect(own.emulator.actions.map(({ attributes }) => attributes.deviceId)).toEqual([device])
  })
})
