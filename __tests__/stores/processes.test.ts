import { startEmulator, type Emulator } from 'authsignal-emulator'
import { Pool } from 'undici'
import { cookieOf } from '../helpers/customer'
import { GuardedProcess } from './guarded-process'
import { RedisServer } from './redis-server'
import { TcpProxy } from './tcp-proxy'

const PROCESSES = 4
const ROUNDS = 100
const REQUESTS = 500

// Fifty thousand requests, on whatever cores the other tests leave.
jest.setTimeout(600_000)

let emulator: Emulator
let redis: RedisServer
let processes: GuardedProcess[]
let client: Pool

beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
  emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  redis = await RedisServer.start()
  processes = await Promise.all(Array.from({ length: PROCESSES }, () => GuardedProcess.start(redis, emulator)))
  const proxy = await TcpProxy.start(...processes)
  client = new Pool(proxy.url, { connections: REQUESTS })
})

afterAll(async () => {
  await client.destroy()
  await Promise.all(processes.map((app) => app.close()))
  await redis.close()
  await emulator.close()
})

async function transfer(number: number, cookie = '') {
  const headers = { 'content-type': 'application/json', cookie }
  const body = JSON.stringify({ number })
  const answer = await client.request({ method: 'POST', path: '/transfers', headers, body })
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
}

test('of 500 equal requests at once to four processes exactly one passes, each time', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const challenged = await transfer(round)
    const cookie = cookieOf(challenged)
    const { idempotencyKey } = JSON.parse(challenged.text) as { idempotencyKey: string }
    await emulator.challenges.succeed(idempotencyKey)

    const answers = await Promise.all(Array.from({ length: REQUESTS }, () => transfer(round, cookie)))
    const passed = answers.filter(({ status }) => status === 200)
    expect(passed.map(({ text }) => text)).toEqual([JSON.stringify({ booked: round })])
    // The others are asked anew, told that it is done already, or that too many begin at once.
    const others = answers.map(({ status }) => status).filter((status) => status !== 200)
    expect(others.filter((status) => ![401, 409, 503].includes(status))).toEqual([])
  }
})
