import { LONGEST_MS } from '../checks'
import { hashOf } from './canonical'
import { challengeEntry, enrolledEntry, keyEntry, questionEntry, returnedEntry, spentEntry } from './entries'
import type { WindowRule } from './pass'
import { Places, tooManyAtOnce } from './places'
import type { ReturnTo } from './return-to'
import { newNonce, type SealedStore } from './sealed-store'

const ATTEMPTS = 3
/** The links of challenge pages are good for ten minutes: an older one is not offered again. */
const OFFERED_AGAIN_MS = 9 * 60_000
/** Clocks of processes and store may differ by so much. */
const CLOCK_LEEWAY_MS = 60_000

/** What is asked: the request that a challenge is good for. */
export interface Question {
  id: string
  holder: string
  userId: string
  actionCode: string
  fingerprint: string
}

/** A challenge that waits for its user. Its id is its action's idempotency key. */
export interface Challenge {
  id: string
  holder: string
  /** Made for a client without cookies: then its key counts. */
  byKey: boolean
  questionId: string
  requestId: string
  userId: string
  /** Who the user was by the callback's option; undefined where it could not tell. */
  knownAs: string | undefined
  actionCode: string
  /** `enrolment`: the user was sent to enrol, and nothing is granted at the return. */
  purpose: 'step-up' | 'enrolment'
  /** Of a guard under `maxAge`: once passed so, it answers other requests as well, for as long as any guard may ask. */
  opensWindow: (WindowRule & { keptForMs: number }) | undefined
  /** The rules that asked for it. */
  ruleIds: string[] | undefined
  url: string
  returnTo: ReturnTo
  /** A page of the app's own, for a user who quits. */
  backTo: string
  expiresAt: number
  /** Its place among its user's. */
  place: number
  /** Shared by all its entries; `delete` needs it. */
  nonce: string
}

export type ChallengeDraft = Pick<
  Challenge,
  'id' | 'byKey' | 'knownAs' | 'purpose' | 'opensWindow' | 'ruleIds' | 'url' | 'returnTo' | 'backTo'
>

/** What is left of a challenge that was spent. */
export interface Spent {
  holder: string
  byKey: boolean
  actionCode: string
  requestId: string
}

export type Lookup = { challenge: Challenge } | 'unreadable' | undefined

export function makeQuestion(holder: string, userId: string, actionCode: string, fingerprint: string): Question {
  return { id: hashOf([holder, userId, actionCode, fingerprint]), holder, userId, actionCode, fingerprint }
}

/** The same request, whoever is signed in: known again when it is repeated for another user. */
export function requestIdOf({ holder, actionCode, fingerprint }: Question): string {
  return hashOf([holder, actionCode, fingerprint])
}

/**
 * The challenges that wait. Each has three entries under one nonce: `challenge:{id}` itself, `question:{id}` which
 * leads from the request to it, and `place:{user}:{n}` which counts it among its user's. That it was spent is told by
 * `spent:{id}` alone, which is added once and outlives every way back to the challenge. What else may be noted of one,
 * `key:{holder}`, `returned:{id}` and `enrolled:{id}`, goes with its place at the latest: a user who begins challenges
 * without end fills no store. Only one that was passed leaves more: its `spent:` mark and, under `maxAge`, itself.
 */
export class Challenges {
  readonly #store: SealedStore
  readonly #places: Places
  readonly ttlMs: number

  constructor(store: SealedStore, ttlMs: number) {
    this.#store = store
    this.#places = new Places(store, ttlMs)
    this.ttlMs = ttlMs
  }

  /** The challenge that waits for this very question. */
  async find(question: Question): Promise<Challenge | undefined> {
    const id = questionEntry(question.id)
    const found = await this.#store.get<{ challengeId: string }>(id)
    if (!found) return undefined
    const lookup = found.value && (await this.byId(found.value.challengeId))
    if (typeof lookup === 'object' && lookup.challenge.questionId === question.id) return lookup.challenge
    // It leads nowhere, or can't be unsealed any more.
    await this.#store.delete(id, found.nonce)
    return undefined
  }

  async byId(id: string): Promise<Lookup> {
    const found = await this.#store.get<Challenge>(challengeEntry(id))
    if (!found) return undefined
    return found.value ? { challenge: found.value } : 'unreadable'
  }

