import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { startEmulator, type Emulator } from 'authsignal-emulator'
import { RedisServer } from './redis-server'

/* The app's processes run what is built, as users do. */

const PROCESSES = 4
const ROUNDS = 10
const REQUESTS = 100

// A thousand requests, on whatever cores the other tests leave.
jest.setTimeout(180_000)

let emulator: Emulator
let redis: RedisServer
let processes: ChildProcess[]
let ports: number[]

beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
  emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  redis = await RedisServer.start()
  const { apiUrl, apiSecretKey } = emulator
  const args = [JSON.stringify({ socket: redis.socket, apiUrl, apiSecretKey })]
  processes = Array.from({ length: PROCESSES }, () => fork(require.resolve('./guarded-app.mjs'), args))
  ports = await Promise.all(processes.map(async (app) => ((await once(app, 'message')) as [number])[0]))
})

afterAll(async () => {
  for (const app of processes) app.disconnect()
  await Promise.all(processes.map((app) => once(app, 'exit')))
  await redis.close()
  await emulator.close()
})

let turn = 0

/** Sends a transfer to the next process in turn, as a load balancer does. */
async function transfer(number: number, cookie = ''): Promise<Response> {
  turn += 1
  return fetch(`http://127.0.0.1:${ports[turn % PROCESSES]}/transfers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify({ number }),
  })
}

test('of 100 equal requests at once to four processes exactly one passes, each time', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const challenged = await transfer(round)
    const cookie = challenged.headers.getSetCookie()[0]?.split(';')[0]
    const { idempotencyKey } = (await challenged.json()) as { idempotencyKey: string }
    await emulator.challenges.succeed(idempotencyKey)

    const answers = await Promise.all(Array.from({ length: REQUESTS }, () => transfer(round, cookie)))
    const passed = answers.filter(({ ok }) => ok)
    expect(passed).toHaveLength(1)
    expect(await passed[0]?.json()).toEqual({ booked: round })
    // The others are asked anew, told that it is done already, or that too many begin at once.
    const others = answers.map(({ status }) => status).filter((status) => status !== 200)
    expect(others.filter((status) => ![401, 409, 503].includes(status))).toEqual([])
  }
})
