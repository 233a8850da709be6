import { createHmac, randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { check } from '../schema/check'
import { webhookUrlSchema } from '../schema/seed-schema'
import type { WebhookDelivery, WebhookEvent, WebhookType } from '../webhook-types'

export const tenantId = 'emulator'

const timeoutMs = 5000
const firstRetryMs = 250
/** For asynchronous events, as Authsignal does; it waits at least 30 seconds before each. */
const retries = 3

type OpenDelivery = { -readonly [Key in keyof WebhookDelivery]: WebhookDelivery[Key] }
type Content = Pick<WebhookEvent, 'data' | 'records'>

/** Signs events and posts them to one url, for as long as there is one. */
export class Webhooks {
  readonly #deliveries: OpenDelivery[] = []
  readonly #open = new Set<Promise<boolean>>()
  #stopping = new AbortController()
  #url: string | undefined

  constructor(
    private readonly apiSecretKey: string,
    private readonly onChange: () => void,
  ) {}

  get url(): string | undefined {
    return this.#url
  }

  setUrl(url: string | undefined): void {
    if (url !== undefined) check(webhookUrlSchema, url, 'webhooks.setUrl')
    this.#url = url
  }

  /** Sent in the background, and again where it failed. */
  send(type: WebhookType, content: Content): void {
    void this.#start(type, content, retries)
  }

  /** Sent once: for events whose sender waits for the answer. True where it was a 2xx, or there is no url. */
  async ask(type: WebhookType, content: Content): Promise<boolean> {
    return this.#start(type, content, 0)
  }

  deliveries(): WebhookDelivery[] {
    return this.#deliveries.map((delivery) => ({ ...delivery }))
  }

  /** When nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open)
  }

  clear(): void {
    this.stop()
    this.#stopping = new AbortController()
    this.#deliveries.length = 0
  }

  stop(): void {
    this.#stopping.abort()
  }

  async #start(type: WebhookType, content: Content, retriesLeft: number): Promise<boolean> {
    const url = this.#url
    if (url === undefined) return true
    const event = { ...envelope(type), ...content }
    const delivery: OpenDelivery = { event, url, attempts: 0, status: undefined, state: 'sending' }
    this.#deliveries.push(delivery)
    const delivering = this.#deliver(delivery, retriesLeft, this.#stopping.signal)
    this.#open.add(delivering)
    return delivering.finally(() => {
      this.#open.delete(delivering)
      this.onChange()
    })
  }

  async #deliver(delivery: OpenDelivery, retriesLeft: number, stopping: AbortSignal): Promise<boolean> {
    const body = JSON.stringify(delivery.event)
    for (let retry = 0; retry <= retriesLeft && !stopping.aborted; retry++) {
      if (retry > 0 && !(await waited(firstRetryMs * 2 ** (retry - 1), stopping))) break
      delivery.attempts += 1
      delivery.status = await this.#post(delivery.url, body, stopping)
      if (delivery.status !== undefined && delivery.status >= 200 && delivery.status < 300) {
        delivery.state = 'delivered'
        return true
      }
      this.onChange()
    }
    delivery.state = 'failed'
    return false
  }

  async #post(url: string, body: string, stopping: AbortSignal): Promise<number | undefined> {
    try {
      const answer = await fetch(url, {
        method: 'POST',
        // Closed after each, so that no idle socket outlives the emulator.
        headers: {
          'content-type': 'application/json',
          'x-signature-v2': this.#signature(body),
          'user-agent': 'authsignal-emulator',
          connection: 'close',
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([stopping, AbortSignal.timeout(timeoutMs)]),
      })
      await answer.body?.cancel()
      return answer.status
    } catch {
      return undefined
    }
  }

  /** Anew for every attempt: receivers refuse an old timestamp. */
  #signature(body: string): string {
    const seconds = Math.floor(Date.now() / 1000)
    const signature = createHmac('sha256', this.apiSecretKey).update(`${seconds}.${body}`).digest('base64')
    return `t=${seconds},v2=${signature.replaceAll('=', '')}`
  }
}

function envelope(type: WebhookType): Omit<WebhookEvent, 'data' | 'records'> {
  const time = new Date().toISOString()
  return { version: 1, type, id: randomUUID(), source: 'https://authsignal.com', time, tenantId }
}

async function waited(milliseconds: number, stopping: AbortSignal): Promise<boolean> {
  try {
    await wait(milliseconds, undefined, { signal: stopping, ref: false })
    return true
  } catch {
    return false
  }
}
