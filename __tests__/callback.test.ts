import { MemoryStore, type AuthsignalOptions, type GuardOptions, type IncompleteChallenge } from 'authsignal-express'
import { cookieOf } from './helpers/customer'
import { addUnreadable } from './helpers/unreadable'
import { startWorld, type World } from './helpers/world'

let world: World

beforeEach(async () => {
  world = await startWorld()
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
})

const toAlice = { payee: 'Alice', amount: '10' }

async function challengedTransfer(at: World = world) {
  const customer = at.customer()
  await customer.post('/transfers', toAlice).expect(303)
  return customer
}

describe('back from a passed challenge', () => {
  it('a page load goes on to the page it wanted', async () => {
    const customer = world.customer()
    await customer.get('/account/settings?tab=2').expect(302)
    const back = await customer.passAndReturn('PASSKEY')
    expect([back.status, back.headers.location]).toEqual([303, '/account/settings?tab=2'])
    await customer.get('/account/settings?tab=2').expect(200)
    expect(world.booked).toMatchObject([{ authsignal: { challenged: true, verificationMethod: 'PASSKEY' } }])
  })

  it('a form is sent again with its fields, to its own path', async () => {
    const customer = world.customer()
    const fields = { payee: 'Zoë & "Söhne" <b>', note: 'one\r\ntwo', 'tags[a]': '1', empty: '' }
    await customer.post('/transfers?via=form', fields).expect(303)
    const page = await customer.passAndReturn()
    expect(page.status).toBe(200)
    expect(page.headers['content-security-policy']).not.toContain('form-action')
    expect(page.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'same-origin' })
    await customer.sendAgain(page).expect(200)
    expect(world.booked).toMatchObject([
      { path: '/transfers?via=form', body: { payee: fields.payee, note: fields.note, tags: { a: '1' }, empty: '' } },
    ])
  })

  it('a script goes back to the page it was on', async () => {
    const customer = world.customer()
    await customer
      .post('/transfers', toAlice)
      .set({ 'sec-fetch-mode': 'cors', referer: `${world.url}/account?open=1` })
      .expect(401)
    expect((await customer.passAndReturn()).headers.location).toBe('/account?open=1')
  })

  it('a form that can not be kept is asked for again, and passes then', async () => {
    const customer = world.customer()
    const large = { payee: 'Alice', note: 'x'.repeat(65 * 1024) }
    await customer.post('/transfers', large).set('referer', `${world.url}/account`).expect(303)
    const page = await customer.passAndReturn()
    expect([page.status, page.text.includes('href="/account"')]).toEqual([200, true])
    expect(page.text).not.toContain('<form')
    await customer.post('/transfers', large).expect(200)
  })

  it('a form that a script sent by PUT is asked for again: a form can not send it so', async () => {
    const customer = world.customer()
    await customer.agent
      .put('/transfers')
      .set({ 'x-user': 'alice', 'sec-fetch-mode': 'navigate' })
      .type('form')
      .send(toAlice)
      .redirects(0)
      .expect(303)
    expect((await customer.passAndReturn()).text).not.toContain('<form')
    expect(world.booked).toEqual([])
  })

  it.each(['//evil.example/x', '/\\evil.example', 'http://evil.example/', '/%09/evil.example', '/..//evil.example'])(
    'never leads to another site, whatever path was asked for: %s',
    async (path) => {
      const customer = world.customer()
      const { authsignal } = world
      const wide = await startWorld({
        authsignal: { client: authsignal.client, secret: 'a secret of thirty-two characters' },
        routes: (app, { authsignal: own }) => app.use(own.guard('everything')),
      })
      const raw = await rawGet(wide.url, path)
      const cookie = String(raw.cookie)
      const { pathname } = new URL(String(customer.latest.attributes.redirectUrl))
      await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
      const back = await wide.customer().get(pathname).set('cookie', cookie)
      expect(back.status).toBe(303)
      expect(new URL(String(back.headers.location), 'https://bank.example').origin).toBe('https://bank.example')
    },
  )

  it('goes on by a page of its own where the session cookie is strict', async () => {
    const strict = await startWorld({ guard: { returnVia: 'page' } })
    strict.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = strict.customer()
    await customer.get('/account').expect(302)
    const page = await customer.passAndReturn()
    expect([page.status, page.text.includes('content="0;url=/account"')]).toEqual([200, true])
  })
})

