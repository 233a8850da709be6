/* Source of the types of events: the webhook section of the public documentation. */

interface Envelope<Type extends string, Data> {
  version: number
  type: Type
  id: string
  source: string
  /** ISO 8601. */
  time: string
  tenantId: string
  data: Data
}

type Fields = Record<string, unknown>

interface MessageCreated extends Fields {
  to?: string
  code?: string
  userId?: string
  actionCode?: string
  idempotencyKey?: string
}

interface VerifyAction extends Fields {
  userId?: string
  actionCode?: string
  idempotencyKey?: string
  verificationMethod?: string
}

interface AuthenticatorChanged extends Fields {
  userId?: string
  userAuthenticatorId?: string
  verificationMethod?: string
}

interface LogRecords {
  records: { type: string; record: Fields }[]
}

/** A webhook's event, told apart by its `type`. */
export type WebhookEvent =
  | Envelope<'email.created', MessageCreated>
  | Envelope<'sms.created', MessageCreated>
  | Envelope<'push.created', MessageCreated>
  /** Synchronous: an answer that is not 2xx fails the challenge. */
  | Envelope<'action.verify', VerifyAction>
  | Envelope<'authenticator.created', AuthenticatorChanged>
  | Envelope<'authenticator.updated', AuthenticatorChanged>
  | Envelope<'authenticator.deleted', AuthenticatorChanged>
  | Envelope<'action.log_created', LogRecords>
  | Envelope<'challenge.log_created', LogRecords>
