import type { Emulator } from 'authsignal-emulator'
import { AuthsignalClient } from 'authsignal-express'
import { createStepUpFetch, type Launch } from 'authsignal-express/browser'
import express from 'express'
import { createServer } from 'node:http'
import { listen } from '../helpers/listen'
import { startWorld, type World } from '../helpers/world'

/* Against a real app and the emulator; the user is played by `launch`. */

let world: World
let emulator: Emulator
let launched: string[]
/** What Node's fetch lacks: the cookies of a browser. */
let cookies: Map<string, string>

beforeAll(async () => {
  world = await startWorld({
    routes: (app, { authsignal, booked }) => {
      const book: express.RequestHandler = (req, res) => {
        booked.push({
          userId: 'alice',
          method: req.method,
          path: req.path,
          body: req.body as unknown,
          authsignal: req.authsignal,
        })
        res.json({ repeat: req.get('authsignal-repeat') ?? null, type: req.get('content-type') })
      }
      app.all('/forbidden', authsignal.guard('transfer', { challengeStatus: 403 }), book)
      app.all('/windowed', authsignal.guard('viewAccount', { maxAge: '5m' }), book)
      app.post('/raw', express.raw({ type: () => true }), authsignal.guard('transfer', { bind: () => 1 }), book)
      app.get('/enrolled', authsignal.guard('transfer', { whenUnenrolled: 'enroll' }), book)
    },
  })
  emulator = world.emulator
})
beforeEach(() => {
  emulator.reset()
  emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
  emulator.rules.set('viewAccount', 'CHALLENGE_REQUIRED')
  world.booked.length = 0
  launched = []
  cookies = new Map()
})

const confirm: Launch = async (url) => {
  launched.push(url)
  const [, payload = ''] = String(new URL(url).searchParams.get('token')).split('.')
  const { idempotencyKey } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { idempotencyKey: string }
  await emulator.challenges.succeed(idempotencyKey)
  return { token: 'a token' }
}

const close: Launch = async (url) => {
  launched.push(url)
  return { token: undefined }
}

const browserFetch: typeof fetch = async (input, init) => {
  const request = new Request(input, init)
  const headers = new Headers(request.headers)
  headers.set('x-user', 'alice')
  headers.set('sec-fetch-mode', 'cors')
  const page = typeof location === 'undefined' ? world.url : location.origin
  const toPage = new URL(request.url).origin === page
  const withCookies = request.credentials === 'include' || (request.credentials === 'same-origin' && toPage)
  if (withCookies) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '))
  const response = await fetch(request, { headers })
  if (!withCookies) return response
  for (const cookie of response.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
    cookies.set(name, value)
  }
  return response
}

function stepUpFetch(launch: Launch = confirm, fetch = browserFetch) {
  return createStepUpFetch({ launch, fetch, origins: [world.url] })
}

/** The browser's cookie comes with its first guarded answer. */
async function firstVisit() {
  emulator.rules.set('viewAccount', 'ALLOW')
  await browserFetch(`${world.url}/account`)
  emulator.rules.set('viewAccount', 'CHALLENGE_REQUIRED')
  emulator.reset()
  emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
  emulator.rules.set('viewAccount', 'CHALLENGE_REQUIRED')
  world.booked.length = 0
}

const post = (body: BodyInit): RequestInit => ({ method: 'POST', body })
const form = (amount: string) => new URLSearchParams({ payee: 'Bob', amount })

it('opens the challenge as a pop-up, and repeats the very request with the challenge it was', async () => {
  const launch = jest.fn(confirm)
  const response = await stepUpFetch(launch)(`${world.url}/transfers?fast=1`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'x-mine': 'kept' },
    body: JSON.stringify({ amount: 10 }),
  })
  expect([response.status, response.stepUp]).toEqual([200, undefined])
  expect(world.booked).toMatchObject([{ method: 'PUT', path: '/transfers?fast=1', body: { amount: 10 } }])
  expect(launch.mock.calls).toEqual([[expect.stringContaining(emulator.url), { mode: 'popup' }]])
  expect(emulator.actions).toMatchObject([{ state: 'CHALLENGE_SUCCEEDED' }])
})

