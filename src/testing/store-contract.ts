import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { ChallengeStore, Entry } from '../stores/store'

const MINUTE = 60_000
/** A form of 64 KB, sealed, with room for the ways that JSON makes it longer. */
const LARGEST = 256 * 1024
/** No store may take longer to forget an entry that lived for a moment. */
const FORGOTTEN_WITHIN_MS = 20_000

export interface StoreContractOptions {
  /** The runner's own `test` or `it`: that of jest, vitest, node:test, mocha and their like. */
  test: (name: string, run: () => Promise<void>) => unknown
}

/**
 * What every store must do, as one test each. `makeStore` is called in each test; stores that it gives may share a
 * database, which need not be empty.
 *
 * @example
 * import { test } from 'node:test'
 * import { storeContract } from 'authsignal-express/testing'
 *
 * storeContract(() => new MyStore(database), { test })
 */
export function storeContract(
  makeStore: () => ChallengeStore | Promise<ChallengeStore>,
  { test }: StoreContractOptions,
): void {
  for (const [name, check] of Object.entries(promises))
    test(name, async () => {
      await check(await makeStore(), `challenge:${randomUUID()}`)
    })
}

const promises: Record<string, (store: ChallengeStore, id: string) => Promise<void>> = {
  'finds nothing where nothing was added': async (store, id) => {
    assert.equal(await store.get(id), undefined)
  },

  'gives back the entry as it was added': async (store, id) => {
    const added = entry('one')
    assert.equal(await store.add(id, added, MINUTE), true)
    assert.deepEqual(await store.get(id), added)
  },

  'keeps the largest entry whole': async (store, id) => {
    const added = { ...entry('large'), sealed: 'Sealed_-'.repeat(LARGEST / 8) }
    assert.equal(await store.add(id, added, MINUTE), true)
    const found = await store.get(id)
    assert.ok(found?.sealed === added.sealed, 'the entry came back changed')
  },

  'never overwrites': async (store, id) => {
    const first = entry('first')
    await store.add(id, first, MINUTE)
    assert.equal(await store.add(id, entry('second'), MINUTE), false)
    assert.deepEqual(await store.get(id), first)
  },

  'says true to exactly one of many additions at once': async (store, id) => {
    const added = await Promise.all(Array.from({ length: 50 }, (_, n) => store.add(id, entry(String(n)), MINUTE)))
    assert.deepEqual(
      added.filter((answer) => answer),
      [true],
    )
    assert.equal((await store.get(id))?.nonce, String(added.indexOf(true)))
  },

  'deletes only the entry with that nonce': async (store, id) => {
    await store.add(id, entry('mine'), MINUTE)
    await store.delete(id, 'other')
    assert.equal((await store.get(id))?.nonce, 'mine')
    await store.delete(id, 'mine')
    assert.equal(await store.get(id), undefined)
    assert.equal(await store.add(id, entry('next'), MINUTE), true)
  },

  'deletes what is not there without a word': async (store, id) => {
    await store.delete(id, 'none')
    await store.delete(id, 'none')
  },

  'forgets an entry when its time is over, and makes room for another': async (store, id) => {
    await store.add(id, entry('short'), 1)
    await forgotten(store, id)
    assert.equal(await store.add(id, entry('next'), MINUTE), true)
  },

  'gives an entry no more time for an addition that it refuses': async (store, id) => {
    assert.equal(await store.add(id, entry('short'), 500), true)
    assert.equal(await store.add(id, entry('second'), MINUTE), false)
    await forgotten(store, id)
  },

  'keeps ids apart, whatever is in them': async (store, id) => {
    await store.add(`${id}:a`, entry('a'), MINUTE)
    for (const other of [`${id}:A`, `${id}:a `, `${id}:*`, `${id}:%`, `${id}:_`])
      assert.equal(await store.get(other), undefined)
  },
}

function entry(nonce: string): Entry {
  return { nonce, expiresAt: Date.now() + MINUTE, sealed: 'c2VhbGVk' }
}

async function forgotten(store: ChallengeStore, id: string): Promise<void> {
  const giveUpAt = Date.now() + FORGOTTEN_WITHIN_MS
  while (await store.get(id)) {
    assert.ok(Date.now() < giveUpAt, 'the entry is still there long after its time was over')
    await new Promise(setImmediate)
  }
}
