import { execFileSync } from 'node:child_process'
import { MemoryStore, type ChallengeStore, type Entry } from 'authsignal-express'
import { storeContract } from '../../src/testing'

/** The names of the contract's tests that a store fails. */
async function failuresOf(store: ChallengeStore): Promise<string[]> {
  const tests: { name: string; run: () => Promise<void> }[] = []
  storeContract(() => store, { test: (name, run) => tests.push({ name, run }) })
  const failed: string[] = []
  for (const { name, run } of tests) await run().catch(() => failed.push(name))
  return failed
}

/** Does as it must, but for what a test changes. */
class SoundStore implements ChallengeStore {
  readonly inner = new MemoryStore()

  get(id: string): Promise<Entry | undefined> {
    return this.inner.get(id)
  }

  add(id: string, entry: Entry, ttlMs: number): Promise<boolean> {
    return this.inner.add(id, entry, ttlMs)
  }

  delete(id: string, nonce: string): Promise<void> {
    return this.inner.delete(id, nonce)
  }
}

async function drop(store: ChallengeStore, id: string): Promise<void> {
  const found = await store.get(id)
  if (found) await store.delete(id, found.nonce)
}

class Overwriting extends SoundStore {
  override async add(id: string, entry: Entry, ttlMs: number) {
    await drop(this.inner, id)
    return this.inner.add(id, entry, ttlMs)
  }
}

class LookingBeforeAdding extends SoundStore {
  override async add(id: string, entry: Entry, ttlMs: number) {
    const stands = await this.inner.get(id)
    await new Promise(setImmediate)
    await this.inner.add(id, entry, ttlMs)
    return !stands
  }
}

class AddingWithoutSayingSo extends SoundStore {
  override async add(id: string, entry: Entry, ttlMs: number) {
    return ((await this.inner.add(id, entry, ttlMs)) ? 1 : 0) as unknown as boolean
  }
}

class DeletingAny extends SoundStore {
  override delete(id: string) {
    return drop(this.inner, id)
  }
}

class DeletingNothing extends SoundStore {
  override async delete() {
    /* Nothing. */
  }
}

class NeverForgetting extends SoundStore {
  override add(id: string, entry: Entry) {
    return this.inner.add(id, entry, 60_000)
  }
}

class Shortening extends SoundStore {
  override add(id: string, entry: Entry, ttlMs: number) {
    return this.inner.add(id, { ...entry, sealed: entry.sealed.slice(0, 65_535) }, ttlMs)
  }
}

class IgnoringCase extends SoundStore {
  override get(id: string) {
    return this.inner.get(id.toLowerCase())
  }

  override add(id: string, entry: Entry, ttlMs: number) {
    return this.inner.add(id.toLowerCase(), entry, ttlMs)
  }

  override delete(id: string, nonce: string) {
    return this.inner.delete(id.toLowerCase(), nonce)
  }
}

test('a sound store fails nothing', async () => {
  expect(await failuresOf(new SoundStore())).toEqual([])
})

test.each([
  [Overwriting, 'never overwrites'],
  [LookingBeforeAdding, 'says true to exactly one of many additions at once'],
  [AddingWithoutSayingSo, 'gives back the entry as it was added'],
  [DeletingAny, 'deletes only the entry with that nonce'],
  [DeletingNothing, 'deletes only the entry with that nonce'],
  [Shortening, 'keeps the largest entry whole'],
  [IgnoringCase, 'keeps ids apart, whatever is in them'],
])('a store of the kind %p is found out', async (Broken, name) => {
  expect(await failuresOf(new Broken())).toContain(name)
})

test('a store that never forgets is found out', async () => {
  let now = Date.now()
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => (now += 100))
  const failures = await failuresOf(new NeverForgetting())
  clock.mockRestore()
  expect(failures).toContain('forgets an entry when its time is over, and makes room for another')
})

test('it runs under node:test as under jest', () => {
  const script = require.resolve('./with-node-test.mjs')
  const args = ['--test', '--test-reporter', 'tap', script]
  const report = execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 50_000 })
  expect(report).toMatch(/^# fail 0$/m)
  expect(report).toMatch(/ok \d+ - never overwrites/)
})