it('leaves every other answer alone', async () => {
  emulator.rules.set('transfer', 'ALLOW')
  expect((await stepUpFetch()(`${world.url}/transfers`, post(form('1')))).status).toBe(200)
  emulator.rules.set('transfer', 'BLOCK')
  expect((await stepUpFetch()(`${world.url}/transfers`, post(form('1')))).status).toBe(403)
  expect(launched).toEqual([])
})

it('meets a challenge that is answered with 403', async () => {
  expect((await stepUpFetch()(`${world.url}/forbidden`)).status).toBe(200)
})

describe('bodies', () => {
  const bodies: [string, () => BodyInit, unknown][] = [
    ['text', () => 'hello', 'hello'],
    ['a form', () => form('1'), { payee: 'Bob', amount: '1' }],
    ['a Blob', () => new Blob(['blob']), 'blob'],
    ['bytes', () => new TextEncoder().encode('bytes'), 'bytes'],
    ['a buffer', () => new TextEncoder().encode('buffer').buffer, 'buffer'],
  ]
  const sentBodies = () => world.booked.map(({ body }) => (Buffer.isBuffer(body) ? body.toString() : body))

  it.each(bodies)('%s is sent again', async (_, body, expected) => {
    await stepUpFetch()(`${world.url}/raw`, post(body()))
    expect(sentBodies()).toEqual([expected])
  })

  it('a FormData is sent again with its files', async () => {
    const body = new FormData()
    body.set('field', 'value')
    body.set('file', new File(['content'], 'name.txt'))
    await stepUpFetch()(`${world.url}/raw`, post(body))
    expect(sentBodies()).toEqual([expect.stringMatching(/name="field"\s+value[^]+filename="name.txt"[^]+content/)])
  })

  it('a Request is sent again, and was not used up', async () => {
    const request = new Request(`${world.url}/transfers`, post(form('7')))
    expect(
      (await stepUpFetch()(request, { headers: { 'content-type': 'application/x-www-form-urlencoded' } })).ok,
    ).toBe(true)
    expect(world.booked).toMatchObject([{ method: 'POST', body: { amount: '7' } }])
    expect(await request.text()).toBe('payee=Bob&amount=7')
  })

  it('a Request keeps its settings, and takes those of init', async () => {
    const sent: Request[] = []
    const fetch: typeof globalThis.fetch = (input, init) => {
      sent.push(new Request(input, init))
      return browserFetch(input, init)
    }
    const settings = { referrerPolicy: 'no-referrer', credentials: 'include', cache: 'no-cache' } as const
    const request = new Request(`${world.url}/transfers`, { ...settings, headers: { 'x-mine': 'of the request' } })
    await stepUpFetch(confirm, fetch)(request)
    await stepUpFetch(confirm, fetch)(request, { headers: { 'x-mine': 'of init' }, method: 'DELETE' })
    const [, first, , second] = sent
    expect(first).toMatchObject({ ...settings, method: 'GET' })
    expect(second).toMatchObject({ credentials: 'include', cache: 'no-cache', method: 'DELETE' })
    expect([first, second].map((repeat) => repeat?.headers.get('x-mine'))).toEqual(['of the request', 'of init'])
    expect([first, second].every((repeat) => repeat?.headers.has('authsignal-repeat'))).toBe(true)
  })

  it('what is changed while the user is asked is not sent', async () => {
    const body = form('10')
    const headers = new Headers({ 'content-type': 'application/x-www-form-urlencoded' })
    await stepUpFetch((url, options) => {
      body.set('amount', '10000')
      headers.set('content-type', 'text/plain')
      return confirm(url, options)
    })(`${world.url}/transfers`, { method: 'POST', body, headers })
    expect(world.booked).toMatchObject([{ body: { amount: '10' } }])
  })

  it('a stream is refused before anything is sent', async () => {
    const fetch = jest.fn(browserFetch)
    const init = { ...post(new Blob(['stream']).stream()), duplex: 'half' }
    await expect(stepUpFetch(confirm, fetch)(`${world.url}/raw`, init)).rejects.toThrow(TypeError)
    const used = new Request(`${world.url}/raw`, post('used'))
    await used.text()
    await expect(stepUpFetch(confirm, fetch)(used)).rejects.toThrow('was read already')
    expect(fetch).not.toHaveBeenCalled()
  })
})

