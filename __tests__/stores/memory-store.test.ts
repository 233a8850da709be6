import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { AuthsignalClient, AuthsignalError, MemoryStore } from 'authsignal-express'
import request from 'supertest'
import { storeContract } from '../../src/testing'
import { startWorld, type World } from '../helpers/world'

const entry = { nonce: 'n', expiresAt: Date.now() + 60_000, sealed: '' }

describe('MemoryStore', () => {
  storeContract(() => new MemoryStore(), { test })

  it('drops the oldest challenges when it is full, and warns once', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const store = new MemoryStore({ maxChallenges: 1 })
    for (const id of ['a', 'b', 'c', 'd', 'e']) await store.add(id, entry, 60_000)
    expect(await Promise.all(['a', 'b', 'c', 'd', 'e'].map(async (id) => (await store.get(id)) !== undefined))).toEqual(
      [false, false, true, true, true],
    )
    expect(warn).toHaveBeenCalledTimes(1)
    warn.mockRestore()
  })

  it('keeps no more than 64 MB, however few challenges that are', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const store = new MemoryStore()
    const megabyte = { ...entry, sealed: 'x'.repeat(1024 * 1024) }
    const kept = async (ids: string[]) => {
      const found = await Promise.all(ids.map(async (id) => ((await store.get(id)) ? [id] : [])))
      return found.flat()
    }
    const ids = Array.from({ length: 66 }, (_, n) => String(n))
    for (const id of ids.slice(0, 64)) await store.add(id, megabyte, 60_000)
    expect(await kept(ids)).toEqual(ids.slice(0, 64))
    expect(warn).not.toHaveBeenCalled()
    await store.add('64', megabyte, 60_000)
    expect(await kept(ids)).toEqual(ids.slice(1, 65))
    // What was deleted makes room.
    await store.delete('10', megabyte.nonce)
    await store.add('65', megabyte, 60_000)
    expect(await kept(ids)).toHaveLength(64)
    expect(await kept(['1'])).toEqual(['1'])
    warn.mockRestore()
  })

  it('never drops the mark of a spent challenge: it refuses the next instead', async () => {
    const store = new MemoryStore({ maxChallenges: 1 })
    for (const id of ['spent:a', 'spent:b', 'spent:c']) expect(await store.add(id, entry, 60_000)).toBe(true)
    for (const id of ['x', 'y', 'z']) await store.add(id, entry, 60_000)
    await expect(store.add('spent:d', entry, 60_000)).rejects.toThrow('full')
    for (const id of ['spent:a', 'spent:b', 'spent:c']) expect(await store.add(id, entry, 60_000)).toBe(false)
  })

  it('makes room of what has ended without a warning, and for marks too', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const store = new MemoryStore({ maxChallenges: 1 })
    for (const id of ['a', 'b', 'c', 'spent:a', 'spent:b', 'spent:c']) await store.add(id, entry, 0)
    for (const id of ['d', 'e', 'f', 'spent:d', 'spent:e', 'spent:f'])
      expect(await store.add(id, entry, 60_000)).toBe(true)
    for (const id of ['d', 'e', 'f', 'spent:d', 'spent:e', 'spent:f']) expect(await store.get(id)).toEqual(entry)
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
  })

  it('makes room of what it has swept', async () => {
    jest.useFakeTimers()
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const store = new MemoryStore()
    const megabyte = { ...entry, sealed: 'x'.repeat(1024 * 1024) }
    for (let n = 0; n < 64; n += 1) await store.add(String(n), megabyte, 1_000)
    await jest.advanceTimersByTimeAsync(60_000)
    jest.useRealTimers()
    for (const id of ['a', 'b', 'c']) await store.add(id, megabyte, 60_000)
    for (const id of ['a', 'b', 'c']) expect(await store.get(id)).toEqual(megabyte)
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
  })

  it('drops the oldest also where others were deleted meanwhile', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const store = new MemoryStore({ maxChallenges: 1 })
    const kept: string[] = []
    for (let n = 0; n < 100; n += 1) {
      await store.add(String(n), entry, 60_000)
      kept.push(String(n))
      if (n % 3 === 0) await store.delete(kept.splice(1, 1)[0] ?? '', entry.nonce)
    }
    for (const [n, id] of kept.entries())
      expect([id, (await store.get(id)) !== undefined]).toEqual([id, n >= kept.length - 3])
    warn.mockRestore()
  })

  it.each(['event', 'forgotten'])('drops nothing that waits for any number of marks: %s', async (kind) => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const store = new MemoryStore({ maxChallenges: 1 })
    const others = ['challenge:a', ...['event:a', 'forgotten:a'].filter((id) => !id.startsWith(kind))]
    for (const id of others) await store.add(id, entry, 60_000)
    for (let n = 0; n < 10; n += 1) await store.add(`${kind}:${n}`, entry, 60_000)
    for (const id of others) expect(await store.get(id)).toEqual(entry)
    warn.mockRestore()
  })

  describe('that is small is filled by no single user', () => {
    const toAlice = { amount: '10' }
    let store: MemoryStore
    let world: World
    beforeEach(async () => {
      store = new MemoryStore({ maxChallenges: 30 })
      world = await startWorld({ authsignal: { store, whenUnenrolled: 'enroll' } })
      world.emulator.rules.set('*', ({ userId }) => (userId === 'ben' ? 'CHALLENGE_REQUIRED' : 'ALLOW'))
      const client = new AuthsignalClient({ apiUrl: world.emulator.apiUrl, apiSecretKey: world.emulator.apiSecretKey })
      const attributes = { verificationMethod: 'EMAIL_OTP', email: 'ben@example.com' } as const
      await client.enrollVerifiedAuthenticator({ userId: 'ben', attributes })
    })

    const newCookie = () => `authsignal=${randomBytes(16).toString('base64url')}`
    const logOut = () => request(world.url).post('/logout').set('cookie', newCookie()).expect(200)
    /** The id of a challenge that Mallory was given. */
    const challenge = async (headers: Record<string, string>) => {
      const by = { 'x-user': 'mallory', accept: 'application/json', ...headers }
      const { body } = (await request(world.url).post('/transfers').set(by).expect(401)) as {
        body: { challengeId: string }
      }
      return body.challengeId
    }

    it.each([
      ['who repeats on the way to enrolment', repeating],
      ['whose client holds no cookies', () => () => challenge({})],
      ['who is nobody, and logs out', () => logOut],
    ])('%s', async (_who, start) => {
      const ben = world.customer('ben')
      await ben.post('/transfers', toAlice).expect(303)
      await world.emulator.challenges.succeed(ben.latest.idempotencyKey)
      const send = start()
      for (let n = 0; n < 100; n += 1) await send()
      await ben.post('/transfers', toAlice).expect(200)
    })

    function repeating() {
      const browser = { cookie: newCookie(), 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' }
      let last: string | undefined
      return async () => {
        last = await challenge(last === undefined ? browser : { ...browser, 'authsignal-repeat': last })
      }
    }
  })

  it('lets a user whose challenge was dropped start again', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const world = await startWorld({ authsignal: { store: new MemoryStore({ maxChallenges: 1 }) } })
    world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
    const alice = world.customer()
    await alice.post('/transfers', { amount: '10' }).expect(303)
    const { callbackPath } = alice
    await world.customer('ben').post('/transfers', { amount: '10' }).expect(303)
    await alice.get(callbackPath).expect(400)
    await alice.post('/transfers', { amount: '10' }).expect(303)
    await alice.sendAgain(await alice.passAndReturn()).expect(200)
    warn.mockRestore()
  })

  it.each([0, -1, 1.5, NaN, '10' as never, null as never])('refuses %p as a bound', (maxChallenges) => {
    expect(() => new MemoryStore({ maxChallenges })).toThrow(AuthsignalError)
  })

  it('refuses an option that it does not know', () => {
    expect(() => new MemoryStore({ max: 3 } as never)).toThrow('no option "max"')
  })

  it('keeps no process alive', () => {
    const script = `const { MemoryStore } = require(${JSON.stringify(require.resolve('../../dist/index.js'))})
      new MemoryStore().add('a', { sealed: '' }, 60000).then(() => console.log('done'))`
    expect(execFileSync(process.execPath, ['-e', script], { timeout: 20_000, encoding: 'utf8' })).toBe('done\n')
  })
})
