import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import axios, { type AxiosInstance } from 'axios'
import { AuthsignalClient, AuthsignalError, type AuthsignalErrorCode } from 'authsignal-express'
import { keepProcessBusy } from '../helpers/busy'
import { stopTheClock } from '../helpers/clock'
import { sendJson, startFaultyServer, type FaultyServer } from '../helpers/faulty-server'

const apiSecretKey = 'the-very-secret-key'
let server: FaultyServer

afterEach(() => server.close())

async function track(timeout: number, own?: AxiosInstance) {
  const client = new AuthsignalClient({ apiUrl: server.apiUrl, apiSecretKey, timeout, axios: own })
  const error = await client
    .track({ userId: 'alice', action: 'transfer', attributes: { email: 'a@example.com' } })
    .then(
      (answer) => {
        throw new Error(`it answered ${JSON.stringify(answer)}`)
      },
      (caught: unknown) => caught as AuthsignalError,
    )
  return error
}

const allow = { state: 'ALLOW', idempotencyKey: 'k' }
const half = `{"state":"ALLOW","idempotencyKey":"${'k'.repeat(500)}"`

type Fault = [
  name: string,
  answer: Parameters<typeof startFaultyServer>[0],
  code: AuthsignalErrorCode,
  attempts: number,
]

const faults: Fault[] = [
  ['a reset connection', (res) => res.destroy(), 'ERR_AUTHSIGNAL_UNAVAILABLE', 3],
  ['a hang', () => undefined, 'ERR_AUTHSIGNAL_UNAVAILABLE', 1],
  [
    'headers and a byte, then silence',
    (res) => res.writeHead(200).write(half.slice(0, 1)),
    'ERR_AUTHSIGNAL_UNAVAILABLE',
    1,
  ],
  ['a body that trickles', trickle, 'ERR_AUTHSIGNAL_UNAVAILABLE', 1],
  ['a connection lost in the body', cutOff, 'ERR_AUTHSIGNAL_UNAVAILABLE', 3],
  ['truncated JSON', (res) => res.end(half), 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE', 1],
  ['malformed JSON', (res) => res.end('{state:ALLOW}'), 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE', 1],
  ['JSON null', (res) => res.end('null'), 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE', 1],
  ['an empty body', (res) => res.end(), 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE', 1],
  ['HTML with 200', (res) => res.end('<html>OK</html>'), 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE', 1],
  ['HTML with 502', (res) => res.writeHead(502).end('<html>Bad gateway'), 'ERR_AUTHSIGNAL_UNAVAILABLE', 3],
  [
    'a state that is no string',
    (res) => {
      sendJson(res, 200, { state: true })
    },
    'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE',
    1,
  ],
  ["a gateway's 408", (res) => res.writeHead(408).end('<html>'), 'ERR_AUTHSIGNAL_UNAVAILABLE', 3],
  [
    '400',
    (res) => {
      sendJson(res, 400, { errorCode: 'invalid_request' })
    },
    'ERR_AUTHSIGNAL_MISCONFIGURED',
    1,
  ],
  [
    '401',
    (res) => {
      sendJson(res, 401, { error: 'unauthorized' })
    },
    'ERR_AUTHSIGNAL_MISCONFIGURED',
    1,
  ],
  [
    '403',
    (res) => {
      sendJson(res, 403, {})
    },
    'ERR_AUTHSIGNAL_MISCONFIGURED',
    1,
  ],
  [
    '404',
    (res) => {
      sendJson(res, 404, {})
    },
    'ERR_AUTHSIGNAL_MISCONFIGURED',
    1,
  ],
  [
    '409',
    (res) => {
      sendJson(res, 409, {})
    },
    'ERR_AUTHSIGNAL_MISCONFIGURED',
    1,
  ],
  [
    '429',
    (res) => {
      sendJson(res, 429, {})
    },
    'ERR_AUTHSIGNAL_UNAVAILABLE',
    3,
  ],
  ['429 with a Retry-After that does not fit', retryAfter('3600'), 'ERR_AUTHSIGNAL_UNAVAILABLE', 1],
  [
    '429 with a Retry-After that does not fit, as a date',
    retryAfter('Fri, 31 Dec 9999 23:59:59 GMT'),
    'ERR_AUTHSIGNAL_UNAVAILABLE',
    1,
  ],
  ['429 with a Retry-After in the past', retryAfter('Wed, 21 Oct 2015 07:28:00 GMT'), 'ERR_AUTHSIGNAL_UNAVAILABLE', 3],
  [
    '500',
    (res) => {
      sendJson(res, 500, {})
    },
    'ERR_AUTHSIGNAL_UNAVAILABLE',
    3,
  ],
  ['an empty 503', (res) => res.writeHead(503).end(), 'ERR_AUTHSIGNAL_UNAVAILABLE', 3],
  ['302', redirect(302), 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE', 1],
  ['307', redirect(307), 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE', 1],
  ['an answer of 50 MB', flood, 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE', 1],
]

function retryAfter(value: string): Fault[1] {
  return (res) => {
    sendJson(res, 429, {}, { 'retry-after': value })
  }
}

/** What it leads to would allow as well, as does the answer itself. */
function redirect(status: number): Fault[1] {
  return (res, attempt) => {
    sendJson(res, attempt === 1 ? status : 200, allow, { location: '/v1/users/alice/actions/transfer' })
  }
}

/** A byte at a time, as long as anybody listens. */
function trickle(res: Parameters<Fault[1]>[0]): void {
  res.writeHead(200)
  let sent = 0
  const timer = setInterval(() => res.write(half[sent++ % half.length] ?? ' '), 10)
  res.on('close', () => {
    clearInterval(timer)
  })
}

function cutOff(res: Parameters<Fault[1]>[0]): void {
  res.writeHead(200, { 'content-length': '1000' })
  res.write(half, () => res.destroy())
}

/** It would allow, for whoever reads it to its end. */
function flood(res: Parameters<Fault[1]>[0]): void {
  res.writeHead(200)
  res.write('{"state":"ALLOW","padding":"')
  const chunk = Buffer.alloc(1024 * 1024, 'x')
  let left = 50
  const more = () => {
    while (left > 0 && !res.destroyed) {
      left -= 1
      if (!res.write(chunk)) return void res.once('drain', more)
    }
    res.end('"}')
  }
  more()
}

describe.each([
  ['track', undefined],
  ["track by an axios instance of the app's own", axios.create()],
])('%s at', (_client, own) => {
  it.each(faults)(
    '%s ends within the deadline, with the right error and attempts',
    async (_name, answer, code, attempts) => {
      server = await startFaultyServer(answer)
      // Where the server never ends, its first attempt takes the whole deadline; elsewhere that must not run out.
      const error = await track(code === 'ERR_AUTHSIGNAL_UNAVAILABLE' && attempts === 1 ? 300 : 10_000, own)
      expect(error).toBeInstanceOf(AuthsignalError)
      expect([error.code, server.attempts.length]).toEqual([code, attempts])
      expect(new Set(server.attempts.map(({ body }) => body.idempotencyKey)).size).toBe(1)
      expect(server.attempts[0]?.body.idempotencyKey).toEqual(expect.stringMatching(/^[0-9a-f-]{36}$/))
      expect(server.attempts.every(({ path }) => path === '/v1/users/alice/actions/transfer')).toBe(true)
      const shown = inspect(error, { depth: 30, showHidden: true }) + JSON.stringify(error) + String(error.stack)
      for (const hidden of [
        apiSecretKey,
        Buffer.from(`${apiSecretKey}:`).toString('base64'),
        'a@example.com',
        'Basic ',
      ])
        expect(shown).not.toContain(hidden)
    },
  )

  it('a refused connection', async () => {
    server = await startFaultyServer(() => undefined)
    await server.close()
    expect(await track(10_000, own)).toMatchObject({
      code: 'ERR_AUTHSIGNAL_UNAVAILABLE',
      attempts: 3,
      cause: { code: 'ECONNREFUSED' },
    })
  })

  it('something that is no HTTP', async () => {
    const raw = createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n'))
    raw.listen(0, '127.0.0.1')
    await once(raw, 'listening')
    server = await startFaultyServer(() => undefined)
    await server.close()
    server = {
      ...server,
      apiUrl: `http://127.0.0.1:${(raw.address() as AddressInfo).port}/v1`,
      close: async () => undefined,
    }
    expect(await track(10_000, own)).toMatchObject({ code: 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE', attempts: 1 })
    raw.close()
  })
})

it('honours a Retry-After that fits', async () => {
  let answeredAt = 0
  let cameBackAfter = 0
  server = await startFaultyServer((res, attempt) => {
    if (attempt === 1) {
      answeredAt = performance.now()
      sendJson(res, 429, {}, { 'retry-after': '1' })
      return
    }
    cameBackAfter = performance.now() - answeredAt
    sendJson(res, 200, allow)
  })
  const client = new AuthsignalClient({ apiUrl: server.apiUrl, apiSecretKey, timeout: 10_000 })
  expect((await client.track({ userId: 'alice', action: 'transfer' })).state).toBe('ALLOW')
  expect(cameBackAfter).toBeGreaterThanOrEqual(990)
})

describe('a Retry-After that is a date', () => {
  afterEach(() => {
    jest.useRealTimers()
  })

  /** What becomes of a question whose first answer sends it away for so many milliseconds. */
  async function sentAwayFor(ms: number, timeout: number) {
    // Dates tell whole seconds.
    stopTheClock()
    jest.setSystemTime(Date.UTC(2026, 0, 2, 3, 4, 5))
    const answeredAt: number[] = []
    server = await startFaultyServer((res, attempt) => {
      answeredAt.push(performance.now())
      if (attempt > 1) sendJson(res, 200, allow)
      else sendJson(res, 429, {}, { 'retry-after': new Date(Date.now() + ms).toUTCString() })
    })
    const client = new AuthsignalClient({ apiUrl: server.apiUrl, apiSecretKey, timeout })
    const [answer] = await Promise.allSettled([client.track({ userId: 'alice', action: 'transfer' })])
    const [first = 0, second = NaN] = answeredAt
    return { answer, attempts: answeredAt.length, cameBackAfter: second - first }
  }

  it('is waited for where it fits', async () => {
    const { answer, attempts, cameBackAfter } = await sentAwayFor(1_000, 10_000)
    expect(answer).toMatchObject({ value: { state: 'ALLOW' } })
    expect(attempts).toBe(2)
    expect(cameBackAfter).toBeGreaterThanOrEqual(990)
  })

  it('and after the deadline ends the question at once', async () => {
    const { answer, attempts } = await sentAwayFor(11_000, 10_000)
    expect(answer).toMatchObject({ reason: { code: 'ERR_AUTHSIGNAL_UNAVAILABLE', apiStatus: 429, attempts: 1 } })
    expect(attempts).toBe(1)
  })
})

it.each(['soon', '-1', ''])('pauses as after any outage at a Retry-After of %p', async (value) => {
  let answeredAt = 0
  let cameBackAfter = 0
  server = await startFaultyServer((res, attempt) => {
    if (attempt === 2) cameBackAfter = performance.now() - answeredAt
    answeredAt = performance.now()
    sendJson(res, attempt === 1 ? 429 : 200, allow, { 'retry-after': value })
  })
  const client = new AuthsignalClient({ apiUrl: server.apiUrl, apiSecretKey, timeout: 10_000 })
  await client.track({ userId: 'alice', action: 'transfer' })
  expect(cameBackAfter).toBeGreaterThanOrEqual(20)
})

it('reads an answer that came in time, however late this process gets to it', async () => {
  const timeout = 100
  server = await startFaultyServer((res) => {
    res.on('finish', () => {
      const until = performance.now() + 2 * timeout
      while (performance.now() < until);
    })
    sendJson(res, 200, allow)
  })
  const client = new AuthsignalClient({ apiUrl: server.apiUrl, apiSecretKey, timeout })
  expect(await client.track({ userId: 'alice', action: 'transfer' })).toMatchObject({ state: 'ALLOW' })
})

it.each<[string, Fault[1], number]>([
  [
    'what is answered',
    (res) => {
      sendJson(res, 200, allow)
    },
    5,
  ],
  ['what loses its connection', (res) => res.destroy(), 10],
])('leaves no timer behind: %s holds up no process that ends', async (_what, answer, attempts) => {
  server = await startFaultyServer(answer)
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
  const client = new AuthsignalClient({ apiUrl: server.apiUrl, apiSecretKey, timeout: 60_000, retries: 1 })
  const before = timers()
  const ask = () => client.track({ userId: 'alice', action: 'transfer' }).catch(() => undefined)
  for (let n = 0; n < 5; n += 1) await ask()
  expect(server.attempts).toHaveLength(attempts)
  // The test runner's and the server's own come and go.
  expect(timers() - before).toBeLessThan(5)
})

it('closes the connection of a question that it gives up', async () => {
  let close: () => void = () => undefined
  const closed = new Promise<void>((resolve) => {
    close = resolve
  })
  server = await startFaultyServer((res) => res.on('close', close))
  expect(await track(100)).toMatchObject({ code: 'ERR_AUTHSIGNAL_UNAVAILABLE' })
  await closed
})

it('gives a second attempt no more than what is left of the deadline', async () => {
  const timeout = 600
  const ended: string[] = []
  let later: Promise<void> | undefined
  server = await startFaultyServer((res, attempt) => {
    if (attempt !== 1) return
    setTimeout(() => {
      later = ask('the question asked after its first answer')
      sendJson(res, 503, {})
    }, timeout / 2)
  })
  const client = new AuthsignalClient({ apiUrl: server.apiUrl, apiSecretKey, timeout })
  async function ask(name: string): Promise<void> {
    await expect(client.track({ userId: 'alice', action: 'transfer' })).rejects.toThrow('did not answer in time')
    ended.push(name)
  }
  await ask('the question whose second attempt hangs')
  await later
  expect(server.attempts).toHaveLength(3)
  expect(ended).toEqual(['the question whose second attempt hangs', 'the question asked after its first answer'])
})

it('what is changed between two attempts is not sent', async () => {
  const attributes = { idempotencyKey: 'mine', custom: { amount: 10 } }
  server = await startFaultyServer((res, attempt) => {
    Object.assign(attributes, { idempotencyKey: 'another', custom: { amount: 10_000 } })
    sendJson(res, attempt === 1 ? 503 : 200, allow)
  })
  const client = new AuthsignalClient({ apiUrl: server.apiUrl, apiSecretKey, timeout: 10_000 })
  await client.track({ userId: 'alice', action: 'transfer', attributes })
  const sent = { idempotencyKey: 'mine', custom: { amount: 10 } }
  expect(server.attempts.map(({ body }) => body)).toEqual([sent, sent])
})

it.each([
  ['back', -60_000],
  ['forward', 60_000],
])('a clock that is set %s meanwhile moves no deadline', async (_name, byMs) => {
  server = await startFaultyServer((res, attempt) => {
    if (attempt > 1) return
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + byMs)
    sendJson(res, 503, {})
  })
  // A deadline that is past already is no number that AbortSignal.timeout takes.
  const client = new AuthsignalClient({ apiUrl: server.apiUrl, apiSecretKey, timeout: 500, axios: axios.create() })
  const error = await client.track({ userId: 'alice', action: 'transfer' }).catch((thrown: unknown) => thrown)
  jest.restoreAllMocks()
  expect(error).toMatchObject({ code: 'ERR_AUTHSIGNAL_UNAVAILABLE', attempts: 2 })
})

it('what an interceptor rejects with may be nothing at all', async () => {
  server = await startFaultyServer(() => undefined)
  const own = axios.create()
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what is tested
  own.interceptors.request.use(() => Promise.reject())
  const client = new AuthsignalClient({ apiUrl: server.apiUrl, apiSecretKey, axios: own })
  await expect(client.track({ userId: 'alice', action: 'transfer' })).rejects.toMatchObject({
    code: 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE',
  })
})

it('what an interceptor rejects with may have a message that is none', async () => {
  server = await startFaultyServer(() => undefined)
  const own = axios.create()
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what is tested
  own.interceptors.request.use(() => Promise.reject({ message: 42 }))
  const client = new AuthsignalClient({ apiUrl: server.apiUrl, apiSecretKey, axios: own })
  await expect(client.track({ userId: 'alice', action: 'transfer' })).rejects.toMatchObject({
    code: 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE',
  })
})

const sentOnce: Record<string, (client: AuthsignalClient) => Promise<unknown>> = {
  enrollVerifiedAuthenticator: (client) =>
    client.enrollVerifiedAuthenticator({
      userId: 'alice',
      attributes: { verificationMethod: 'SMS', phoneNumber: '+6421' },
    }),
  challenge: (client) => client.challenge({ verificationMethod: 'SMS', action: 'signIn', phoneNumber: '+6421' }),
  verify: (client) => client.verify({ challengeId: 'c', verificationCode: '123456' }),
  claimChallenge: (client) => client.claimChallenge({ challengeId: 'c', userId: 'alice' }),
  createSession: (client) => client.createSession({ clientId: 'c', token: 't' }),
  refreshSession: (client) => client.refreshSession({ refreshToken: 'r' }),
}

it.each(Object.entries(sentOnce))('sends what must not be repeated once: %s', async (_name, call) => {
  server = await startFaultyServer((res) => res.destroy())
  await expect(call(new AuthsignalClient({ apiUrl: server.apiUrl, apiSecretKey }))).rejects.toMatchObject({
    attempts: 1,
  })
  expect(server.attempts).toHaveLength(1)
})

it('asks as often as retries says', async () => {
  server = await startFaultyServer((res) => {
    sendJson(res, 500, {})
  })
  const client = new AuthsignalClient({ apiUrl: server.apiUrl, apiSecretKey, retries: 0 })
  await expect(client.track({ userId: 'alice', action: 'transfer' })).rejects.toMatchObject({ attempts: 1 })
})

describe('the breaker', () => {
  it('answers at once while Authsignal is down, and one probe reopens it', async () => {
    let down = true
    server = await startFaultyServer((res) => {
      sendJson(res, down ? 503 : 200, allow)
    })
    const client = new AuthsignalClient({ apiUrl: server.apiUrl, apiSecretKey, retries: 0 })
    const ask = () => client.track({ userId: 'alice', action: 'transfer' })
    for (let n = 0; n < 5; n += 1) await expect(ask()).rejects.toMatchObject({ attempts: 1 })
    const before = server.attempts.length
    await expect(ask()).rejects.toMatchObject({ code: 'ERR_AUTHSIGNAL_UNAVAILABLE', attempts: 0 })
    expect(server.attempts).toHaveLength(before)
    down = false
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000)
    const answers = await Promise.all([ask(), ask(), ask()])
    now.mockRestore()
    expect(answers.map(({ state }) => state)).toEqual(['ALLOW', 'ALLOW', 'ALLOW'])
  })

  it('has the time that others wait for its probe count as theirs, and as no outage', async () => {
    let down = true
    const ended: string[] = []
    let later: Promise<unknown> | undefined
    server = await startFaultyServer((res, attempt) => {
      if (down) sendJson(res, 503, {})
      else if (attempt === 6) {
        setTimeout(sendJson, 300, res, 200, allow)
        setTimeout(() => {
          later = ask(otherClient).catch(() => ended.push('asked during the probe, without waiting'))
        }, 150)
      }
    })
    const options = { apiUrl: server.apiUrl, apiSecretKey, retries: 0, timeout: 500 }
    const [client, otherClient] = [new AuthsignalClient(options), new AuthsignalClient(options)]
    const ask = (by = client) => by.track({ userId: 'alice', action: 'transfer' })
    for (let n = 0; n < 5; n += 1) await expect(ask()).rejects.toMatchObject({ attempts: 1 })
    down = false
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000)
    const [probe, other] = await Promise.allSettled([ask(), ask().finally(() => ended.push('waited for the probe'))])
    now.mockRestore()
    expect(probe).toMatchObject({ value: { state: 'ALLOW' } })
    expect(other).toMatchObject({ reason: { attempts: 1, cause: { code: 'OWN_DELAY' } } })
    await later
    expect(ended).toEqual(['waited for the probe', 'asked during the probe, without waiting'])
    expect(server.attempts).toHaveLength(8)
  })

  it('does not open for a process that is too busy to read answers', async () => {
    server = await startFaultyServer(() => undefined)
    const client = new AuthsignalClient({ apiUrl: server.apiUrl, apiSecretKey, timeout: 50 })
    const letGo = keepProcessBusy()
    try {
      for (let n = 0; n < 7; n += 1)
        await expect(client.track({ userId: 'alice', action: 'transfer' })).rejects.toMatchObject({
          code: 'ERR_AUTHSIGNAL_UNAVAILABLE',
          attempts: 1,
          cause: { code: 'OWN_DELAY' },
        })
    } finally {
      letGo()
    }
  })

  it('does not open for answers of an API that is up', async () => {
    server = await startFaultyServer((res, attempt) => {
      sendJson(res, attempt % 2 ? 429 : 400, {})
    })
    const client = new AuthsignalClient({ apiUrl: server.apiUrl, apiSecretKey, retries: 0 })
    for (let n = 0; n < 20; n += 1)
      await expect(client.track({ userId: 'alice', action: 'transfer' })).rejects.toMatchObject({ attempts: 1 })
    expect(server.attempts).toHaveLength(20)
  })
})
