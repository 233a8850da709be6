import { requireOptions, wrong } from '../checks'
import { misconfigured, typeInWords } from '../errors'
import { isEntry, type ChallengeStore, type Entry } from './store'

/**
 * Sends one command to Redis and gives its answer as text. `key` is the command's only key, for clients that must be
 * told which node of a cluster to ask.
 */
export type SendCommand = (args: [command: string, ...args: string[]], key: string) => Promise<unknown>

export interface RedisStoreOptions {
  /** `(args) => client.sendCommand(args)` with node-redis, `(args) => client.call(...args)` with ioredis. */
  sendCommand: SendCommand
  /** What every key begins with. `authsignal:` by default. */
  prefix?: string | undefined
}

/**
 * Keeps challenges in Redis or Valkey, by the client that the app has. It sends SET with NX and PX, GET and DEL, each
 * with one key, so it needs no scripts and a cluster will do. docs/stores.md shows how to set Redis up for it.
 */
export class RedisStore implements ChallengeStore {
  readonly #sendCommand: SendCommand
  readonly #prefix: string

  constructor(options: RedisStoreOptions) {
    if (typeof (options as { on?: unknown } | undefined)?.on === 'function')
      throw misconfigured(`RedisStore's options are a client; give { sendCommand }: ${HOW_TO_SEND}.`)
    if ((options as unknown) === undefined)
      throw misconfigured(`RedisStore's options are undefined; give { sendCommand }: ${HOW_TO_SEND}.`)
    requireOptions('RedisStore', options, ['sendCommand', 'prefix'] satisfies (keyof RedisStoreOptions)[])
    const { sendCommand, prefix = 'authsignal:' } = options
    if (typeof sendCommand !== 'function') throw wrong("RedisStore's sendCommand", sendCommand, 'give a function')
    if (typeof prefix !== 'string') throw wrong("RedisStore's prefix", prefix, 'give a string')
    this.#sendCommand = sendCommand
    this.#prefix = prefix
  }

  async get(id: string): Promise<Entry | undefined> {
    const answer = await this.#send('GET', id)
    return answer === null ? undefined : readEntry(answer)
  }

  async add(id: string, entry: Entry, ttlMs: number): Promise<boolean> {
    const answer = await this.#send('SET', id, JSON.stringify(entry), 'PX', String(Math.ceil(ttlMs)), 'NX')
    if (answer === 'OK') return true
    if (answer !== null) throw badAnswer('SET', answer)
    return false
  }

  /*
   * Between GET and DEL the entry may end and another take its place, which DEL then removes. That costs its user a
   * second question and lets nothing pass: no pass is read from an entry, and marks of spent challenges are never
   * deleted. So it is not worth a script, which not every Redis lets its clients run.
   */
  async delete(id: string, nonce: string): Promise<void> {
    if ((await this.get(id))?.nonce === nonce) await this.#send('DEL', id)
  }

  async #send(command: string, id: string, ...args: string[]): Promise<unknown> {
    const key = this.#prefix + id
    try {
      return await this.#sendCommand([command, key, ...args], key)
    } catch (error) {
      throw mistakeOf(error, command) ?? error
    }
  }
}

const HOW_TO_SEND = '(args) => client.sendCommand(args) with node-redis, (args) => client.call(...args) with ioredis'

/** An error that waiting would not cure. What it says may quote what was stored: it is told by its kind alone. */
function mistakeOf(error: unknown, command: string): Error | undefined {
  const { name, message, cause } = (error ?? {}) as Partial<Record<string, unknown>>
  // A failed fetch is a TypeError too, which has a cause.
  if (name === 'TypeError' && cause === undefined)
    return misconfigured(`RedisStore's sendCommand does not send what it gets (TypeError); give ${HOW_TO_SEND}.`)
  const refusal = /^(?:NOAUTH|NOPERM|WRONGPASS|ERR unknown command)\b/.exec(String(message))?.[0]
  if (refusal === undefined) return undefined
  return misconfigured(
    `Redis refused ${command} of RedisStore (${refusal}); let its user SET, GET and DEL below the prefix, and give ` +
      `sendCommand as ${HOW_TO_SEND}.`,
  )
}

function readEntry(answer: unknown): Entry {
  const entry = typeof answer === 'string' ? parse(answer) : undefined
  if (!isEntry(entry)) throw badAnswer('GET', answer)
  return entry
}

/** Undefined where it is no JSON: the error of JSON.parse would show what is stored. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function badAnswer(command: string, answer: unknown): Error {
  return misconfigured(
    `RedisStore's sendCommand answered ${inWords(answer)} to ${command}; it must give Redis' own answer as text or ` +
      'null, from a connection that is neither in a transaction nor set to give Buffers.',
  )
}

/** What Redis says of itself is shown (OK, QUEUED), what is stored never. */
function inWords(answer: unknown): string {
  if (Buffer.isBuffer(answer)) return 'a Buffer'
  return typeof answer === 'string' && /^[A-Z]{1,20}$/.test(answer) ? answer : typeInWords(answer)
}
