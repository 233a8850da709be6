import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MemoryStore, RedisStore, type Entry } from 'authsignal-express'
import { startWorld } from '../helpers/world'

/* docs/scaling.md counts the commands and the calls that each kind of request takes: they are counted here. */

const page = readFileSync(join(__dirname, '../../docs/scaling.md'), 'utf8')

/** GET, SET, DEL and calls to Authsignal, as the page has them. */
function printed(kind: string): number[] {
  const row = page.split('\n').find((line) => line.startsWith(`| ${kind} `)) ?? ''
  const [, , get, set, del, , , calls] = row.split('|')
  return [get, set, del, calls].map(Number)
}

test('docs/scaling.md: what one request takes', async () => {
  const sent: string[] = []
  const redis = new MemoryStore()
  const world = await startWorld({
    authsignal: {
      store: new RedisStore({
        sendCommand: async (args, key) => {
          sent.push(args[0])
          if (args[0] === 'GET') return stored(await redis.get(key))
          if (args[0] === 'SET')
            return (await redis.add(key, JSON.parse(String(args[2])) as Entry, 60_000)) ? 'OK' : null
          await redis.delete(key, (await redis.get(key))?.nonce ?? '')
          return 1
        },
      }),
    },
  })
  const { emulator } = world
  const customer = world.customer()

  async function counted(request: () => PromiseLike<{ status: number }>, status: number): Promise<number[]> {
    sent.length = 0
    const before = emulator.requests.length
    expect((await request()).status).toBe(status)
    const times = (command: string) => sent.filter((one) => one === command).length
    return [times('GET'), times('SET'), times('DEL'), emulator.requests.length - before]
  }
  const transferOf = async (amount: number) => customer.agent.post('/transfers').set('x-user', 'alice').send({ amount })
  const transfer = () => transferOf(10)

  expect(await counted(transfer, 200)).toEqual(printed('ALLOW, new browser'))
  expect(await counted(transfer, 200)).toEqual(printed('ALLOW'))
  emulator.rules.set('*', 'BLOCK')
  expect(await counted(transfer, 403)).toEqual(printed('BLOCK'))
  emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  expect(await counted(transfer, 401)).toEqual(printed('challenge begun'))
  await emulator.challenges.succeed(customer.latest.idempotencyKey)
  expect(await counted(async () => customer.get(customer.callbackPath), 303)).toEqual(printed('callback'))
  expect(await counted(transfer, 200)).toEqual(printed('challenge spent'))

  const [get = 0, set = 0, del = 0] = printed('challenge begun')
  const another = async (amount: number) => counted(() => transferOf(amount), 401)
  await another(1)
  for (let amount = 2; amount <= 10; amount += 1) expect(await another(amount)).toEqual([get + 11, set + 1, del, 1])
  expect(await another(11)).toEqual([get + 17, set + 1, del + 3, 1])
})

function stored(entry: Entry | undefined): string | null {
  return entry ? JSON.stringify(entry) : null
}
