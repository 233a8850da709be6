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

/** Fields that this version does not know are kept. */
type Fields = Record<string, unknown>

interface MessageCreated extends Fields {
  /** The address or phone number. */
  to: string
  userId: string
  actionCode: string
  idempotencyKey: string
  code?: string | undefined
  /** Of a magic link, in place of a code. */
  url?: string | undefined
  locale?: string | undefined
}

interface PushCreated extends Fields {
  challengeId: string
  userId: string
  actionCode: string
  idempotencyKey: string
}

interface VerifyAction extends Fields {
  userId: string
  /** The action code. */
  action: string
  idempotencyKey: string
  /** The state that the action is about to have. */
  state: string
  verificationMethod: string
  /** ISO 8601. */
  verifiedAt: string
  userAuthenticatorId?: string | undefined
}

interface AuthenticatorChanged extends Fields {
  userId: string
  userAuthenticatorId: string
  verificationMethod: string
  email?: string | undefined
  phoneNumber?: string | undefined
}

type LogType = 'action.log_created' | 'challenge.log_created'

/** A batch, in which records of both types may stand. */
interface LogRecords {
  records: { type: LogType | (string & {}); record: Fields }[]
}

/** A webhook's event, told apart by its `type`. */
export type WebhookEvent =
  | Envelope<'email.created', MessageCreated>
  | Envelope<'sms.created', MessageCreated>
  | Envelope<'push.created', PushCreated>
  /** Synchronous: an answer that is not 2xx fails the challenge. */
  | Envelope<'action.verify', VerifyAction>
  | Envelope<'authenticator.created', AuthenticatorChanged>
  | Envelope<'authenticator.updated', AuthenticatorChanged>
  | Envelope<'authenticator.deleted', AuthenticatorChanged>
  | Envelope<'action.log_created', LogRecords>
  | Envelope<'challenge.log_created', LogRecords>
