import express from 'express'
import { cookieOf } from '../helpers/customer'
import { challengedWorld, startWorld, type World } from '../helpers/world'

let world: World

beforeAll(async () => {
  world = await startWorld()
})
beforeEach(() => {
  world.emulator.reset()
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  world.booked.length = 0
  world.errors.length = 0
})

const toAlice = { payee: 'Alice', amount: '10' }

/** A customer whose challenge for 10 to Alice is passed and not spent. */
async function withPass() {
  const customer = world.customer()
  await customer.post('/transfers', toAlice).expect(303)
  await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
  return customer
}

describe('a passed challenge', () => {
  it('lets the same request pass', async () => {
    const customer = await withPass()
    const { idempotencyKey } = customer.latest
    await customer.post('/transfers', toAlice).expect(200)
    expect(world.booked).toMatchObject([
      {
        body: toAlice,
        authsignal: { actionCode: 'transfer', state: 'CHALLENGE_SUCCEEDED', challenged: true, idempotencyKey },
      },
    ])
  })

  it('lets the same fields pass in another order', async () => {
    const customer = await withPass()
    await customer.post('/transfers', { amount: '10', payee: 'Alice' }).expect(200)
    expect(world.emulator.actions).toHaveLength(1)
  })

  it.each([
    ['another payee', '/transfers', { payee: 'Mallory', amount: '10' }],
    ['another amount', '/transfers', { payee: 'Alice', amount: '10000' }],
    ['one more field', '/transfers', { ...toAlice, urgent: '1' }],
    ['a field less', '/transfers', { payee: 'Alice' }],
    ['a list for a string', '/transfers', 'payee=Alice&amount=10&amount=10'],
    ['a __proto__ key', '/transfers', 'payee=Alice&amount=10&__proto__=1'],
    ['another query', '/transfers?fee=1', toAlice],
    ['an empty query', '/transfers?', toAlice],
  ])('is not good for %s', async (_what, path, fields) => {
    const customer = await withPass()
    const before = world.emulator.actions.length
    await customer.post(path, fields as Record<string, string>).expect((res) => {
      // A key that the parser drops leaves the same request; anything else is asked anew.
      if (res.status === 200) expect(world.booked).toMatchObject([{ body: toAlice }])
      else expect([res.status, world.emulator.actions.length]).toEqual([303, before + 1])
    })
    expect(
      world.booked.every(
        ({ body, path: at }) => JSON.stringify(body) === JSON.stringify(toAlice) && at === '/transfers',
      ),
    ).toBe(true)
  })

  it('is not good for another method', async () => {
    const customer = await withPass()
    await customer.agent.put('/transfers').set('x-user', 'alice').redirects(0).type('form').send(toAlice).expect(303)
    expect(world.booked).toEqual([])
  })

  it('is not good for the same fields in another media type', async () => {
    const customer = await withPass()
    await customer.agent.post('/transfers').set('x-user', 'alice').send(toAlice).expect(401)
    expect(world.booked).toEqual([])
  })

  it('is not good for another user of the same browser', async () => {
    const customer = await withPass()
    customer.userId = 'mallory'
    await customer.post('/transfers', toAlice).expect(303)
    expect(world.booked).toEqual([])
  })

  it('is not good at another origin of the app', async () => {
    const baseUrl = ['http://bank.example', 'http://bank.example:8080']
    const shop = await startWorld({ authsignal: { baseUrl } })
    shop.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = shop.customer()
    const at = (host: string) => customer.post('/transfers', toAlice).set('host', host)
    await at('bank.example').expect(303)
    await shop.emulator.challenges.succeed(customer.latest.idempotencyKey)
    await at('bank.example:8080').expect(303)
    expect(shop.booked).toEqual([])
    await at('bank.example').expect(200)
  })

  it('is not good in another browser', async () => {
    await withPass()
    await world.customer().post('/transfers', toAlice).expect(303)
    expect(world.booked).toEqual([])
  })

  it('is not good for another action', async () => {
    const other = await startWorld({
      routes: (app, { authsignal, booked }) => {
        const code = (req: express.Request) => req.get('x-action') ?? 'first'
        app.post('/either', authsignal.guard(code), (req, res) => {
          booked.push({ userId: '', method: '', path: '', body: {}, authsignal: req.authsignal })
          res.send('done')
        })
      },
    })
    other.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = other.customer()
    await customer.post('/either', toAlice).expect(303)
    await other.emulator.challenges.succeed(customer.latest.idempotencyKey)
    await customer.post('/either', toAlice).set('x-action', 'second').expect(303)
    expect(other.booked).toEqual([])
    await customer.post('/either', toAlice).expect(200)
  })

  it('binds what the app calls custom, where the body does not tell it', async () => {
    let price = 10
    const shop = await startWorld({ guard: { attributes: () => ({ custom: { price } }) } })
    shop.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = shop.customer()
    await customer.post('/transfers', toAlice).expect(303)
    expect(customer.latest.attributes.custom).toEqual({ price: 10 })
    await shop.emulator.challenges.succeed(customer.latest.idempotencyKey)
    price = 20
    await customer.post('/transfers', toAlice).expect(303)
    price = 10
    await customer.post('/transfers', toAlice).expect(200)
  })

  it.each(['get', 'delete'] as const)('binds what the app calls custom to a %s without a body too', async (method) => {
    let price = 10
    const shop = await startWorld({ guard: { attributes: () => ({ custom: { price } }) } })
    shop.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const { agent } = shop.customer()
    const challenged = method === 'get' ? 302 : 303
    const send = (status: number) => agent[method]('/transfers').set('x-user', 'alice').redirects(0).expect(status)
    await send(challenged)
    await shop.emulator.challenges.succeed(shop.customer().latest.idempotencyKey)
    price = 20
    await send(challenged)
    expect(shop.emulator.actions.map(({ attributes }) => attributes.custom)).toEqual([{ price: 10 }, { price: 20 }])
    expect(shop.booked).toEqual([])
    price = 10
    await send(200)
  })

  it('binds what bind gives, in place of the body', async () => {
    const shop = await startWorld({ guard: { bind: (req: express.Request) => (req.body as { payee: string }).payee } })
    shop.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = shop.customer()
    await customer.post('/transfers', toAlice).expect(303)
    await shop.emulator.challenges.succeed(customer.latest.idempotencyKey)
    await customer.post('/transfers', { ...toAlice, payee: 'Mallory' }).expect(303)
    await customer.post('/transfers', { ...toAlice, csrf: 'new' }).expect(200)
  })

  it.each([
    ['another query', 'post', '/account?fee=1'],
    ['another path', 'post', '/account/details'],
    ['another method', 'put', '/account'],
  ] as const)('is not good for %s, also where bind gives the same', async (_what, method, path) => {
    const shop = await challengedWorld({ bind: () => 'the same' })
    const { agent } = shop.customer()
    const send = (by: typeof method, to: string) => agent[by](to).set('x-user', 'alice').type('form').send(toAlice)
    await send('post', '/account').redirects(0).expect(303)
    await shop.emulator.challenges.succeed(shop.customer().latest.idempotencyKey)
    await send(method, path).redirects(0).expect(303)
    expect(shop.booked).toEqual([])
    await send('post', '/account').expect(200)
  })

  it.each([
    ['with the charset that says what they mean', 'text/csv; charset=utf-16le', 'amount,10'],
    ['and not by their length alone', 'text/csv; charset=utf-8', 'amount,99'],
  ])('binds bytes %s', async (_how, otherType, otherText) => {
    const shop = await startWorld({
      routes: (app, { authsignal, booked }) =>
        app.post('/raw', express.raw({ type: () => true }), authsignal.guard('transfer'), (req, res) => {
          booked.push({ body: req.body as unknown } as never)
          res.end()
        }),
    })
    shop.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const { agent } = shop.customer()
    const send = (type: string, text: string) =>
      agent.post('/raw').set({ 'x-user': 'alice', 'content-type': type }).send(text)
    await send('text/csv; charset=utf-8', 'amount,10').expect(303)
    await shop.emulator.challenges.succeed(shop.customer().latest.idempotencyKey)
    await send(otherType, otherText).expect(303)
    await send('text/csv; charset=utf-8', 'amount,10').expect(200)
    expect(shop.booked).toEqual([{ body: Buffer.from('amount,10') }])
  })

  it('binds the path that the app has made of host and path', async () => {
    const shop = await startWorld({
      routes: (app) =>
        app.use((req, _res, next) => {
          if (req.headers.host?.startsWith('big.')) req.url = `/transfers?tenant=big`
          next()
        }),
      authsignal: { baseUrl: 'http://bank.example' },
    })
    shop.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = shop.customer()
    await customer.post('/transfers', toAlice).set('host', 'small.bank.example').expect(303)
    await shop.emulator.challenges.succeed(customer.latest.idempotencyKey)
    await customer.post('/transfers', toAlice).set('host', 'big.bank.example').expect(303)
    await customer.post('/transfers', toAlice).set('host', 'small.bank.example').expect(200)
  })

  it('binds the path that was asked for, also where the app rewrites it', async () => {
    const shop = await startWorld({
      routes: (app) =>
        app.use((req, _res, next) => {
          req.url = req.url.replace(/^\/(?:small|big)\/transfers/, '/transfers')
          next()
        }),
    })
    shop.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = shop.customer()
    await customer.post('/small/transfers', toAlice).expect(303)
    await shop.emulator.challenges.succeed(customer.latest.idempotencyKey)
    await customer.post('/big/transfers', toAlice).expect(303)
    expect(shop.booked).toEqual([])
    await customer.post('/small/transfers', toAlice).expect(200)
  })

  const hole = (list: unknown[], length = 2) => Object.assign(list, { length })
  it.each([
    ['lists with holes, each in its place', [, 'Alice'], hole(['Alice'])], // eslint-disable-line no-sparse-arrays
    ['lone surrogates, which all look alike in UTF-8', '\ud800', '\udbff'],
    ['a lone surrogate, and not what it is escaped to', '\ud800', '"\\ud800"'],
    ['keys with lone surrogates', { '\ud800': 1 }, { '\udbff': 1 }],
    ['strings, and not what they are told by', ['a', 'b'], ['as1:b']],
    ['strings, and not what they join to', ['asb', 'c'], ['a', 'bsc']],
    ['a number from the string', 10, '10'],
    ['a number from the big one', 10, 10n],
    ['0 from -0', 0, -0],
    ['NaN from null', NaN, null],
    ['true from the string', true, 'true'],
    ['true from 1', true, 1],
    ['null from the string', null, 'null'],
    ['null from undefined', { fee: null }, { fee: undefined }],
    ['null from a field that is absent', { fee: null }, {}],
    ['undefined from a field that is absent', { fee: undefined }, {}],
    ['dates', new Date(0), new Date(1)],
    ['a date from its number', new Date(10), 10],
    ['a date from its text', new Date(0), new Date(0).toISOString()],
    ['a date from nothing', { at: new Date(0) }, { at: {} }],
    ['a list from an object with its indices', ['a', 'b'], { 0: 'a', 1: 'b' }],
    ['an empty list from an empty object', [], {}],
    ['a list of one from what it holds', ['a'], 'a'],
  ])('tells %s', async (_what, first, second) => {
    let bound: unknown = first
    const shop = await startWorld({ guard: { bind: () => bound } })
    shop.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = shop.customer()
    await customer.post('/transfers', toAlice).expect(303)
    await shop.emulator.challenges.succeed(customer.latest.idempotencyKey)
    bound = second
    await customer.post('/transfers', toAlice).expect(303)
    expect(shop.emulator.actions).toHaveLength(2)
    bound = first
    await customer.post('/transfers', toAlice).expect(200)
  })

  it.each([
    ['{"amount":10}', '{"amount":"10"}'],
    ['{"amount":0}', '{"amount":-0}'],
    ['{"amount":null}', '{"amount":"null"}'],
    ['{"amount":null}', '{}'],
    ['{"urgent":true}', '{"urgent":"true"}'],
    ['{"urgent":false}', '{"urgent":0}'],
    ['{"payees":["Ann","Ben"]}', '{"payees":{"0":"Ann","1":"Ben"}}'],
    ['{"payees":["Ann"]}', '{"payees":"Ann"}'],
    ['[{"payee":"Ann"}]', '{"0":{"payee":"Ann"}}'],
  ])('for the JSON %s is not good for %s', async (confirmed, other) => {
    const { agent } = world.customer()
    const send = (json: string) => agent.post('/transfers').set('x-user', 'alice').type('json').send(json)
    for (const [first, second] of [
      [confirmed, other],
      [other, confirmed],
    ] as const) {
      await send(first).expect(401)
      await world.emulator.challenges.succeed(world.customer().latest.idempotencyKey)
      await send(second).expect(401)
      expect(world.booked).toEqual([])
      await send(first).expect(200)
      world.booked.length = 0
    }
  })

  const nested = (depth: number): unknown => (depth === 0 ? 1 : { in: nested(depth - 1) })
  it.each([
    ['undefined', undefined],
    ['an object of a class, whose fields may not be seen', new Map([['amount', 10]])],
    ['a function', () => 10],
    ['data nested without end', nested(200)],
  ])('is worth nothing where bind gives %s', async (_what, given) => {
    const shop = await challengedWorld({ bind: () => given })
    await shop.customer().post('/transfers', toAlice).expect(500)
    expect(shop.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_MISCONFIGURED', expose: false }])
  })
})

describe('a body that can not be told', () => {
  const emptied: express.RequestHandler = (req, _res, next) => {
    req.body = {}
    next()
  }

  const send = (type: string) =>
    world.customer().agent.post('/transfers').set('x-user', 'alice').redirects(0).type(type).send('--x\r\n\r\n--x--')

  it.each(['text/plain', 'multipart/form-data; boundary=x'])(
    'as %s is not challenged, with the cure named',
    async (type) => {
      await send(type).expect(500)
      expect(world.errors).toMatchObject([
        { code: 'ERR_AUTHSIGNAL_MISCONFIGURED', message: expect.stringContaining('after the body parser') as string },
      ])
      expect(world.booked).toEqual([])
    },
  )

  it('is not challenged where body-parser 1 left an empty object for chunks that something else has read', async () => {
    const old = await startWorld({
      routes: (app, { authsignal }) =>
        app.post('/xml', express.raw({ type: 'application/xml' }), emptied, authsignal.guard('transfer')),
    })
    old.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const chunked = { 'content-type': 'application/xml', 'transfer-encoding': 'chunked' }
    const sent = old
      .customer()
      .agent.post('/xml')
      .set({ 'x-user': 'alice', ...chunked })
    sent.write('<amount>10</amount>')
    await sent.expect(500)
    expect(old.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_MISCONFIGURED' }])
  })

  it('as multipart is not challenged where a parser has read its fields either: files are elsewhere', async () => {
    const parse: express.RequestHandler = (req, _res, next) => {
      req.resume().on('end', () => {
        req.body = { payee: 'Alice' }
        setImmediate(next)
      })
    }
    const upload = await startWorld({
      routes: (app, { authsignal }) => app.post('/upload', parse, authsignal.guard('transfer')),
    })
    upload.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    await upload
      .customer()
      .agent.post('/upload')
      .set('x-user', 'alice')
      .type('multipart/form-data; boundary=x')
      .send('--x\r\n\r\n--x--')
      .expect(500)
    expect(upload.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_MISCONFIGURED' }])
  })

  it('is not challenged either where body-parser 1 left an empty object', async () => {
    const old = await startWorld({
      routes: (app) =>
        app.use((req, _res, next) => {
          req.body ??= {}
          next()
        }),
    })
    old.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    await old.customer().agent.post('/transfers').set('x-user', 'alice').type('text/plain').send('x').expect(500)
  })
})

describe('the cookie', () => {
  it('is one, unguessable, out of reach of scripts, and set at ALLOW too', async () => {
    world.emulator.rules.set('*', 'ALLOW')
    const customer = world.customer()
    const first = await customer.get('/account').expect(200)
    expect(first.get('set-cookie')).toEqual([
      expect.stringMatching(/^authsignal=[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax$/),
    ])
    world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    for (const payee of ['Ann', 'Ben', 'Cas']) {
      const response = await customer.post('/transfers', { payee }).expect(303)
      expect(response.get('set-cookie')).toBeUndefined()
    }
  })

  it('is random in each of its 16 bytes', async () => {
    const cookies = await Promise.all(
      Array.from({ length: 40 }, async () => cookieOf(await world.customer().get('/account').expect(302))),
    )
    const ids = cookies.map((cookie) => Buffer.from(cookie.replace('authsignal=', ''), 'base64url'))
    for (let at = 0; at < 16; at += 1) expect(new Set(ids.map((id) => id[at])).size).toBeGreaterThan(1)
  })

  it('has the __Host- prefix over https, as the base URL says', async () => {
    const secure = await startWorld({ authsignal: { baseUrl: 'https://bank.example' } })
    const response = await secure.customer().get('/account').expect(200)
    expect(response.get('set-cookie')).toEqual([
      expect.stringMatching(/^__Host-authsignal=[\w-]{22}; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ])
  })

  it('is replaced where it is malformed', async () => {
    const response = await world
      .customer()
      .agent.get('/account')
      .set({ 'x-user': 'alice', cookie: 'authsignal=x' })
      .redirects(0)
    expect(response.get('set-cookie')).toHaveLength(1)
  })
})

describe('a client without cookies', () => {
  const challenged = async () => {
    const response = await world.customer().agent.post('/transfers').set('x-user', 'bot').send(toAlice).expect(401)
    const problem = response.body as { challengeKey: string; challengeId: string }
    await world.emulator.challenges.succeed(world.customer().latest.idempotencyKey)
    return problem
  }
  const repeat = (headers: Record<string, string>) =>
    // A new agent each time: it has no cookie.
    world
      .customer()
      .agent.post('/transfers')
      .set({ 'x-user': 'bot', ...headers })
      .send(toAlice)

  it('repeats with its challengeKey, once', async () => {
    const { challengeKey } = await challenged()
    await repeat({ 'authsignal-challenge': challengeKey }).expect(200)
    await repeat({ 'authsignal-challenge': challengeKey }).expect(409)
    expect(world.booked).toHaveLength(1)
  })

  it('that repeats too early is told of its challenge again, and of no other key', async () => {
    const first = await world.customer().agent.post('/transfers').set('x-user', 'bot').send(toAlice).expect(401)
    const { challengeKey, challengeId } = first.body as Record<string, string>
    const early = await repeat({ 'authsignal-challenge': String(challengeKey) }).expect(401)
    expect(early.body).toMatchObject({ challengeId })
    expect(early.body).not.toHaveProperty('challengeKey')
  })

  it('can not repeat with the challengeId, which stands in logs', async () => {
    const { challengeId } = await challenged()
    await repeat({ 'authsignal-challenge': challengeId }).expect(409)
    expect(world.booked).toEqual([])
  })

  it.each([
    ['a browser sent it', { 'sec-fetch-mode': 'cors' }],
    ['it has our cookie', { cookie: `authsignal=${'x'.repeat(22)}` }],
    ['it has our cookie, malformed', { cookie: 'authsignal=malformed' }],
    ['it has our cookie of https', { cookie: `__Host-authsignal=${'x'.repeat(22)}` }],
    ['it has our cookie of a resumed form', { cookie: 'authsignal-resumed=x' }],
    ['it has our cookie of a visit', { cookie: 'authsignal-visits=x' }],
  ])('has a key that does not count where %s', async (_why, headers) => {
    const { challengeKey } = await challenged()
    const again = await repeat({ 'authsignal-challenge': challengeKey, ...headers }).expect(401)
    expect(again.body).not.toHaveProperty('challengeKey')
    expect(world.booked).toEqual([])
  })

  it.each([
    ['sec-fetch-mode', 'cors'],
    ['sec-fetch-dest', 'empty'],
    ['sec-fetch-site', 'same-origin'],
    ['sec-fetch-user', '?1'],
    ['sec-fetch-storage-access', 'active'],
    ['sec-fetch-of-the-future', ''],
  ])('is none where %s is sent: a browser is told no key, and none counts from it', async (name, value) => {
    const told = await repeat({ [name]: value }).expect(401)
    expect(told.body).toHaveProperty('challengeId')
    expect(told.body).not.toHaveProperty('challengeKey')
    const { challengeKey } = await challenged()
    const again = await repeat({ 'authsignal-challenge': challengeKey, [name]: value }).expect(401)
    expect(again.body).not.toHaveProperty('challengeKey')
    expect(world.booked).toEqual([])
    await repeat({ 'authsignal-challenge': challengeKey }).expect(200)
  })
})

it('the key of one answer opens no other challenge of the same browser', async () => {
  const world = await challengedWorld()
  const send = (body: object) => world.customer().agent.post('/transfers').set('x-user', 'alice').send(body)
  const first = await send(toAlice).expect(401)
  const { challengeKey } = first.body as { challengeKey: string }
  const cookie = cookieOf(first)
  const other = { payee: 'Ben', amount: '20' }
  await send(other).set('cookie', cookie).expect(401)
  await world.emulator.challenges.succeed(world.customer().latest.idempotencyKey)
  await send(other).set('authsignal-challenge', challengeKey).expect(409)
  expect(world.booked).toEqual([])
  await send(other).set('cookie', cookie).expect(200)
})
