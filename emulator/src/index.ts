export { startEmulator } from './start-emulator'
export type { Condition, FactCondition, RuleDefinition, RuleOperator } from './rule-types'
export type { Seed } from './schema/seed-schema'
export type { WebhookDelivery, WebhookEvent, WebhookType } from './webhook-types'
export type {
  ActionRequest,
  ActionState,
  AnyState,
  ApiCall,
  Authenticator,
  Emulator,
  EmulatorOptions,
  Fault,
  Outcome,
  OutboxMessage,
  RecordedRequest,
  Rule,
  TrackAttributes,
  TrackedAction,
  User,
  UserAttributes,
  VerificationMethod,
  WebauthnCredential,
} from './types'
