import { EventEmitter } from 'node:events'
import type { Authenticator, TrackedAction } from '../types'
import type { SentMessage } from './outbox'

interface EventMap {
  /** An action that was tracked, without `previous`, or one in a new state. */
  action: [action: TrackedAction, previous?: TrackedAction]
  codeSent: [message: SentMessage]
  authenticatorCreated: [authenticator: Authenticator]
  authenticatorDeleted: [authenticator: Authenticator]
  /** Anything at all that a page may show. */
  changed: []
}

/** What happens in a tenant, for those that look on: webhooks, the timeline, the dashboard. */
export class TenantEvents extends EventEmitter<EventMap> {
  constructor() {
    super()
    // Every open dashboard listens.
    this.setMaxListeners(0)
    const changed = (): void => {
      this.emit('changed')
    }
    this.on('action', changed)
    this.on('codeSent', changed)
    this.on('authenticatorCreated', changed)
    this.on('authenticatorDeleted', changed)
  }
}