/** A request whose path no client library would leave as it is. */
async function rawGet(url: string, path: string): Promise<{ cookie: string | undefined }> {
  const { request } = await import('node:http')
  const { hostname, port, host } = new URL(url)
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers: { host, 'x-user': 'alice', accept: 'text/html' } }, (res) => {
      res.resume()
      resolve({ cookie: res.headers['set-cookie']?.[0]?.split(';')[0] })
    })
      .on('error', reject)
      .end()
  })
}

describe('back from a challenge that was not passed', () => {
  it('a user who quit may try again or go back', async () => {
    const customer = await challengedTransfer()
    const { text, status } = await customer.get(customer.callbackPath)
    expect(status).toBe(200)
    expect(text).toContain('Try again')
    expect(text).toContain('href="/"')
    expect(text).not.toContain('Alice')
  })

  it.each([
    ['the page that they came from', '/account', '/account'],
    ['it with its query, escaped', '/account?a=1&lt=2', '/account?a=1&amp;lt=2'],
    ['the start page, where they came from the guarded page itself', '/transfers', '/'],
    ['the start page, where they came from elsewhere', 'https://evil.example/account', '/'],
  ])('a user who quit may go back to %s', async (_what, referer, backTo) => {
    const customer = world.customer()
    await customer.post('/transfers', toAlice).set('referer', new URL(referer, world.url).href).expect(303)
    expect((await customer.get(customer.callbackPath)).text).toContain(`href="${backTo}"`)
  })

  it('the app may answer a user who quit itself', async () => {
    const seen: IncompleteChallenge[] = []
    const onIncomplete: AuthsignalOptions['onIncomplete'] = (_req, res, challenge) => {
      seen.push(challenge)
      res.end('left')
    }
    const own = await startWorld({ authsignal: { onIncomplete } })
    own.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = await challengedTransfer(own)
    expect((await customer.get(customer.callbackPath)).text).toBe('left')
    expect(seen).toMatchObject([
      { actionCode: 'transfer', idempotencyKey: customer.latest.idempotencyKey, backUrl: '/' },
    ])
  })

  it('a failed one is 403, with nothing resumed', async () => {
    const customer = await challengedTransfer()
    await world.emulator.challenges.fail(customer.latest.idempotencyKey)
    const { text } = await customer.get(customer.callbackPath).expect(403)
    expect(text).not.toContain('Alice')
    expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_CHALLENGE_FAILED', actionCode: 'transfer' }])
  })

  it.each(['ALLOW', 'REVIEW_SUCCEEDED', 'NEW_STATE', 'CHALLENGE_SUCCEEDED '])('the state %j is 403', async (state) => {
    const customer = await challengedTransfer()
    world.emulator.faults.next({ status: 200, body: JSON.stringify({ state }), match: 'getAction' })
    await customer.get(customer.callbackPath).expect(403)
  })

  it('is 503 while get-action can not be reached', async () => {
    const customer = await challengedTransfer()
    world.emulator.faults.next({ status: 500, match: 'getAction' }, 10)
    await customer.get(customer.callbackPath).expect(503)
  })
})

describe('a record that is not for this browser', () => {
  async function expectUnknown(response: Promise<{ status: number; text: string }>) {
    const before = world.emulator.requests.length
    const { status, text } = await response
    expect(status).toBe(400)
    expect(text).not.toContain('payee')
    expect(world.emulator.requests).toHaveLength(before)
    expect(world.errors.at(-1)).toMatchObject({ code: 'ERR_AUTHSIGNAL_CHALLENGE_UNKNOWN', expose: true })
  }

  it('is 400 where it is unknown', async () => {
    const customer = await challengedTransfer()
    await expectUnknown(customer.get('/authsignal/callback/0f8fad5b-d9cb-469f-a165-70867728950e?token=x'))
    await expectUnknown(customer.get('/authsignal/callback/'))
    await expectUnknown(customer.get('/authsignal/callback/..%2f..'))
  })

  it("is 400 where it is another browser's, or no browser's", async () => {
    const customer = await challengedTransfer()
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    const { callbackPath } = customer
    await expectUnknown(world.customer().get(callbackPath))
    const other = world.customer()
    world.emulator.rules.set('viewAccount', 'ALLOW')
    await other.get('/account').expect(200)
    await expectUnknown(other.get(callbackPath))
  })

  it('is 400 where another user is signed in now', async () => {
    const customer = await challengedTransfer()
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    customer.userId = 'mallory'
    await expectUnknown(customer.get(customer.callbackPath))
    customer.userId = 'alice'
    await customer.get(customer.callbackPath).expect(200)
  })

  it('is 400 after log-out forgot this browser', async () => {
    const own = await startWorld()
    own.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = own.customer()
    const first = await customer.post('/transfers', toAlice).expect(303)
    const copy = cookieOf(first)
    const { callbackPath } = customer
    await own.emulator.challenges.succeed(customer.latest.idempotencyKey)
    await customer.post('/logout', {}).expect(200)
    await customer.get(callbackPath).expect(400)
    await own.customer().get(callbackPath).set('cookie', copy).expect(400)
    await own.customer().post('/transfers', toAlice).set('cookie', copy).expect(303)
    expect(own.booked).toEqual([])
    await customer.post('/transfers', toAlice).expect(303)
  })
})

