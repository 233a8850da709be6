import { execFileSync } from 'node:child_process'
import { AuthsignalError, MemoryStore } from 'authsignal-express'
import { storeContract } from '../../src/testing'

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

  it('never drops the mark of a spent challenge: it refuses the next instead', async () => {
    const store = new MemoryStore({ maxChallenges: 1 })
    for (const id of ['spent:a', 'spent:b', 'spent:c']) expect(await store.add(id, entry, 60_000)).toBe(true)
    for (const id of ['x', 'y', 'z']) await store.add(id, entry, 60_000)
    await expect(store.add('spent:d', entry, 60_000)).rejects.toThrow('full')
    for (const id of ['spent:a', 'spent:b', 'spent:c']) expect(await store.add(id, entry, 60_000)).toBe(false)
  })

  it.each([0, -1, 1.5, NaN, '10' as never, null as never])('refuses %p as a bound', (maxChallenges) => {
    expect(() => new MemoryStore({ maxChallenges })).toThrow(AuthsignalError)
  })

  it('refuses an option that it does not know', () => {
    expect(() => new MemoryStore({ max: 3 } as never)).toThrow('no option "max"')
  })

  it('keeps no process alive', () => {
    const script = `const { MemoryStore } = require(${JSON.stringify(require.resolve('../../dist/index.js'))})
      new MemoryStore().add('a', {}, 60000).then(() => console.log('done'))`
    expect(execFileSync(process.execPath, ['-e', script], { timeout: 20_000, encoding: 'utf8' })).toBe('done\n')
  })
})
