import { alteredAnswers } from './helpers/altered-answers'
import { startWorld, type World } from './helpers/world'

/** Where the API sends the user there. */
const challengedAt = (url: string | undefined) =>
  startWorld({ authsignal: { axios: alteredAnswers(() => ({ state: 'CHALLENGE_REQUIRED', url, challengeUrl: url })) } })

let world: World

beforeAll(async () => {
  world = await startWorld()
})
afterEach(() => {
  world.emulator.reset()
  world.booked.length = 0
  world.errors.length = 0
})

const alicePays = { payee: 'Alice', amount: '10' }

describe('a request that Authsignal allows', () => {
  it('goes on, and tells the handler what was decided', async () => {
    world.emulator.rules.set('transfer', 'ALLOW')
    await world.customer().post('/transfers', alicePays).expect(200)
    const [action] = world.emulator.actions
    expect(world.booked).toEqual([
      {
        userId: 'alice',
        method: 'POST',
        path: '/transfers',
        body: alicePays,
        authsignal: {
          actionCode: 'transfer',
          state: 'ALLOW',
          idempotencyKey: action?.idempotencyKey,
          challenged: false,
          ruleIds: action?.ruleIds,
        },
      },
    ])
  })

  it('is tracked with its signals', async () => {
    await world
      .customer('eve@example.com/x')
      .get('/account')
      .set({ cookie: '__as_aid=device-1', 'user-agent': 'Test/1', 'x-forwarded-for': '6.6.6.6, 203.0.113.7, 10.0.0.1' })
      .expect(200)
    expect(world.emulator.actions).toMatchObject([
      {
        userId: 'eve@example.com/x',
        actionCode: 'viewAccount',
        attributes: { deviceId: 'device-1', userAgent: 'Test/1', ipAddress: '203.0.113.7' },
      },
    ])
  })

  it("is tracked by the guard's own signals, whatever attributes gives in their place", async () => {
    const signals = { idempotencyKey: 'a', redirectUrl: 'b', redirectToSettings: true, userAgent: 'c', deviceId: 'd' }
    const made = await startWorld({ guard: { attributes: () => ({ ...signals, ipAddress: 'e', locale: 'mi' }) } })
    await made.customer().post('/transfers', alicePays).set('user-agent', 'Test/1').expect(200)
    const [{ idempotencyKey, attributes } = {}] = made.emulator.actions
    expect(idempotencyKey).not.toBe('a')
    const redirectUrl = `${made.url}/authsignal/callback/${idempotencyKey}`
    expect(attributes).toEqual({
      idempotencyKey,
      redirectUrl,
      userAgent: 'Test/1',
      ipAddress: '127.0.0.1',
      locale: 'mi',
    })
  })

  it('needs no readable body', async () => {
    await world.customer().agent.post('/transfers').set('x-user', 'alice').type('text/plain').send('hello').expect(200)
    expect(world.booked).toHaveLength(1)
  })
})