it('says that a spent challenge is done already, to this browser alone', async () => {
  const customer = await challengedTransfer()
  const { callbackPath } = customer
  await customer.sendAgain(await customer.passAndReturn()).expect(200)
  const { status, text } = await customer.get(callbackPath)
  expect([status, text.includes('Already done'), text.includes('<form')]).toEqual([200, true, false])
  await world.customer().get(callbackPath).expect(400)
  const other = world.customer()
  await other.get('/account').expect(302)
  await other.get(callbackPath).expect(400)
})

it('takes a mark of a spent challenge that it can not read for no leave to go on', async () => {
  const store = new MemoryStore()
  const own = await startWorld({ authsignal: { store } })
  own.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  const customer = await challengedTransfer(own)
  const { latest, callbackPath } = customer
  await own.emulator.challenges.succeed(latest.idempotencyKey)
  await addUnreadable(store, `spent:${latest.idempotencyKey}`)
  await customer.get(callbackPath).expect(400)
})

describe('of a client without cookies', () => {
  it('the browser where its user confirmed is told to go back there, before and after the client has gone on', async () => {
    const client = () =>
      world.customer().agent.post('/transfers').set({ 'x-user': 'alice', accept: 'application/json' })
    const { challengeKey } = (await client().send(toAlice).expect(401)).body as { challengeKey: string }
    const { callbackPath, latest } = world.customer()
    const browser = world.customer()
    await browser.get('/account').expect(302)
    const goBack = async (to: { get: typeof browser.get }) => {
      const { status, text } = await to.get(callbackPath)
      expect([status, text.includes('Go back to where you began')]).toEqual([200, true])
      expect(text).not.toMatch(/href|form|Alice/)
    }
    for (const to of [browser, world.customer()]) await goBack(to)
    await world.emulator.challenges.succeed(latest.idempotencyKey)
    for (const to of [browser, world.customer()]) await goBack(to)
    await client().set('authsignal-challenge', challengeKey).send(toAlice).expect(200)
    for (const to of [browser, world.customer()]) await goBack(to)
    expect(world.booked).toHaveLength(1)
  })

  it('no other browser is told of a challenge whose key was told to nobody: the app answered itself', async () => {
    const onChallenge: GuardOptions['onChallenge'] = (_req, res) => {
      res.statusCode = 401
      res.end()
    }
    const own = await startWorld({ guard: { onChallenge } })
    own.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    await own.customer().agent.post('/transfers').set('x-user', 'alice').send(toAlice).expect(401)
    await own.customer().get(own.customer().callbackPath).expect(400)
  })
})

describe('a guard that tells the user by an option of its own', () => {
  const guard: GuardOptions = { userId: ({ user }) => `mail:${(user as { id: string }).id}` }

  it('is not met by the callback’s user, which is another by name, and asks again at the resume', async () => {
    const own = await startWorld({ guard })
    own.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = await challengedTransfer(own)
    const page = await customer.passAndReturn()
    customer.userId = 'mallory'
    const shown = await customer.get(customer.callbackPath)
    expect([shown.status, shown.text.includes('payee')]).toEqual([400, false])
    await customer.sendAgain(page).expect(409)
    customer.userId = 'alice'
    await customer.sendAgain(page).expect(200)
    expect(own.booked).toHaveLength(1)
  })

  it('comes back also where nobody else could tell the user', async () => {
    const own = await startWorld({
      guard: { userId: ({ user }) => (user as { mail: string }).mail },
      routes: (app) =>
        app.use((req, _res, next) => {
          Object.assign(req, { user: { mail: 'alice@mail.example' } })
          next()
        }),
    })
    own.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = await challengedTransfer(own)
    await customer.sendAgain(await customer.passAndReturn()).expect(200)
  })

  it('is met by it where the callback has one too', async () => {
    const own = await startWorld({
      guard,
      routes: (app, { authsignal }) => app.use('/authsignal/callback', authsignal.callback({ userId: guard.userId })),
    })
    own.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const customer = await challengedTransfer(own)
    customer.userId = 'mallory'
    expect((await customer.passAndReturn()).status).toBe(400)
    customer.userId = 'alice'
    await customer.get(customer.callbackPath).expect(200)
  })
})

