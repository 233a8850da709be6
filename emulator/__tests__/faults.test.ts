import type { Fault } from '../src'
import { callApi, useEmulator } from './helpers'

const emulator = useEmulator()

async function track(key = 'key-1', signal?: AbortSignal): Promise<Response> {
  if (!signal) return callApi(emulator(), 'POST', '/users/alice/actions/transfer', { idempotencyKey: key })
  const { apiSecretKey, apiUrl } = emulator()
  const authorization = `Basic ${Buffer.from(`${apiSecretKey}:`).toString('base64')}`
  return fetch(`${apiUrl}/users/alice/actions/transfer`, { method: 'POST', headers: { authorization }, signal })
}

test('a status comes with headers, as often as asked', async () => {
  emulator().faults.next({ status: 429, headers: { 'Retry-After': '1' } }, 2)
  const answers = [await track(), await track(), await track()]
  expect(answers.map(({ status }) => status)).toEqual([429, 429, 200])
  expect(answers[0]?.headers.get('retry-after')).toBe('1')
  expect(await answers[0]?.json()).toMatchObject({ errorCode: 'too_many_requests' })
  expect(emulator().requests.map(({ status }) => status)).toEqual([429, 429, 200])
  expect(emulator().actions).toHaveLength(1)
})

test('a body is sent verbatim', async () => {
  emulator().faults.next({ body: '<h1>Bad gateway</h1>', status: 502, headers: { 'Content-Type': 'text/html' } })
  const answer = await track()
  expect(answer.status).toBe(502)
  expect(answer.headers.get('content-type')).toBe('text/html')
  expect(await answer.text()).toBe('<h1>Bad gateway</h1>')
})

test('a body alone is sent with 200', async () => {
  emulator().faults.next({ body: '{"state":' })
  const answer = await track()
  expect(answer.status).toBe(200)
  expect(await answer.text()).toBe('{"state":')
})

test('a dropped connection leaves a request without an answer, and nothing done', async () => {
  emulator().faults.next({ drop: true })
  await expect(track()).rejects.toThrow()
  expect(emulator().requests).toMatchObject([{ body: { idempotencyKey: 'key-1' }, status: undefined }])
  expect(emulator().actions).toEqual([])
})

test('an answer that is cut leaves what was asked done', async () => {
  emulator().faults.next({ truncate: true })
  const answer = await track()
  await expect(answer.text()).rejects.toThrow()
  expect(emulator().actions).toHaveLength(1)
  expect((await track()).status).toBe(200)
  expect(emulator().actions).toHaveLength(1)
})

test('a request that hangs is never answered', async () => {
  emulator().faults.next({ hang: true })
  const giveUp = new AbortController()
  const waiting = track('key-1', giveUp.signal)
  while (emulator().requests.length === 0) await new Promise(setImmediate)
  expect(emulator().actions).toEqual([])
  giveUp.abort()
  await expect(waiting).rejects.toThrow()
})

test('latency delays an answer that is otherwise right', async () => {
  emulator().faults.next({ latencyMs: 50 })
  const start = performance.now()
  expect((await track()).status).toBe(200)
  expect(performance.now() - start).toBeGreaterThan(45)
})

test('a fault waits for the call it is for', async () => {
  emulator().faults.next({ status: 503, match: 'getAction' })
  expect((await track()).status).toBe(200)
  const read = async (): Promise<number> =>
    (await callApi(emulator(), 'GET', '/users/alice/actions/transfer/key-1')).status
  expect([await read(), await read()]).toEqual([503, 200])
})

test('clear takes back what has not happened yet', async () => {
  emulator().faults.next({ status: 500 }, 10)
  emulator().faults.clear()
  expect((await track()).status).toBe(200)
})

test('headers alone come with the call’s own answer', async () => {
  emulator().faults.next({ headers: { 'Content-Type': 'text/plain', 'X-Request-Id': '7' } })
  const answer = await track()
  expect([answer.status, answer.headers.get('x-request-id'), emulator().actions.length]).toEqual([200, '7', 1])
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
})