describe('a request that Authsignal refuses', () => {
  it.each([
    ['BLOCK', 403, 'ERR_AUTHSIGNAL_BLOCKED'],
    ['REVIEW_REQUIRED', 403, 'ERR_AUTHSIGNAL_REVIEW_REQUIRED'],
  ])('at %s is answered %i', async (state, status, code) => {
    world.emulator.rules.set('transfer', state)
    await world.customer().post('/transfers', alicePays).expect(status).expect('cache-control', 'no-store')
    expect(world.booked).toEqual([])
    const [action] = world.emulator.actions
    expect(world.errors).toMatchObject([
      {
        code,
        status,
        statusCode: status,
        expose: true,
        actionCode: 'transfer',
        idempotencyKey: action?.idempotencyKey,
      },
    ])
  })

  it.each(['SOMETHING_NEW', 'CHALLENGE_SUCCEEDED', 'REVIEW_SUCCEEDED', 'allow', 'constructor'])(
    'never passes on the state %j',
    async (state) => {
      world.emulator.rules.set('transfer', state)
      await world.customer().post('/transfers', alicePays).expect(502)
      expect(world.booked).toEqual([])
      expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE', expose: false }])
    },
  )

  it.each([
    ['something that is not JSON', { status: 200, body: '<html>ALLOW</html>' }],
    ['an empty body', { status: 200, body: '' }],
    ['a list', { status: 200, body: '["ALLOW"]' }],
    ['half an answer', { truncate: true }],
  ] as const)('never passes on %s', async (_what, fault) => {
    world.emulator.faults.next(fault, 10)
    const { status } = await world.customer().post('/transfers', alicePays)
    expect([502, 503]).toContain(status)
    expect(world.booked).toEqual([])
  })

  it.each([undefined, null, true, ['ALLOW'], { toString: 'ALLOW' }])('never passes on the state %j', async (state) => {
    const odd = await startWorld({ authsignal: { axios: alteredAnswers(() => ({ state })) } })
    await odd.customer().post('/transfers', alicePays).expect(502)
    expect(odd.booked).toEqual([])
  })

  it.each([
    ['javascript:alert(1)'],
    ['http://evil.example/challenge?x=1'],
    ['http://localhost.evil.example/'],
    ['http://127.0.0.1.evil.example/'],
    ['http://[2001:db8::1]/'],
    ['//evil.example'],
    [''],
    [undefined],
  ])('never sends the browser to the challenge url %j', async (url) => {
    const astray = await challengedAt(url)
    const { headers } = await astray.customer().post('/transfers', alicePays).expect(502)
    expect(headers.location).toBeUndefined()
    expect(astray.errors[0]?.message).toContain('url')
  })

  it('is answered 503 while Authsignal is down', async () => {
    world.emulator.faults.next({ status: 503 }, 10)
    await world.customer().post('/transfers', alicePays).expect(503)
    expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_UNAVAILABLE', expose: false }])
    expect(world.booked).toEqual([])
  })
})

describe('a request without a user', () => {
  it('is answered 401, and nothing is tracked', async () => {
    await world.customer('').post('/transfers', alicePays).expect(401)
    expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_UNAUTHENTICATED' }])
    expect(world.emulator.requests).toEqual([])
  })
})