it('asks to send it again where the secret was changed', async () => {
  const store = new MemoryStore()
  const { apiUrl, apiSecretKey } = world.emulator
  const options = { store, apiUrl, apiSecretKey, baseUrl: 'http://bank.example' }
  const before = await startWorld({ authsignal: { ...options, secret: 'the old secret of ours, long enough' } })
  const customer = before.customer()
  const cookie = cookieOf(await customer.post('/transfers', toAlice).expect(303))
  const { callbackPath } = world.customer()
  await world.emulator.challenges.succeed(world.customer().latest.idempotencyKey)
  const after = await startWorld({ authsignal: { ...options, secret: 'the new secret of ours, long enough' } })
  const unreadable = await after.customer().get(callbackPath).set('cookie', cookie)
  expect([unreadable.status, unreadable.text.includes('send it again')]).toEqual([400, true])
  const rotated = await startWorld({
    authsignal: { ...options, secret: ['the new secret of ours, long enough', 'the old secret of ours, long enough'] },
  })
  const page = await rotated.customer().get(callbackPath).set('cookie', cookie).expect(200)
  expect(page.text).toContain('<form')
  await rotated.customer().post('/transfers', toAlice).set('cookie', cookie).expect(200)
})

it('goes on after the older of two secrets was taken away, for the first seals', async () => {
  const store = new MemoryStore()
  const { apiUrl, apiSecretKey } = world.emulator
  const options = { store, apiUrl, apiSecretKey, baseUrl: 'http://bank.example' }
  const [young, old] = ['the new secret of ours, long enough', 'the old secret of ours, long enough']
  const both = await startWorld({ authsignal: { ...options, secret: [young, old] } })
  const cookie = cookieOf(await both.customer().post('/transfers', toAlice).expect(303))
  const { callbackPath, latest } = world.customer()
  await world.emulator.challenges.succeed(latest.idempotencyKey)
  const rotated = await startWorld({ authsignal: { ...options, secret: young } })
  await rotated.customer().get(callbackPath).set('cookie', cookie).expect(200)
  await rotated.customer().post('/transfers', toAlice).set('cookie', cookie).expect(200)
})

describe('the callback', () => {
  it('takes GET and HEAD only, and HEAD changes nothing', async () => {
    const customer = await challengedTransfer()
    const { callbackPath } = customer
    await customer.post(callbackPath, toAlice).expect(405).expect('allow', 'GET, HEAD')
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    const requests = world.emulator.requests.length
    const head = await customer.agent.head(callbackPath).set('x-user', 'alice').expect(200)
    expect([head.get('set-cookie'), world.emulator.requests.length]).toEqual([undefined, requests])
  })

  it('answers with no-store and no-referrer', async () => {
    const customer = await challengedTransfer()
    const { headers } = await customer.get(`${customer.callbackPath}?token=secret`)
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
  })

  it('says so where it is mounted at another path', async () => {
    const astray = await startWorld({ routes: (app, { authsignal }) => app.use('/elsewhere', authsignal.callback()) })
    await astray.customer().get('/elsewhere/x').expect(500)
    expect(astray.errors).toMatchObject([
      { code: 'ERR_AUTHSIGNAL_MISCONFIGURED', message: expect.stringContaining('/authsignal/callback') as string },
    ])
  })

  it('knows no challenge by its path in other letters, which is no mistake of the app', async () => {
    const customer = await challengedTransfer()
    world.errors.length = 0
    await customer.get(customer.callbackPath.toUpperCase()).expect(400)
    expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_CHALLENGE_UNKNOWN' }])
  })

  it('comes back also where it is mounted before anybody is known', async () => {
    const customer = await challengedTransfer()
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    const page = await customer.agent.get(customer.callbackPath).expect(200)
    await customer.sendAgain(page).expect(200)
    expect(world.booked).toMatchObject([{ userId: 'alice', body: toAlice }])
  })

  it('never takes a token for proof', async () => {
    const customer = await challengedTransfer()
    const { body } = world.emulator.requests.at(-1) ?? {}
    expect(body).toBeDefined()
    await customer.get(`${customer.callbackPath}?token=eyJ.eyJ.x&state=CHALLENGE_SUCCEEDED`).expect((res) => {
      expect(res.text).toContain('Not confirmed yet')
    })
    await customer.post('/transfers', toAlice).expect(303)
    expect(world.booked).toEqual([])
  })
})
