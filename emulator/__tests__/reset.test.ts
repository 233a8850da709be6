import { callApi, useEmulator } from './helpers'

/* What was under way when everything is forgotten comes to nothing. */

const emulator = useEmulator()

async function track(): Promise<Response> {
  return callApi(emulator(), 'POST', '/users/alice/actions/transfer', { idempotencyKey: 'key-1' })
}

async function arrived(): Promise<void> {
  while (emulator().requests.length === 0) await new Promise(setImmediate)
}

test('a call that waits for its latency is answered with 503, and does nothing', async () => {
  emulator().faults.next({ latencyMs: 50 })
  const tracking = track()
  await arrived()
  emulator().reset()
  const answer = await tracking
  expect(answer.status).toBe(503)
  expect(await answer.text()).toContain('was reset')
  expect([emulator().actions, emulator().users]).toEqual([[], []])
})

test('an action whose rule still thinks is not kept, and its key is free', async () => {
  let decide = (_outcome: string): void => undefined
  emulator().rules.set('transfer', () => new Promise((resolve) => (decide = resolve)))
  const tracking = track()
  await arrived()
  emulator().reset()
  expect((await track()).status).toBe(200)
  decide('BLOCK')
  expect((await tracking).status).toBe(503)
  expect(emulator().actions).toMatchObject([{ idempotencyKey: 'key-1', state: 'ALLOW' }])
})
