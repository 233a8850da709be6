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

test('a fault with a misspelt key is refused', () => {
  expect(() => {
    emulator().faults.next({ latency: 5 } as Fault)
  }).toThrow('unknown latency')
  expect(() => {
    emulator().faults.next({ match: 'tracks' } as unknown as Fault)
  }).toThrow("'tracks' is no call")
  expect(() => {
    emulator().faults.next({ hang: true }, 0)
  }).toThrow('times must be a positive integer')
})