test.each<[unknown, string]>([
  [undefined, 'Invalid input: expected object, received undefined'],
  [{}, 'nothing goes wrong by it'],
  [{ match: 'track', share: 0.5 }, 'nothing goes wrong by it'],
  [{ hang: undefined }, 'nothing goes wrong by it'],
  [{ latency: 5 }, 'unknown latency; known are latencyMs, hang'],
  [{ hang: true, match: 'tracks' }, "match: 'tracks' is no call; known are track, getAction"],
  [{ latencyMs: '50' }, 'latencyMs: Invalid input: expected number, received string'],
  [{ latencyMs: -1 }, 'latencyMs: Too small'],
  [{ status: 101 }, 'status: Too small: expected number to be >=200'],
  [{ status: 42 }, 'status: Too small'],
  [{ status: '503' }, 'status: Invalid input: expected number, received string'],
  [{ body: {} }, 'body: Invalid input: expected string, received object'],
  [{ hang: 1 }, 'hang: Invalid input: expected true'],
  [{ headers: { 'Retry-After': 1 } }, 'headers.Retry-After: Invalid input: expected string, received number'],
  [{ headers: { 'a b': '' } }, 'headers.a b: Header name must be a valid HTTP token'],
  [{ headers: { a: '\n' } }, 'headers.a: Invalid character in header content'],
  [{ status: 503, share: 2 }, 'share: Too big'],
])('what is no fault is refused: %j', (fault, message) => {
  const next = (): void => {
    emulator().faults.next(fault as Fault)
  }
  expect(next).toThrow(TypeError)
  expect(next).toThrow(`faults.next: ${message}`)
})

test.each([0, 1.5, '2', NaN, -1])('it goes wrong a positive number of times: not %j', (times) => {
  expect(() => {
    emulator().faults.next({ hang: true }, times as number)
  }).toThrow('faults.next: times: must be a positive integer, or Infinity')
})

test('a share of the calls is hit, evenly, until it is cleared', async () => {
  emulator().faults.next({ status: 503, share: 0.25 })
  const statuses: number[] = []
  for (let call = 1; call <= 8; call++) statuses.push((await track(`key-${call}`)).status)
  expect(statuses).toEqual([200, 200, 200, 503, 200, 200, 200, 503])
  emulator().faults.clear()
  for (let call = 1; call <= 4; call++) expect((await track(`more-${call}`)).status).toBe(200)
})

test('a share may be of so many calls only', async () => {
  emulator().faults.next({ status: 503, share: 0.5 }, 2)
  const answers = [await track(), await track(), await track(), await track()]
  expect(answers.map(({ status }) => status)).toEqual([200, 503, 200, 200])
})

async function trackWithHeader(value: string): Promise<Response> {
  const { apiSecretKey, apiUrl } = emulator()
  const authorization = `Basic ${Buffer.from(`${apiSecretKey}:`).toString('base64')}`
  const headers = { authorization, 'Authsignal-Emulator-Fault': value }
  return fetch(`${apiUrl}/users/alice/actions/transfer`, { method: 'POST', headers })
}

test('a request can ask for its own fault', async () => {
  const answer = await trackWithHeader('latency=1; status=429; retry-after=3')
  expect(answer.status).toBe(429)
  expect(answer.headers.get('retry-after')).toBe('3')
  await expect(trackWithHeader('drop')).rejects.toThrow()
  expect(emulator().actions).toEqual([])
  expect((await trackWithHeader('latency=1')).status).toBe(200)
  await expect((await trackWithHeader('truncate')).text()).rejects.toThrow()
})

test.each(['status', 'status=101', 'latency=-1', 'explode', 'drop=1'])('the header %s is refused', async (value) => {
  const answer = await trackWithHeader(value)
  expect(answer.status).toBe(400)
  expect(await answer.text()).toContain('is no fault')
})
