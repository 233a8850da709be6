import type { ChallengeStore, Entry } from 'authsignal-express'

const MINUTE = 60_000

function entry(nonce: string): Entry {
  return { nonce, expiresAt: Date.now() + MINUTE, sealed: 'c2VhbGVk' }
}

/** What every store must do. `makeStore` is called for each test. */
export function storeContract(makeStore: () => ChallengeStore): void {
  let store: ChallengeStore
  let id: string
  let count = 0

  beforeEach(() => {
    store = makeStore()
    count += 1
    id = `challenge:${process.pid}-${Date.now()}-${count}`
  })

  it('finds nothing where nothing was added', async () => {
    expect(await store.get(id)).toBeUndefined()
  })

  it('gives back the entry as it was added', async () => {
    const added = entry('one')
    expect(await store.add(id, added, MINUTE)).toBe(true)
    expect(await store.get(id)).toEqual(added)
  })

  it('never overwrites', async () => {
    const first = entry('first')
    await store.add(id, first, MINUTE)
    expect(await store.add(id, entry('second'), MINUTE)).toBe(false)
    expect(await store.get(id)).toEqual(first)
  })

  it('says true to exactly one of many additions at once', async () => {
    const added = await Promise.all(Array.from({ length: 50 }, (_, n) => store.add(id, entry(String(n)), MINUTE)))
    expect(added.filter(Boolean)).toHaveLength(1)
    expect((await store.get(id))?.nonce).toBe(String(added.indexOf(true)))
  })

  it('deletes only the entry with that nonce', async () => {
    await store.add(id, entry('mine'), MINUTE)
    await store.delete(id, 'other')
    expect(await store.get(id)).toBeDefined()
    await store.delete(id, 'mine')
    expect(await store.get(id)).toBeUndefined()
    expect(await store.add(id, entry('next'), MINUTE)).toBe(true)
  })

  it('deletes what is not there without a word', async () => {
    await expect(store.delete(id, 'none')).resolves.toBeUndefined()
  })

  it('forgets an entry when its time is over, and makes room for another', async () => {
    await store.add(id, entry('short'), 1)
    while (await store.get(id)) await new Promise(setImmediate)
    expect(await store.add(id, entry('next'), MINUTE)).toBe(true)
  })

  it('keeps ids apart, whatever is in them', async () => {
    await store.add(`${id}:a`, entry('a'), MINUTE)
    expect(await store.get(`${id}:A`)).toBeUndefined()
    expect(await store.get(`${id}:a `)).toBeUndefined()
    expect(await store.get(`${id}:*`)).toBeUndefined()
  })
}
