import { AuthsignalError } from '../errors'
import { challengeEntry, enrolledEntry, keyEntry, questionEntry, returnedEntry } from './entries'
import type { Found, SealedStore } from './sealed-store'

/** At most so many challenges wait for one user; a newer one takes the place of an older. */
const PLACES_PER_USER = 10
/** Of those who try at once one gets the oldest's place, and the others try again: all that there is room for get one. */
const ATTEMPTS = PLACES_PER_USER

/** What a place leads to, so that a newer challenge can clear it. */
interface Placed {
  challengeId: string
  questionId: string
  holder: string
  actionCode: string
  ended?: boolean
}

/** Whose place it is, and under which nonce. */
interface Taken {
  userId: string
  place: number
  nonce: string
}

interface Place {
  place: number
  id: string
  found: Found<Placed> | undefined
}

/** Of each user: every challenge that waits takes a place, so that a user who begins them without end fills no store. */
export class Places {
  readonly #store: SealedStore
  readonly #ttlMs: number

  constructor(store: SealedStore, ttlMs: number) {
    this.#store = store
    this.#ttlMs = ttlMs
  }

  /** The place of a challenge that begins. */
  async take(userId: string, placed: Placed, nonce: string): Promise<number> {
    const take = (place: number) => this.#store.add(this.#entry(userId, place), placed, this.#ttlMs, nonce)
    // Most users have no other challenge waiting.
    if (await take(0)) return 0
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const places = await this.#all(userId)
      const free = places.filter(({ found }) => !found)
      if (free.length === 0) free.push(await this.#dropOldest(places, placed.actionCode))
      for (const { place } of fromAnywhere(free)) if (await take(place)) return place
    }
    throw tooManyAtOnce()
  }

  async leave({ userId, place, nonce }: Taken): Promise<void> {
    await this.#store.delete(this.#entry(userId, place), nonce)
  }

  /** Of a challenge that has ended: the first to be taken where all are. */
  async markEnded(taken: Taken, placed: Placed, ttlMs: number): Promise<void> {
    await this.leave(taken)
    await this.#store.add(this.#entry(taken.userId, taken.place), { ...placed, ended: true }, ttlMs, taken.nonce)
  }

  async #all(userId: string): Promise<Place[]> {
    const all = Array.from({ length: PLACES_PER_USER }, (_, place) => ({ place, id: this.#entry(userId, place) }))
    return Promise.all(all.map(async ({ place, id }) => ({ place, id, found: await this.#store.get<Placed>(id) })))
  }

  /** The place that is free then. */
  async #dropOldest(places: Place[], beginning: string): Promise<Place> {
    const oldest = oldestOf(placesToLose(places, beginning))
    const { id, found } = oldest
    if (found?.value) await this.#dropAll(found.value, found.nonce)
    if (found) await this.#store.delete(id, found.nonce)
    return oldest
  }

  /** All that may be noted of a challenge, but that it was spent. */
  async #dropAll({ challengeId: id, questionId, holder }: Placed, nonce: string): Promise<void> {
    const entries = [questionEntry(questionId), challengeEntry(id), keyEntry(holder), returnedEntry(id)]
    await Promise.all(entries.map((entry) => this.#store.delete(entry, nonce)))
    const enrolled = await this.#store.get(enrolledEntry(id))
    if (enrolled) await this.#store.delete(enrolledEntry(id), enrolled.nonce)
  }

  #entry(userId: string, place: number): string {
    return `place:${this.#store.seal.pseudonym(userId)}:${place}`
  }
}

/**
 * Those that have ended, or else those of the action that has most, of equals the one that begins: whoever begins one action
 * again and again, by links from elsewhere say, loses its own.
 */
function placesToLose(places: Place[], beginning: string): Place[] {
  const ended = places.filter(({ found }) => found?.value?.ended)
  if (ended.length > 0) return ended
  const ofAction = (actionCode: string | undefined) =>
    places.filter(({ found }) => found?.value?.actionCode === actionCode)
  const sizeOf = ({ found }: Place) => ofAction(found?.value?.actionCode).length
  const most = Math.max(...places.map(sizeOf))
  const own = ofAction(beginning)
  return own.length === most ? own : places.filter((place) => sizeOf(place) === most)
}

function oldestOf(places: Place[]): Place {
  const endOf = ({ found }: Place) => found?.expiresAt ?? 0
  return places.reduce((one, other) => (endOf(other) < endOf(one) ? other : one))
}

export function tooManyAtOnce(): AuthsignalError {
  return new AuthsignalError('ERR_AUTHSIGNAL_UNAVAILABLE', 'Too many challenges of this user begin at once. Try again.')
}

/** Of many at once each begins with another, so that they don't all meet at the same. */
function fromAnywhere(places: Place[]): Place[] {
  const at = Math.floor(Math.random() * places.length)
  return [...places.slice(at), ...places.slice(0, at)]
}
