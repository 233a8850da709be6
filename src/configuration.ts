import {
  aFunction,
  anything,
  aString,
  checked,
  duration,
  LONGEST_MS,
  listOfStrings,
  MINUTE,
  oneOf,
  SECOND,
  stringOrList,
  withMethods,
  wrong,
  type Check,
} from './checks'
import { AuthsignalClient } from './client/client'
import { parseTimeout } from './client/options'
import { Webhook } from './client/webhook'
import { baseUrlOf, callbackPathOf, secretKeyOf } from './defaults'
import { misconfigured, withoutUndefined } from './errors'
import { parseBaseUrls, type BaseUrls } from './flow/base-url'
import { Challenges } from './flow/challenges'
import { Seal } from './flow/seal'
import { SealedStore } from './flow/sealed-store'
import { SeenEvents } from './flow/seen-events'
import { Windows } from './flow/windows'
import type { ActionClient, AuthsignalOptions, CallbackOptions, GuardOptions } from './options'
import { ENGLISH, type Words } from './pages/words'
import { MemoryStore } from './stores/memory-store'

/** In characters: 128 bits, were they hexadecimal digits. */
const SHORTEST_SECRET = 32

/** What all parts made by one `createAuthsignal` share. */
export interface Configuration {
  client: ActionClient
  /** How long a client of the app's own may take, in milliseconds; ours keeps the deadline itself. */
  timeoutMs: number | undefined
  baseUrls: BaseUrls
  callbackPath: string
  challenges: Challenges
  windows: Windows
  seenEvents: SeenEvents
  /** Undefined where a client of the app's own is given, and no key. */
  webhook: Webhook | undefined
  words: Words
  onIncomplete: AuthsignalOptions['onIncomplete']
  guardDefaults: GuardOptions
}

/** One guard's options: given, else the defaults of `createAuthsignal`, else ours. */
export interface GuardConfiguration extends Omit<GuardOptions, 'maxAge'> {
  /** Whether the user is told by the guard's own option, which the callback does not know. */
  ownUserId: boolean
  maxAgeMs: number | undefined
  whenUnenrolled: 'follow' | 'enroll' | 'block'
  failure: 'closed' | 'open'
  enforce: boolean
  challengeStatus: 401 | 403
  challengeVia: 'auto' | 'page'
  returnVia: 'redirect' | 'page'
  resume: boolean
}

/** The callback's options: given, else those of `createAuthsignal`. */
export interface CallbackConfiguration extends CallbackOptions {
  ownUserId: boolean
}

const GUARD_OPTIONS: Record<keyof GuardOptions, Check> = {
  userId: aFunction,
  attributes: aFunction,
  ipAddress: aFunction,
  deviceId: aFunction,
  bind: aFunction,
  skip: aFunction,
  onBlock: aFunction,
  onReview: aFunction,
  onChallenge: aFunction,
  onDecision: aFunction,
  maxAge: (name, value) => {
    if (value !== false) duration(name, value, SECOND, LONGEST_MS)
  },
  whenUnenrolled: oneOf('follow', 'enroll', 'block'),
  verificationMethods: methodNames,
  failure: oneOf('closed', 'open'),
  enforce: oneOf(true, false),
  challengeStatus: oneOf(401, 403),
  challengeVia: oneOf('auto', 'page'),
  returnVia: oneOf('redirect', 'page'),
  resume: oneOf(true, false),
}

type OwnOptions = Omit<AuthsignalOptions, keyof GuardOptions>

const SHARED_OPTIONS: Record<keyof OwnOptions, Check> = {
  apiSecretKey: aString,
  // The client checks its own.
  apiUrl: anything,
  timeout: anything,
  retries: anything,
  axios: anything,
  client: withMethods('an object', 'track', 'getAction'),
  store: withMethods('a store, such as new RedisStore({ sendCommand }),', 'get', 'add', 'delete'),
  baseUrl: stringOrList,
  callbackPath: aPath,
  secret: secrets,
  challengeTtl: (name, value) => duration(name, value, MINUTE, LONGEST_MS),
  onIncomplete: aFunction,
  texts: knownTexts,
}

export function parseConfiguration(given: AuthsignalOptions): Configuration {
  const options = checked('createAuthsignal', given, { ...GUARD_OPTIONS, ...SHARED_OPTIONS })
  const { apiSecretKey, apiUrl, timeout, retries, axios, store = new MemoryStore() } = options
  if (options.client) refuseBesideClient({ apiUrl, retries, axios })
  const challengeTtlMs = duration('challengeTtl', options.challengeTtl ?? '20m', MINUTE, LONGEST_MS)
  const client = options.client ?? new AuthsignalClient({ apiSecretKey, apiUrl, timeout, retries, axios })
  const sealed = new SealedStore(store, new Seal(secretsOf(options)))
  return {
    client,
    timeoutMs: options.client && deadlineOf(options.client, timeout),
    baseUrls: parseBaseUrls(baseUrlOf(options)),
    callbackPath: callbackPathOf(options),
    challenges: new Challenges(sealed, challengeTtlMs),
    windows: new Windows(sealed),
    seenEvents: new SeenEvents(sealed),
    webhook: webhookOf(client, apiSecretKey),
    words: { ...ENGLISH, ...withoutUndefined(options.texts ?? {}) },
    onIncomplete: options.onIncomplete,
    guardDefaults: only(options, GUARD_OPTIONS),
  }
}