it('a form’s fields are bound as they are, and its FormData not without bind', async () => {
  const fields = new FormData()
  fields.set('payee', 'Bob')
  fields.set('amount', '7')
  const body = new URLSearchParams(fields as unknown as Record<string, string>)
  expect((await stepUpFetch()(`${world.url}/transfers`, post(body))).status).toBe(200)
  expect(world.booked).toMatchObject([{ body: { payee: 'Bob', amount: '7' } }])
  expect((await stepUpFetch()(`${world.url}/transfers`, post(fields))).status).toBe(500)
})

describe('on a page', () => {
  const other = 'http://page.example'
  const openPage = (origin: string) => Object.assign(globalThis, { location: new URL(origin) })
  afterEach(() => Reflect.deleteProperty(globalThis, 'location'))

  const sent = jest.fn(browserFetch)
  beforeEach(() => sent.mockClear())
  const transfer = (init?: RequestInit) => stepUpFetch(confirm, sent)(`${world.url}/transfers`, init)
  const request = (init?: RequestInit) => new Request(`${world.url}/transfers`, init)

  const withoutCookies: [string, () => string, () => Promise<Response>][] = [
    ['to another origin, by default', () => other, () => transfer()],
    ["to another origin, 'same-origin'", () => other, () => transfer({ credentials: 'same-origin' })],
    ["to another origin, 'omit'", () => other, () => transfer({ credentials: 'omit' })],
    ['to another origin, a Request', () => other, () => stepUpFetch(confirm, sent)(request())],
    ["to the page's own, 'omit'", () => world.url, () => transfer({ credentials: 'omit' })],
    [
      "to the page's own, a Request with 'omit'",
      () => world.url,
      () => stepUpFetch(confirm, sent)(request({ credentials: 'omit' })),
    ],
    [
      "to the page's own, where init takes back what the Request says",
      () => world.url,
      () => stepUpFetch(confirm, sent)(request({ credentials: 'include' }), { credentials: 'omit' }),
    ],
  ]

  it.each(withoutCookies)('a call without cookies that is challenged opens no pop-up: %s', async (_, page, call) => {
    openPage(page())
    const error = await call().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TypeError)
    expect(String(error)).toContain("send it with credentials: 'include'")
    expect([launched, world.booked, sent.mock.calls.length]).toEqual([[], [], 1])
  })

  it.each(withoutCookies)(
    'a call without cookies that is not challenged is a plain fetch: %s',
    async (_, page, call) => {
      openPage(page())
      emulator.rules.set('transfer', 'ALLOW')
      expect((await call()).status).toBe(200)
      emulator.rules.set('transfer', 'BLOCK')
      expect((await call()).status).toBe(403)
    },
  )

  it.each([
    ['to another origin', () => other, () => transfer({ credentials: 'include' })],
    [
      'to another origin, a Request',
      () => other,
      () => stepUpFetch(confirm, sent)(request({ credentials: 'include' })),
    ],
    [
      'to another origin, where init adds to the Request',
      () => other,
      () => stepUpFetch(confirm, sent)(request({ credentials: 'omit' }), { credentials: 'include' }),
    ],
    ["to the page's own, by default", () => world.url, () => transfer()],
    [
      "to the page's own, which needs no name",
      () => world.url,
      () => createStepUpFetch({ launch: confirm, fetch: sent })(request()),
    ],
  ])('a call with cookies is confirmed: %s', async (_, page, call) => {
    openPage(page())
    expect((await call()).status).toBe(200)
    expect([launched.length, world.booked.length]).toEqual([1, 1])
  })

  it('a call that is redirected to another origin leaves its cookies behind', async () => {
    const redirects = express().use((_req, res) => {
      res.redirect(307, `${world.url}/transfers`)
    })
    const own = await listen(createServer(redirects))
    openPage(own.url)
    const thrown = await stepUpFetch()(own.url).catch(String)
    await own.close()
    expect([thrown, launched]).toEqual([expect.stringContaining("credentials: 'include'"), []])
  })

  it('one that is refused stands in nobody’s way', async () => {
    openPage(other)
    const fetch = stepUpFetch()
    await expect(fetch(`${world.url}/transfers`)).rejects.toThrow(TypeError)
    expect((await fetch(`${world.url}/transfers`, { credentials: 'include' })).status).toBe(200)
  })
})

