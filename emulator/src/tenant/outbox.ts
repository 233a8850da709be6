import type { OutboxMessage } from '../types'
import type { TenantEvents } from './events'

export interface SentMessage extends OutboxMessage {
  readonly actionCode: string
  readonly sentAt: Date
}

export class Outbox {
  readonly #sent: SentMessage[] = []

  constructor(private readonly events: TenantEvents) {}

  send(message: Omit<SentMessage, 'sentAt'>): void {
    const sent = { ...message, sentAt: new Date() }
    this.#sent.push(sent)
    this.events.emit('codeSent', sent)
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