export function parseGuardOptions(given: GuardOptions, defaults: GuardOptions): GuardConfiguration {
  for (const name of Object.keys(withoutUndefined(Object(given) as object)))
    if (Object.hasOwn(SHARED_OPTIONS, name))
      throw misconfigured(`"${name}" is not an option of a guard: give it to createAuthsignal.`)
  const { maxAge, ...options } = { ...defaults, ...checked('The guard', given, GUARD_OPTIONS) }
  return {
    ...options,
    ownUserId: options.userId !== defaults.userId,
    maxAgeMs: maxAge === undefined || maxAge === false ? undefined : duration('maxAge', maxAge, SECOND, LONGEST_MS),
    whenUnenrolled: options.whenUnenrolled ?? 'follow',
    failure: options.failure ?? 'closed',
    enforce: options.enforce ?? true,
    challengeStatus: options.challengeStatus ?? 401,
    challengeVia: options.challengeVia ?? 'auto',
    returnVia: options.returnVia ?? 'redirect',
    resume: options.resume ?? true,
  }
}

const CALLBACK_OPTIONS: Record<keyof CallbackOptions, Check> = { onIncomplete: aFunction, userId: aFunction }

export function parseCallbackOptions(given: CallbackOptions, shared: Configuration): CallbackConfiguration {
  const { onIncomplete, guardDefaults } = shared
  const options = checked('The callback', given, CALLBACK_OPTIONS)
  return { onIncomplete, userId: guardDefaults.userId, ownUserId: options.userId !== undefined, ...options }
}

function webhookOf(client: ActionClient, apiSecretKey: string | undefined): Webhook | undefined {
  if (client instanceof AuthsignalClient) return client.webhook
  const key = secretKeyOf({ apiSecretKey })
  return typeof key === 'string' && key.trim() !== '' ? new Webhook(key) : undefined
}

/** An `AuthsignalClient` keeps its own; of others nobody knows whether they do. */
function deadlineOf(client: ActionClient, timeout: number | undefined): number | undefined {
  // Not a class of the app's own that extends it.
  const isOurs = Object.getPrototypeOf(client) === AuthsignalClient.prototype
  return timeout === undefined && isOurs ? undefined : parseTimeout(timeout)
}

function secretsOf({ secret, client, apiSecretKey }: AuthsignalOptions): readonly string[] {
  if (secret !== undefined) return typeof secret === 'string' ? [secret] : secret
  if (client)
    throw misconfigured(
      'secret is undefined; it is required where client is given. Give a random string of 32 characters or more.',
    )
  // The client has checked that one of them is there.
  return [secretKeyOf({ apiSecretKey }) ?? '']
}

function only(options: GuardOptions, known: Record<string, Check>): GuardOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(known, name)))
}

function refuseBesideClient(options: Pick<AuthsignalOptions, 'apiUrl' | 'retries' | 'axios'>): void {
  for (const name of Object.keys(withoutUndefined(options)))
    throw misconfigured(`${name} is for the client that is made here; leave it out where client is given.`)
}

function knownTexts(name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Map)
    throw wrong(name, value, 'give an object')
  for (const [text, words] of Object.entries(withoutUndefined(value))) {
    if (!Object.hasOwn(ENGLISH, text))
      throw misconfigured(`${name} has no text "${text}". It has: ${Object.keys(ENGLISH).join(', ')}.`)
    if (typeof words !== 'string') throw wrong(`${name}.${text}`, words, 'give a string')
    if (text === 'dir') oneOf('ltr', 'rtl')(`${name}.dir`, words)
  }
}

function secrets(name: string, value: unknown): void {
  stringOrList(name, value)
  // Older ones only open, and may be what they were.
  const [first = ''] = [value].flat() as string[]
  if (first.trim().length < SHORTEST_SECRET)
    throw misconfigured(
      `${name} is a string of fewer than ${SHORTEST_SECRET} characters; give a random one, as \`openssl rand -base64 32\` does.`,
    )
}

/** Names of methods are in capitals: what is not would match no challenge, and nobody could pass. */
function methodNames(name: string, value: unknown): void {
  listOfStrings(name, value)
  if (!(value as string[]).every((method) => /^[A-Z\d_]+$/.test(method)))
    throw misconfigured(
      `${name} has one that is not a method's name; give Authsignal's, in capitals, such as "PASSKEY".`,
    )
}

function aPath(name: string, value: unknown): void {
  // A dot segment would be gone from the path that the browser asks for.
  if (typeof value !== 'string' || !/^(?:\/[\w.~-]+)+\/?$/.test(value) || new URL(value, 'http://x').pathname !== value)
    throw wrong(
      name,
      value,
      'give a path such as /authsignal/callback, without a query: letters, digits, "-", "_", "." and "~"',
    )
}