it('outside of a page the fetch that is given keeps cookies as it will, unless it is told not to', async () => {
  expect((await stepUpFetch()(`${world.url}/transfers`)).status).toBe(200)
  await expect(stepUpFetch()(`${world.url}/transfers`, { credentials: 'omit' })).rejects.toThrow(
    "credentials: 'include'",
  )
  expect(launched).toHaveLength(1)
})

describe('a user who does not confirm', () => {
  it('is told by the response, whose body can still be read', async () => {
    const response = await stepUpFetch(close)(`${world.url}/transfers`, post(form('1')))
    expect([response.status, response.stepUp]).toEqual([401, 'cancelled'])
    expect(await response.json()).toMatchObject({ code: 'CHALLENGE_REQUIRED', challengeUrl: launched[0] })
    expect(emulator.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
    expect(world.booked).toEqual([])
  })

  it('may also quit by the page in the pop-up', async () => {
    const quit: Launch = async () => ({ token: 'of a challenge that still waits' })
    const response = await stepUpFetch(quit)(`${world.url}/transfers`, post(form('1')))
    expect(response.stepUp).toBe('cancelled')
    expect(await response.json()).toMatchObject({ code: 'CHALLENGE_REQUIRED' })
    expect(emulator.actions).toHaveLength(1)
  })

  it('fails the challenge: nothing is done, and nothing is asked anew', async () => {
    const fail: Launch = async () => {
      await emulator.challenges.fail(String(emulator.actions.at(-1)?.idempotencyKey))
      return { token: 'a token' }
    }
    const response = await stepUpFetch(fail)(`${world.url}/transfers`, post(form('1')))
    expect([response.status, response.stepUp]).toEqual([403, undefined])
    expect(world.errors.at(-1)?.code).toBe('ERR_AUTHSIGNAL_CHALLENGE_FAILED')
    expect(emulator.actions).toHaveLength(1)
  })
})

describe('parallel calls', () => {
  /** A pop-up that the test ends. */
  function popups() {
    const waiting: { url: string; end: (token: string | undefined) => void }[] = []
    const opened: (() => void)[] = []
    const launch: Launch = (url) =>
      new Promise((resolve) => {
        waiting.push({
          url,
          end: (token) => {
            resolve({ token })
          },
        })
        opened.splice(0).forEach((tell) => {
          tell()
        })
      })
    const next = async () => {
      if (waiting.length === 0) await new Promise<void>((tell) => opened.push(tell))
      const popup = waiting.shift()
      if (!popup) throw new Error('no pop-up')
      expect(waiting).toEqual([])
      return popup
    }
    return { launch, next }
  }

  /** The first two calls are answered at the same time, and their bodies are there. */
  function inPairs(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
    const first: Promise<void>[] = []
    const arrived: (() => void)[] = [1, 2].map(() => {
      let tell = () => {}
      first.push(new Promise((resolve) => (tell = resolve)))
      return tell
    })
    return async (input, init) => {
      const response = await fetch(input, init)
      const buffered = new Response(await response.arrayBuffer(), response)
      arrived.shift()?.()
      await Promise.all(first)
      return buffered
    }
  }

  it('one pop-up serves all whom it covers', async () => {
    await firstVisit()
    const fetch = stepUpFetch()
    const pages = await Promise.all(['a', 'b', 'c'].map((page) => fetch(`${world.url}/windowed?${page}`)))
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(launched).toHaveLength(1)
  })

  it('those who need their own get it, one after another', async () => {
    await firstVisit()
    const fetch = stepUpFetch()
    const answers = await Promise.all(
      ['1', '2', '3'].map((amount) => fetch(`${world.url}/transfers`, post(form(amount)))),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(new Set(launched).size).toBe(3)
    expect(world.booked.map(({ body }) => (body as { amount: string }).amount).sort()).toEqual(['1', '2', '3'])
  })

  it('a pop-up that was closed closes nobody else’s', async () => {
    await firstVisit()
    const { launch, next } = popups()
    let send = browserFetch
    const fetch = stepUpFetch(launch, (input, init) => send(input, init))
    // The first call is sent alone.
    await fetch(`${world.url}/`)
    send = inPairs(browserFetch)
    const both = ['1', '2'].map((amount) => fetch(`${world.url}/transfers`, post(form(amount))))
    const first = await next()
    // The other one has its answer too, and waits for the pop-up.
    await new Promise(setImmediate)
    first.end(undefined)
    const second = await next()
    expect(second.url).not.toBe(first.url)
    await confirm(second.url, { mode: 'popup' })
    second.end('a token')
    expect((await Promise.all(both)).map(({ stepUp }) => stepUp).sort()).toEqual(['cancelled', undefined])
    expect(world.booked).toHaveLength(1)
  })

  it('equal requests share their challenge: it is carried out once, and cancelled for both', async () => {
    await firstVisit()
    const twice = async (launch: Launch) => {
      let send = browserFetch
      const fetch = createStepUpFetch({ launch, fetch: (input, init) => send(input, init) })
      // The first call is sent alone.
      await fetch(`${world.url}/`)
      send = inPairs(browserFetch)
      return Promise.all([1, 2].map(() => fetch(`${world.url}/transfers`, post(form('5')))))
    }
    const closeLater: Launch = async (url, options) => {
      await new Promise(setImmediate)
      return close(url, options)
    }
    expect((await twice(closeLater)).map(({ stepUp }) => stepUp)).toEqual(['cancelled', 'cancelled'])
    expect(launched).toHaveLength(1)
    expect((await twice(confirm)).map(({ status }) => status).sort()).toEqual([200, 409])
    expect(world.booked).toHaveLength(1)
  })

  it('the first one is sent alone, since the cookie comes with its answer', async () => {
    const fetch = stepUpFetch()
    const answers = await Promise.all(
      ['1', '2', '3'].map((amount) => fetch(`${world.url}/transfers`, post(form(amount)))),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(emulator.actions).toHaveLength(3)
  })

  it('a first one that fails lets the next be the first', async () => {
    let sent = 0
    const sentAtAnswer: number[] = []
    const lost = new TypeError('the connection was lost')
    const fetch = stepUpFetch(confirm, async (input, init) => {
      sent += 1
      if (sent <= 2) throw lost
      const response = await browserFetch(input, init)
      sentAtAnswer.push(sent)
      return response
    })
    const calls = ['1', '2', '3', '4'].map((amount) => fetch(`${world.url}/transfers?${amount}`, post(form(amount))))
    expect(sent).toBe(1)
    const [a, b, c, d] = await Promise.allSettled(calls)
    expect([a, b]).toMatchObject([{ reason: lost }, { reason: lost }])
    expect([c, d]).toMatchObject([{ value: { status: 200 } }, { value: { status: 200 } }])
    expect(sentAtAnswer[0]).toBe(3)
    expect(emulator.actions).toHaveLength(2)
  })

  it('one that is aborted while it waits for the first is never sent', async () => {
    const sent = jest.fn(browserFetch)
    const fetch = stepUpFetch(confirm, sent)
    const leaving = new AbortController()
    const first = fetch(`${world.url}/`)
    const second = fetch(`${world.url}/transfers`, { ...post(form('2')), signal: leaving.signal })
    leaving.abort(new Error('left'))
    await expect(second).rejects.toThrow('left')
    expect((await first).status).toBe(200)
    expect(sent).toHaveBeenCalledTimes(1)
  })

  it('one that was aborted before waits for nobody', async () => {
    const fetch = stepUpFetch(confirm, () => new Promise(() => undefined))
    void fetch(`${world.url}/`)
    await expect(fetch(`${world.url}/`, { signal: AbortSignal.abort(new Error('left')) })).rejects.toThrow('left')
  })

  it('a first one that hangs holds up the others for a while alone', async () => {
    jest.useFakeTimers()
    const sent = jest.fn(async (input: unknown) =>
      String(input).endsWith('hangs') ? new Promise<never>(() => undefined) : new Response('here'),
    )
    const fetch = stepUpFetch(confirm, sent)
    void fetch(`${world.url}/hangs`)
    const others = [fetch(`${world.url}/2`), fetch(`${world.url}/3`)]
    await jest.advanceTimersByTimeAsync(4_999)
    expect(sent).toHaveBeenCalledTimes(1)
    await jest.advanceTimersByTimeAsync(1)
    jest.useRealTimers()
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual([200, 200])
  })

  it('one that is aborted rejects at once, is not repeated, and leaves the pop-up to end', async () => {
    await firstVisit()
    const { launch, next } = popups()
    const fetch = stepUpFetch(launch)
    const [first, second] = [new AbortController(), new AbortController()]
    const a = fetch(`${world.url}/transfers`, { ...post(form('1')), signal: first.signal })
    const popup = await next()
    const b = fetch(`${world.url}/transfers`, { ...post(form('2')), signal: second.signal })
    first.abort(new Error('changed my mind'))
    await expect(a).rejects.toThrow('changed my mind')
    second.abort()
    await expect(b).rejects.toMatchObject({ name: 'AbortError' })
    const c = fetch(`${world.url}/transfers`, post(form('3')))
    await confirm(popup.url, { mode: 'popup' })
    popup.end('a token')
    const third = await next()
    await confirm(third.url, { mode: 'popup' })
    third.end('a token')
    expect((await c).status).toBe(200)
    expect(world.booked).toMatchObject([{ body: { amount: '3' } }])
  })
})

it('a pop-up that can’t be opened rejects the call, and the next one opens its own', async () => {
  const launch = jest.fn(confirm).mockImplementationOnce(() => {
    throw new Error('blocked')
  })
  const fetch = stepUpFetch(launch)
  await expect(fetch(`${world.url}/transfers`, post(form('1')))).rejects.toThrow('blocked')
  expect((await fetch(`${world.url}/transfers`, post(form('2')))).status).toBe(200)
})

describe('whose answers may open a page', () => {
  const problem = (challengeUrl: unknown) =>
    Response.json(
      { code: 'CHALLENGE_REQUIRED', challengeId: 'id', challengeUrl },
      { status: 401, headers: { 'content-type': 'application/problem+json; charset=utf-8' } },
    )
  const opens = async (answer: Response) => {
    const launch = jest.fn(close)
    const response = await createStepUpFetch({ launch, fetch: async () => answer })('/path')
    expect([response, response.bodyUsed]).toEqual([answer, false])
    return launch.mock.calls.length === 1
  }

  it.each(['https://mfa.example/c?t=1', 'http://127.0.0.1:4300/c?t', 'http://[::1]:1/?t', 'http://localhost/?t'])(
    '%s is opened',
    async (url) => {
      expect(await opens(problem(url))).toBe(true)
    },
  )

  it.each(['http://mfa.example/?t', 'javascript:alert(1)', '/here', 'http://127.0.0.1.evil.example/?t', 7, undefined])(
    '%s is not',
    async (url) => {
      expect(await opens(problem(url))).toBe(false)
    },
  )

  it('a body that is no JSON, or of another type, is no challenge', async () => {
    const headers = { 'content-type': 'application/problem+json' }
    for (const body of ['', 'null', '[]', '"text"', '{'])
      expect(await opens(new Response(body, { status: 401, headers }))).toBe(false)
    expect(await opens(Response.json({ ...(await problem('https://a.example/?t').json()) }, { status: 401 }))).toBe(
      false,
    )
  })

  it('an answer of another status is none', async () => {
    for (const status of [200, 400, 409, 503]) {
      const { headers } = problem('https://a.example/?t')
      expect(await opens(new Response(await problem('https://a.example/?t').text(), { status, headers }))).toBe(false)
    }
  })

  it('an answer that is none is handed back, whatever its url', async () => {
    const answer = Object.defineProperty(new Response('done'), 'url', { value: '/relative' })
    expect(await opens(answer)).toBe(false)
  })

  it('another origin’s only where it is named', async () => {
    const app = express()
    app.use((_req, res) => {
      res.status(401).type('application/problem+json')
      res.send({ code: 'CHALLENGE_REQUIRED', challengeId: 'id', challengeUrl: 'https://phishing.example/?t' })
    })
    const other = await listen(createServer(app))
    expect((await stepUpFetch()(other.url)).status).toBe(401)
    expect(launched).toEqual([])
    // As somebody may write an origin.
    const named = createStepUpFetch({ launch: close, origins: [`${other.url}/`] })
    expect((await named(other.url)).stepUp).toBe('cancelled')
    await other.close()
  })
})

it('one who must enrol first confirms after that', async () => {
  const launch: Launch = async (url, options) => {
    if (launched.length > 0) return confirm(url, options)
    launched.push(url)
    const attributes = { verificationMethod: 'EMAIL_OTP', email: 'alice@example.com' } as const
    await new AuthsignalClient({
      apiUrl: emulator.apiUrl,
      apiSecretKey: emulator.apiSecretKey,
    }).enrollVerifiedAuthenticator({ userId: 'alice', attributes })
    return { token: 'enrolled' }
  }
  const response = await stepUpFetch(launch)(`${world.url}/enrolled`)
  expect([response.status, launched.length]).toEqual([200, 2])
})

it('asks no further where each answer is another challenge', async () => {
  let id = 0
  const challenges = async () =>
    Response.json(
      { code: 'CHALLENGE_REQUIRED', challengeId: String(id++), challengeUrl: 'https://mfa.example/?t' },
      { status: 401, headers: { 'content-type': 'application/problem+json' } },
    )
  const launch = jest.fn(async () => ({ token: 'a token' }))
  const response = await createStepUpFetch({ launch, fetch: challenges })('/path')
  expect([response.status, launch.mock.calls.length]).toEqual([401, 2])
})

const launch = '(url, options) => authsignal.launch(url, options)'
const origins = 'give origins such as https://api.example'
test.each<[unknown, string]>([
  [undefined, `createStepUpFetch's options are undefined; give an object such as { launch }.`],
  [null, `createStepUpFetch's options are null; give an object such as { launch }.`],
  [close, `createStepUpFetch's options are a function; give an object such as { launch }.`],
  [{}, `launch is undefined; give a function such as ${launch}.`],
  [{ launch: {} }, `launch is an object; give a function such as ${launch}.`],
  [{ launch: close, fetch: 5 }, 'fetch is a number; give a function such as fetch.'],
  [{ launch: close, origins: 'https://api.bank.example' }, `origins is a string; ${origins}, in an array.`],
  [{ launch: close, origins: ['api.bank.example'] }, `origins[0] is not an origin but a string; ${origins}.`],
  [
    { launch: close, origins: ['http://a.example', '127.0.0.1:8092'] },
    `origins[1] is not an origin but a string; ${origins}.`,
  ],
  [{ launch: close, origins: ['localhost:8092'] }, `origins[0] is not an origin but a string; ${origins}.`],
  [{ launch: close, origins: ['not a url'] }, `origins[0] is not an origin but a string; ${origins}.`],
  [{ launch: close, origins: ['capacitor://localhost'] }, `origins[0] is not an origin but a string; ${origins}.`],
  [{ launch: close, origins: [['a']] }, `origins[0] is not an origin but an array; ${origins}.`],
  [
    { launch: close, origin: 'https://api.bank.example' },
    'createStepUpFetch has no option "origin". It has: launch, fetch, origins.',
  ],
])('options that are wrong are refused: %j', (options, message) => {
  expect(() => createStepUpFetch(options as never)).toThrow(new TypeError(message))
  expect(() => createStepUpFetch(options as never)).toThrow(TypeError)
})

it('an option that is undefined is as none', () => {
  const options = { launch: close, fetch: undefined, origins: undefined, origin: undefined }
  expect(createStepUpFetch(options)).toBeInstanceOf(Function)
})
