import { Authsignal as SdkClient } from '@authsignal/node'
import { createAuthsignal, type AuthsignalError, type ManageOptions } from 'authsignal-express'
import { alteredAnswers } from './helpers/altered-answers'
import { cookieOf } from './helpers/customer'
import { startWorld, type World, type WorldOptions } from './helpers/world'

let world: World

async function startManaged(options?: ManageOptions, more: WorldOptions = {}): Promise<World> {
  return startWorld({
    ...more,
    routes: (app, { authsignal }) => app.use('/security', authsignal.manage(options)),
  })
}

beforeEach(async () => {
  world = await startManaged()
})

const noUrl = { match: 'getUser', body: '{"isEnrolled":false}' } as const

/** The page that the user is sent to, and the path that it leads back to. */
async function sentFrom(referer?: string, at: World = world) {
  const customer = at.customer()
  const sending = customer.get('/security')
  if (referer !== undefined) sending.set('referer', referer)
  const { headers } = await sending.expect(302)
  const asked = new URL(String(at.emulator.requests.at(-1)?.path), at.url)
  return { customer, headers, url: String(headers.location), back: String(asked.searchParams.get('redirectUrl')) }
}

function backPath(back: string): string {
  return new URL(back).pathname
}

describe('the way to the self-service page', () => {
  it('is a redirect, which nobody keeps and which leads back to the callback', async () => {
    const { url, back, headers } = await sentFrom()
    expect(url.startsWith(`${world.emulator.url}/settings?token=`)).toBe(true)
    expect(back).toMatch(new RegExp(`^${world.url}/authsignal/callback/[0-9a-f-]{36}$`))
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['set-cookie']?.[0]).toMatch(/^authsignal-visits=.*HttpOnly; SameSite=Lax$/)
    expect(world.emulator.actions).toEqual([])
  })

  it('tracks an action where get-user gives no url, with the signals of a guard', async () => {
    const notOurs = {
      redirectUrl: 'https://evil.example',
      redirectToSettings: false,
      idempotencyKey: 'a',
      userAgent: 'b',
    }
    const attributes = () => ({ email: 'a@b.c', ...notOurs })
    world = await startManaged({ actionCode: 'security' }, { authsignal: { attributes } })
    world.emulator.faults.next(noUrl)
    const { headers } = await world.customer().get('/security').set('user-agent', 'a browser').expect(302)
    expect(world.emulator.actions).toMatchObject([
      {
        userId: 'alice',
        actionCode: 'security',
        attributes: { redirectToSettings: true, email: 'a@b.c', userAgent: 'a browser', ipAddress: '127.0.0.1' },
      },
    ])
    const [action] = world.emulator.actions
    expect(action?.attributes.redirectUrl).toBe(`${world.url}/authsignal/callback/${String(action?.idempotencyKey)}`)
    expect(String(headers.location)).toContain('/challenge?token=')
  })

  it.each([
    ['CHALLENGE_REQUIRED', 302, undefined],
    ['BLOCK', 403, 'ERR_AUTHSIGNAL_BLOCKED'],
    ['REVIEW_REQUIRED', 403, 'ERR_AUTHSIGNAL_REVIEW_REQUIRED'],
    ['CHALLENGE_SUCCEEDED', 502, 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE'],
    ['SOMETHING_NEW', 502, 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE'],
  ])('follows what is decided on that action: %s is answered %i', async (outcome, status, code) => {
    world.emulator.rules.set('manageAuthenticators', outcome)
    world.emulator.faults.next(noUrl)
    await world.customer().get('/security').expect(status)
    expect(world.errors.map((error) => error.code)).toEqual(code === undefined ? [] : [code])
  })

  it.each(['null', '""'])('follows it too where get-user gives %s for a url', async (url) => {
    world.emulator.faults.next({ match: 'getUser', body: `{"isEnrolled":false,"url":${url}}` })
    await world.customer().get('/security').expect(302)
    expect(world.emulator.actions).toHaveLength(1)
  })

  it('is told a script as JSON, htmx by its header, and a frame by a page that leads out of it', async () => {
    const script = await world.customer().get('/security').set('sec-fetch-mode', 'cors').expect(200)
    expect(script.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' })
    expect((script.body as { url: string }).url).toContain('/settings?token=')
    const htmx = await world.customer().get('/security').set('hx-request', 'true').expect(200)
    expect(htmx.headers['hx-redirect']).toContain('/settings?token=')
    const frame = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }
    expect((await world.customer().get('/security').set(frame).expect(200)).text).toContain('target="_top"')
  })

  it.each([
    ['http://evil.example/settings', '"http://evil.example/settings"'],
    ['a script', '"javascript:alert(1)"'],
    ['a number', '7'],
  ])('is refused where it is neither https nor on loopback: %s', async (_name, url) => {
    world.emulator.faults.next({ match: 'getUser', body: `{"isEnrolled":false,"url":${url}}` })
    await world.customer().get('/security').expect(502)
    expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE' }])
    expect(world.emulator.actions).toEqual([])
  })

  it.each(['http://evil.example/settings', 'javascript:alert(1)', 7])(
    'is refused as well where track tells it: %p',
    async (url) => {
      const answers = [{ url: undefined }, { url }]
      const astray = await startWorld({
        authsignal: { axios: alteredAnswers(() => answers.shift() ?? {}) },
        routes: (app, { authsignal }) => app.get('/security', authsignal.manage()),
      })
      await astray.customer().get('/security').expect(502)
      expect(answers).toEqual([])
      expect(astray.errors[0]?.message).toContain('url')
    },
  )
})

describe('the way back', () => {
  it.each([
    ['the page that the user came from', '/account/settings?tab=2', '/account/settings?tab=2'],
    ['the start page, where that is the route itself', '/security', '/'],
    ['the start page, where there is none', undefined, '/'],
  ])('leads to %s', async (_name, from, to) => {
    const { customer, back } = await sentFrom(from && world.url + from)
    const answer = await customer.get(`${backPath(back)}?token=t`).expect(303)
    expect(answer.headers).toMatchObject({
      location: to,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
  })

  it.each(['https://evil.example/x', '//evil.example/x', `http://127.0.0.1:1/x`])(
    'never leads to another site, whatever page it began at: %s',
    async (page) => {
      const { customer, back } = await sentFrom(page)
      expect((await customer.get(backPath(back)).expect(303)).headers.location).toBe('/')
    },
  )

  it('leads to the path that the route was given', async () => {
    world = await startManaged({ returnTo: '/account?tab=security' })
    const { customer, back } = await sentFrom(`${world.url}/elsewhere`)
    expect((await customer.get(backPath(back))).headers.location).toBe('/account?tab=security')
  })

  it('keeps the prefix that a proxy takes off', async () => {
    const options = { authsignal: { baseUrl: 'https://bank.example/app' } }
    world = await startManaged({ returnTo: '/account' }, options)
    const { customer, back, headers } = await sentFrom()
    expect(back).toMatch(/^https:\/\/bank\.example\/app\/authsignal\/callback\//)
    // A browser would send it over https alone.
    const cookie = cookieOf({ headers })
    expect(cookie).toContain('__Host-authsignal-visits=')
    const answer = await customer.get(backPath(back).replace('/app', '')).set('cookie', cookie).expect(303)
    expect(answer.headers.location).toBe('/app/account')
  })

  it('goes by a page of the app, which sends SameSite=Strict cookies, where that is asked for', async () => {
    world = await startManaged({ returnVia: 'page', returnTo: '/account' })
    const { customer, back } = await sentFrom()
    expect((await customer.get(backPath(back)).expect(200)).text).toContain('content="0;url=/account"')
  })

  it('grants nothing', async () => {
    world.emulator.rules.set('viewAccount', 'CHALLENGE_REQUIRED')
    const { customer, back } = await sentFrom(`${world.url}/account`)
    await customer.get(backPath(back)).expect(303)
    await customer.get('/account').expect(302)
    expect(world.booked).toEqual([])
  })

  it('is open once, to the browser that began it', async () => {
    const { customer, back } = await sentFrom()
    await world.customer('mallory').get(backPath(back)).expect(400)
    await customer.get(backPath(back)).expect(303)
    await customer.get(backPath(back)).expect(400)
    expect(world.errors.map(({ code }) => code)).toEqual(Array(2).fill('ERR_AUTHSIGNAL_CHALLENGE_UNKNOWN'))
  })

  it('ends with the log-out: the next user is not led there', async () => {
    const { customer, back } = await sentFrom(`${world.url}/account`)
    await customer.post('/logout', {}).expect(200)
    await customer.get(backPath(back)).expect(400)
  })

  it('is kept for each of three tabs', async () => {
    const customer = world.customer()
    const backs: string[] = []
    for (const page of ['/one', '/two', '/three', '/four']) {
      await customer.get('/security').set('referer', world.url + page)
      const asked = new URL(String(world.emulator.requests.at(-1)?.path), world.url)
      backs.push(backPath(String(asked.searchParams.get('redirectUrl'))))
    }
    const answers = []
    for (const back of backs) answers.push((await customer.get(back)).headers.location)
    expect(answers).toEqual([undefined, '/two', '/three', '/four'])
  })

  it.each([
    ['a path', `/${'x'.repeat(1000)}`],
    ['one that the cookie holds encoded', `/?${'&'.repeat(400)}`],
  ])('forgets %s that is too long for a cookie', async (_name, path) => {
    const { customer, back } = await sentFrom(world.url + path)
    expect((await customer.get(backPath(back))).headers.location).toBe('/')
  })

  it('is kept by no larger a cookie than browsers take', async () => {
    const customer = world.customer()
    for (const tab of ['a', 'b', 'c', 'd']) {
      const page = `${world.url}/?${tab}${'&'.repeat(325)}`
      const { headers } = await customer.get('/security').set('referer', page).expect(302)
      expect(headers['set-cookie']?.[0]?.length).toBeLessThan(4096)
    }
  })

  it.each([
    ['another site', '//evil.example/x', 303],
    ['another site, by a backslash', '/\\evil.example', 303],
    ['nothing', 'nonsense', 400],
  ])('never leads by a cookie that another host of the site planted: %s', async (_name, path, status) => {
    const id = '00000000-0000-4000-8000-000000000000'
    const cookie = `authsignal-visits=${encodeURIComponent(`${id},redirect,${path}`)}`
    const { headers } = await world.customer().get(`/authsignal/callback/${id}`).set('cookie', cookie).expect(status)
    expect(headers.location).toBe(status === 303 ? '/' : undefined)
  })
})

describe('nothing is asked', () => {
  it('of a user who is not signed in: 401', async () => {
    await world.customer('').get('/security').expect(401)
    expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_UNAUTHENTICATED' }])
    expect(world.emulator.requests).toEqual([])
  })

  it('by HEAD, by other methods, or by a browser that loads ahead', async () => {
    const customer = world.customer()
    const head = await customer.agent.head('/security').set('x-user', 'alice').expect(200)
    const post = await customer.post('/security', { returnTo: '//evil.example' }).expect(405)
    const ahead = await customer.get('/security').set('sec-purpose', 'prefetch;prerender').expect(503)
    expect(post.headers.allow).toBe('GET, HEAD')
    for (const { headers } of [head, post, ahead]) {
      expect(headers['cache-control']).toBe('no-store')
      expect(headers['set-cookie']).toBeUndefined()
    }
    expect(world.emulator.requests).toEqual([])
  })
})

describe('what goes wrong', () => {
  it.each([
    ['an outage', { status: 500 }, 503, 'ERR_AUTHSIGNAL_UNAVAILABLE'],
    ['too many requests', { status: 429 }, 503, 'ERR_AUTHSIGNAL_UNAVAILABLE'],
    ['a lost connection', { drop: true }, 503, 'ERR_AUTHSIGNAL_UNAVAILABLE'],
    ['a wrong key', { status: 401 }, 500, 'ERR_AUTHSIGNAL_MISCONFIGURED'],
    ['no JSON', { body: '<html>' }, 502, 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE'],
  ] as const)('%s is answered as a guard answers it', async (_name, fault, status, code) => {
    world = await startManaged({}, { authsignal: { retries: 0, failure: 'open' } })
    world.emulator.faults.next({ ...fault, match: 'getUser' })
    await world.customer().get('/security').expect(status)
    expect(world.errors).toMatchObject([{ code }])
  })
})

describe('a client of the app', () => {
  const secret = 'a secret of thirty-two characters'

  it('that answers with no url is asked by track', async () => {
    const { apiUrl, apiSecretKey } = world.emulator
    const managed = await startManaged({}, { authsignal: { client: new SdkClient({ apiUrl, apiSecretKey }), secret } })
    const { headers } = await managed.customer().get('/security').expect(302)
    expect(String(headers.location)).toContain(world.emulator.url)
    expect(world.emulator.actions).toMatchObject([{ actionCode: 'manageAuthenticators' }])
  })

  it.each([
    ['nothing', async () => undefined, 502],
    ['an error that holds a secret', () => Promise.reject(new Error('the-secret')), 502],
    ['never', () => new Promise(() => undefined), 503],
  ])('that answers %s is refused', async (_name, getUser, status) => {
    const client = { track: jest.fn(), getAction: jest.fn(), getUser: getUser as never }
    const managed = await startManaged({}, { authsignal: { client, secret, timeout: 50 } })
    await managed.customer().get('/security').expect(status)
    expect(JSON.stringify([managed.errors, managed.errors[0]?.message])).not.toContain('the-secret')
  })

  it('that has no getUser is told at once', () => {
    const authsignal = createAuthsignal({ client: { track: jest.fn(), getAction: jest.fn() }, secret })
    expect(() => authsignal.manage()).toThrow('client has no method "getUser"')
  })
})

it.each([
  [{ returnTo: 'https://evil.example' }, 'returnTo must be a path'],
  [{ returnTo: '//evil.example' }, 'returnTo must be a path'],
  [{ returnTo: '/\\evil.example' }, 'returnTo must be a path'],
  [{ returnTo: 'account' }, 'returnTo must be a path'],
  [{ returnTo: 7 }, 'returnTo must be a path'],
  [{ returnVia: 'post' }, 'returnVia'],
  [{ userId: 'alice' }, 'userId is a string; give a function'],
  [{ actionCode: 'a b' }, '1 to 64 letters'],
  [{ maxAge: '5m' }, 'manage has no option "maxAge". It has: userId, returnVia, returnTo, actionCode.'],
])('an option that can not be right is told: %j', (options, words) => {
  const { manage } = createAuthsignal({ apiSecretKey: 'k' })
  let error: AuthsignalError | undefined
  try {
    manage(options as never)
  } catch (thrown) {
    error = thrown as AuthsignalError
  }
  expect(error).toMatchObject({ code: 'ERR_AUTHSIGNAL_MISCONFIGURED' })
  expect(error?.message).toContain(words)
})