describe('a challenge', () => {
  beforeEach(() => {
    world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  })

  it.each([
    ['get', 302],
    ['head', 302],
    ['post', 303],
    ['put', 303],
    ['delete', 303],
  ] as const)('sends a page load by %s on with %i', async (method, status) => {
    const { agent } = world.customer()
    const response = await agent[method]('/transfers').set('x-user', 'alice').redirects(0).expect(status)
    expect(response.headers.location).toContain(`${world.emulator.url}/`)
    expect(response.headers['cache-control']).toBe('no-store')
    expect(world.booked).toEqual([])
  })

  it.each([['https://bank.example/'], ['http://localhost:1/'], ['http://127.1.2.3/'], ['http://[::1]/']])(
    'sends the browser to the url %j',
    async (url) => {
      const led = await challengedAt(url)
      await led.customer().post('/transfers', alicePays).expect(303).expect('location', url)
    },
  )

  it('is told to a script as a problem', async () => {
    const response = await world
      .customer()
      .post('/transfers', alicePays)
      .set({ 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin', accept: 'text/html' })
      .expect(401)
      .expect('content-type', /^application\/problem\+json/)
      .expect('www-authenticate', 'Bearer error="insufficient_user_authentication"')
      .expect('cache-control', 'no-store')
    const { idempotencyKey } = world.customer().latest
    const problem = JSON.parse(response.text) as Record<string, unknown>
    expect(problem).toMatchObject({
      status: 401,
      code: 'CHALLENGE_REQUIRED',
      actionCode: 'transfer',
      idempotencyKey,
      challengeUrl: expect.stringContaining(world.emulator.url) as string,
    })
    expect(problem).toHaveProperty('challengeId')
    expect(Date.parse(String(problem.expiresAt))).toBeGreaterThan(Date.now())
    expect(problem).not.toHaveProperty('challengeKey')
  })

  it.each([
    [{ 'sec-fetch-mode': 'navigate', accept: 'application/json' }, 303],
    [{ 'sec-fetch-mode': 'no-cors', accept: 'text/html' }, 401],
    [{ accept: 'text/html,*/*' }, 303],
    [{ accept: '*/*' }, 401],
    [{ accept: 'application/json' }, 401],
    [{}, 303],
  ])('takes %j for what it is', async (headers, status) => {
    await world.customer().post('/transfers', alicePays).set(headers).expect(status)
  })

  it('takes a JSON body for a script, whatever it accepts', async () => {
    const { agent } = world.customer()
    await agent.post('/transfers').set({ 'x-user': 'alice', accept: 'text/html' }).send(alicePays).expect(401)
  })

  it('is told to a script as a problem whose type is RFC 9470', async () => {
    const { agent } = world.customer()
    const answer = await agent.post('/transfers').set('x-user', 'alice').send(alicePays).expect(401)
    expect(answer.body).toMatchObject({ type: 'https://www.rfc-editor.org/rfc/rfc9470' })
  })

  it.each([
    ['application/vnd.api+json', { accept: 'text/html' }],
    ['Application/VND.API+JSON; charset=utf-8', { accept: 'text/html,*/*' }],
    ['application/vnd.api+json', { accept: 'text/html', 'sec-fetch-mode': 'navigate' }],
  ])('is told as a problem to whoever sends %s, whatever it accepts: %j', async (type, headers) => {
    const api = await startWorld({ guard: { bind: () => alicePays } })
    api.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const sent = api.customer().agent.post('/transfers').redirects(0)
    const answer = await sent
      .set({ 'x-user': 'alice', 'content-type': type, ...headers })
      .send(JSON.stringify({ data: { type: 'transfers', attributes: alicePays } }))
      .expect(401)
      .expect('content-type', /^application\/problem\+json/)
    const { idempotencyKey } = api.customer().latest
    expect(answer.body).toMatchObject({ code: 'CHALLENGE_REQUIRED', idempotencyKey })
  })

  it('leads htmx by HX-Redirect, and back to the page it was on', async () => {
    const customer = world.customer()
    await customer
      .post('/transfers', alicePays)
      .set({ 'hx-request': 'true', 'hx-current-url': `${world.url}/account?tab=2` })
      .expect('hx-redirect', new RegExp(`^${world.emulator.url}/`))
    const back = await customer.passAndReturn()
    expect([back.status, back.headers.location]).toEqual([303, '/account?tab=2'])
  })

  it.each(['iframe', 'frame', 'fencedframe', 'embed', 'object'])(
    'leads a frame out to the whole window: %s',
    async (dest) => {
      const frame = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': dest }
      const { text } = await world.customer().get('/account').set(frame).expect(200)
      expect(text).toContain('target="_top"')
    },
  )

  describe('where the app has a policy of its own', () => {
    let strict: World
    let policy: string | string[]
    beforeAll(async () => {
      strict = await startWorld({
        routes: (app) =>
          app.use((_req, res, next) => {
            res.setHeader('content-security-policy', policy)
            next()
          }),
      })
      strict.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    })

    it.each([
      ['a form-action', "default-src 'self'; form-action 'self'"],
      ['one in capitals', "FORM-ACTION 'SELF'"],
      ['one in the second policy of a header', "default-src 'self', form-action 'self'"],
      ['one in a second header', ["default-src 'self'", "form-action 'none'"]],
      ['two, of which the first counts', "form-action 'self'; form-action *"],
      ['one with a source that can not be told', 'form-action https://*.example'],
    ])('that forbids the redirect, it goes by a page: %s', async (_what, given) => {
      policy = given
      const response = await strict.customer().post('/transfers', alicePays).expect(200)
      expect(response.text).toContain('http-equiv="refresh"')
      expect(response.headers['content-security-policy']).not.toContain('form-action')
      await strict.customer().get('/account').expect(302)
    })

    it.each([
      ['none', "default-src 'none'"],
      ['one for anywhere', 'form-action *'],
      ['two, of which the first counts', "form-action *; form-action 'self'"],
      ['one for the challenge page', () => `form-action 'self' ${strict.emulator.url}`],
      ['one for its scheme', 'form-action https: http:'],
    ])('that allows the redirect, it redirects: %s', async (_what, given) => {
      policy = typeof given === 'string' ? given : given()
      await strict.customer().post('/transfers', alicePays).expect(303)
    })
  })

  it('is never begun by a prefetch', async () => {
    await world.customer().get('/account').set('sec-purpose', 'prefetch;prerender').expect(503)
    expect(world.emulator.requests).toEqual([])
  })

  it('that skip leaves out is no prefetch’s hindrance', async () => {
    const open = await startWorld({ guard: { skip: () => true } })
    await open.customer().get('/account').set('sec-purpose', 'prefetch').expect(200)
    expect(open.emulator.requests).toEqual([])
  })

  it('leaves one cookie, however many guards give it, and those of the app', async () => {
    const twice = await startWorld({
      routes: (app, { authsignal }) => {
        app.use('/twice', (_req, res, next) => {
          res.cookie('before', '1')
          next()
        })
        app.get('/twice', authsignal.guard('one'), authsignal.guard('two'), (_req, res) => {
          res.cookie('after', '1').end()
        })
      },
    })
    const { headers } = await twice.customer().get('/twice').expect(200)
    const names = (headers['set-cookie'] as unknown as string[]).map((cookie) => cookie.split('=', 1)[0])
    expect(names).toEqual(['before', 'authsignal', 'after'])
  })

  it.each(['prefetch', 'prerender', 'prefetch;prerender', 'prefetch;anonymous-client-ip', 'Prerender'])(
    'that was passed is not spent by a browser that loads ahead: %s',
    async (purpose) => {
      const customer = world.customer()
      const ahead = () =>
        customer.get('/account').set('sec-purpose', purpose).expect(503).expect('cache-control', 'no-store')
      await ahead()
      expect(world.emulator.requests).toEqual([])
      await customer.get('/account').expect(302)
      await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
      const asked = world.emulator.requests.length
      await ahead()
      expect([world.emulator.requests.length, world.booked.length]).toEqual([asked, 0])
      await customer.get('/account').expect(200)
    },
  )

  it("goes by a page for a GET too, where challengeVia is 'page'", async () => {
    const viaPage = await startWorld({ guard: { challengeVia: 'page' } })
    viaPage.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = viaPage.customer()
    const { text, headers } = await customer.get('/account').expect(200).expect('cache-control', 'no-store')
    expect(headers.location).toBeUndefined()
    expect(text).toContain(`http-equiv="refresh" content="0;url=${viaPage.emulator.url}/`)
    expect(viaPage.booked).toEqual([])
    expect((await customer.passAndReturn()).headers.location).toBe('/account')
    await customer.get('/account').expect(200)
  })

  it('is not offered to a form of another site', async () => {
    await world.customer().post('/transfers', alicePays).set('sec-fetch-site', 'cross-site').expect(403)
    await world.customer().post('/transfers', alicePays).set('origin', 'https://evil.example').expect(403)
    expect(world.errors.map(({ code }) => code)).toEqual(Array(2).fill('ERR_AUTHSIGNAL_CROSS_SITE'))
    await world.customer().post('/transfers', alicePays).set('origin', world.url).expect(303)
  })
})

describe('a guard of the whole app', () => {
  it('leaves GET {callbackPath}/{id} alone, and nothing else', async () => {
    const guarded = await startWorld({
      routes: (app, { authsignal }) => app.use(authsignal.guard('everything')),
    })
    guarded.emulator.rules.set('everything', 'BLOCK')
    const customer = guarded.customer()
    const id = '0f8fad5b-d9cb-469f-a165-70867728950e'
    const path = `/authsignal/callback/${id}`
    await customer.get(path).expect(400)
    for (const other of [`${path}/`, `${path}/..`, '/authsignal/callback/x', '/authsignal/callback', `//${path}`])
      await customer.get(other).expect(403)
    for (const other of [`/authsignal/callback/x${id}`, `/authsignal/callback/x/${id}`, `${path}x`])
      await customer.get(other).expect(403)
    // As long as the callback's path.
    await customer.get(`/accounts/statements/${id}`).expect(403)
    await customer.agent.options('/transfers').set('x-user', 'alice').expect(403)
    await customer.post(path, {}).expect(403)
  })
})