  /** Remembers a challenge; where an equal question has one already, that one is given instead. */
  async begin(question: Question, draft: ChallengeDraft): Promise<Challenge> {
    // Of many equal requests at once, those that come late need no place of their own.
    const waiting = await this.find(question)
    if (waiting) return waiting
    const nonce = newNonce()
    const { id: questionId, holder, userId, actionCode } = question
    const place = await this.#places.take(userId, { challengeId: draft.id, questionId, holder, actionCode }, nonce)
    const requestId = requestIdOf(question)
    const expiresAt = Date.now() + this.ttlMs
    const challenge: Challenge = {
      ...draft,
      holder,
      questionId,
      requestId,
      userId,
      actionCode,
      expiresAt,
      place,
      nonce,
    }
    if (!(await this.#store.add(challengeEntry(challenge.id), challenge, this.ttlMs, nonce))) throw tooManyAtOnce()
    if (draft.byKey) await this.#store.add(keyEntry(holder), { challengeId: draft.id }, this.ttlMs, nonce)
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (await this.#store.add(questionEntry(questionId), { challengeId: challenge.id }, this.ttlMs, nonce))
        return challenge
      const first = await this.find(question)
      if (!first) continue
      await this.end(challenge)
      return first
    }
    throw tooManyAtOnce()
  }

  isOfferedAgain({ expiresAt }: Challenge): boolean {
    return Date.now() <= expiresAt - this.ttlMs + OFFERED_AGAIN_MS
  }

  /** True for exactly one caller, on any number of processes: whoever gets true may let the request pass. */
  async spend(challenge: Challenge): Promise<boolean> {
    const ttlMs = Math.max(this.ttlMs, challenge.expiresAt - Date.now()) + CLOCK_LEEWAY_MS
    return this.#store.add(spentEntry(challenge.id), spentOf(challenge), ttlMs)
  }

  /** The user came back from the page that they were sent to enrol at. */
  async markReturned(challenge: Challenge): Promise<void> {
    await this.#store.add(returnedEntry(challenge.id), {}, leftMs(challenge), challenge.nonce)
  }

  async hasReturned({ id }: Challenge): Promise<boolean> {
    return (await this.#store.get(returnedEntry(id))) !== undefined
  }

  /**
   * True for exactly one caller: of equal requests that come back from enrolment at once, one is tracked once more. The
   * challenge ends, and its mark stands for as long as nobody takes its place.
   */
  async useEnrolment(challenge: Challenge): Promise<boolean> {
    const { id, questionId, nonce } = challenge
    // Not under the challenge's own nonce, which would make each caller the first.
    const first = await this.#store.add(enrolledEntry(id), spentOf(challenge), leftMs(challenge))
    // Making room is best effort: only the `enrolled:` mark decides.
    for (const entry of [questionEntry(questionId), challengeEntry(id), returnedEntry(id)])
      await this.#store.delete(entry, nonce).catch(() => undefined)
    return first
  }

  /** Nothing that this browser holds counts any more, however its cookie is kept. */
  async forget(holder: string): Promise<void> {
    await this.#store.add(`forgotten:${holder}`, {}, LONGEST_MS + CLOCK_LEEWAY_MS)
  }

  async isForgotten(holder: string): Promise<boolean> {
    return (await this.#store.get(`forgotten:${holder}`)) !== undefined
  }

  /** The challenge that a key was given for. */
  async idOfKey(holder: string): Promise<string | undefined> {
    return (await this.#store.get<{ challengeId: string }>(keyEntry(holder)))?.value?.challengeId
  }

  /** What is known of a challenge that was spent, or was the way to enrolment; 'unreadable' where it can't be unsealed. */
  async spent(id: string): Promise<Spent | 'unreadable' | undefined> {
    const found = (await this.#store.get<Spent>(spentEntry(id))) ?? (await this.#store.get<Spent>(enrolledEntry(id)))
    return found && (found.value ?? 'unreadable')
  }

  /** A challenge that ended without a pass makes room. */
  async end(challenge: Challenge): Promise<void> {
    await this.makeRoom(challenge)
    if (challenge.byKey) await this.#store.delete(keyEntry(challenge.holder), challenge.nonce)
  }

  /** So does one that was spent, whose key is still known: for another guard on the same route. */
  async makeRoom(challenge: Challenge): Promise<void> {
    await this.release(challenge)
    await this.#store.delete(challengeEntry(challenge.id), challenge.nonce)
  }

  /** One that its user knows to have failed is told so again where it is loaded anew, until another needs its place. */
  async markEnded(challenge: Challenge): Promise<void> {
    const { id: challengeId, questionId, holder, actionCode } = challenge
    await this.#places.markEnded(challenge, { challengeId, questionId, holder, actionCode }, leftMs(challenge))
  }

  /** The question may be asked anew. The challenge can still be passed, so it keeps its place. */
  async askAnew({ questionId, nonce }: Challenge): Promise<void> {
    await this.#store.delete(questionEntry(questionId), nonce)
  }

  /** One that was passed makes room, while the way back from it still stands. */
  async release(challenge: Challenge): Promise<void> {
    await this.askAnew(challenge)
    await this.#places.leave(challenge)
  }
}

/** What is noted of a challenge goes with it at the latest. */
function leftMs({ expiresAt }: Challenge): number {
  return Math.max(1, expiresAt - Date.now())
}

function spentOf({ holder, byKey, actionCode, requestId }: Challenge): Spent {
  return { holder, byKey, actionCode, requestId }
}
