/** Something that happened to how a customer confirms, as Authsignal tells it. */
export interface SecurityEvent {
  at: Date
  text: string
  detail?: string
}

const KEPT = 20

/** What the bank was told by webhooks, for each customer, newest first. */
export class SecurityLog {
  readonly #events = new Map<string, SecurityEvent[]>()

  add(customerId: string, event: SecurityEvent): void {
    this.#events.set(customerId, [event, ...this.of(customerId)].slice(0, KEPT))
  }

  of(customerId: string): readonly SecurityEvent[] {
    return this.#events.get(customerId) ?? []
  }
}
