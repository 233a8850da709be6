import { isDeepStrictEqual } from 'node:util'
import { randomUUID } from 'node:crypto'
import { newNonce } from '../flow/sealed-store'
import { within } from '../flow/deadline'
import type { AuthsignalOptions } from '../options'
import { MemoryStore } from '../stores/memory-store'
import type { ChallengeStore } from '../stores/store'
import { failed, ok, skipped, warning, type Verdict } from './finding'
import { classAndCode } from './trouble'

const TTL_MS = 60_000
const TIMEOUT_MS = 5_000

const CURE = 'The store does not meet its contract: run the suite of authsignal-express/testing, see docs/stores.md.'

/** Adds an entry of its own to the app's store, finds it, and takes it away again. */
export async function checkStore({ store }: AuthsignalOptions, configured: boolean): Promise<Verdict> {
  if (!configured) return skipped('not asked', "Name the app's options: doctor --config ./authsignal.config.js")
  if (!store || store instanceof MemoryStore)
    return process.env.NODE_ENV === 'production'
      ? warning('MemoryStore, which is for one process', 'Give several processes a RedisStore: see docs/stores.md.')
      : ok('MemoryStore, for one process')
  const since = performance.now()
  let broken: string | undefined
  try {
    broken = await within(
      TIMEOUT_MS,
      () => firstBreach(store),
      () => Object.assign(new Error(), { code: 'ETIMEDOUT' }),
    )
  } catch (error) {
    return failed(`it fails: ${classAndCode(error)}`, 'Is its database running, and can it be reached from here?')
  }
  if (broken !== undefined) return failed(broken, CURE)
  return ok(`${store.constructor.name}: add, get and delete, in ${Math.round(performance.now() - since)} ms`)
}

/** The first thing that the store does otherwise than its contract says. */
async function firstBreach(store: ChallengeStore): Promise<string | undefined> {
  const id = `doctor:${randomUUID()}`
  const entry = { expiresAt: Date.now() + TTL_MS, nonce: newNonce(), sealed: 'nothing' }
  if (!(await store.add(id, entry, TTL_MS))) return 'add of a new id was answered false'
  if (await store.add(id, { ...entry, nonce: newNonce() }, TTL_MS)) return 'add of a known id was not answered false'
  if (!isDeepStrictEqual(await store.get(id), entry)) return 'get gave something else than was added'
  await store.delete(id, newNonce())
  if (!(await store.get(id))) return 'delete with another nonce took the entry away'
  await store.delete(id, entry.nonce)
  return (await store.get(id)) ? 'delete left the entry' : undefined
}
