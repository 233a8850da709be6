import type { OutboxMessage } from '../types'

export interface SentMessage extends OutboxMessage {
  readonly actionCode: string
  readonly sentAt: Date
}

export class Outbox {
  readonly #sent: SentMessage[] = []

  send(message: Omit<SentMessage, 'sentAt'>): void {
    this.#sent.push({ ...message, sentAt: new Date() })
  }

  newestFirst(): SentMessage[] {
    return this.#sent.toReversed()
  }

  messages(): OutboxMessage[] {
    return this.#sent.map(({ to, code, userId, idempotencyKey }) => ({ to, code, userId, idempotencyKey }))
  }

  clear(): void {
    this.#sent.length = 0
  }
}
