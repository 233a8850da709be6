export {
  authsignalCallback,
  authsignalForget,
  authsignalGuard,
  authsignalManage,
  authsignalWebhook,
  createAuthsignal,
  stepUp,
  withStepUp,
  type Authsignal,
} from './authsignal'
export { AuthsignalClient } from './client/client'
export type { AuthsignalClientOptions, AxiosLike } from './client/options'
export type * from './client/types'
export type { Webhook } from './client/webhook'
export type { WebhookEvent } from './client/webhook-types'
export { AuthsignalError, type AuthsignalErrorCode, type AuthsignalErrorDetails } from './errors'
export type { GuardedRequest, GuardedResponse, Middleware, Next, PlainRequest, StepUp } from './http'
export type {
  ActionClient,
  ActionCode,
  AppAttributes,
  AuthsignalOptions,
  CallbackOptions,
  Decision,
  DecisionEvent,
  Duration,
  GuardOptions,
  IncompleteChallenge,
  ManageOptions,
  WebhookEventOf,
  WebhookHandlers,
  WebhookOptions,
} from './options'
export type { Words } from './pages/words'
export { MemoryStore, type MemoryStoreOptions } from './stores/memory-store'
export { RedisStore, type RedisStoreOptions, type SendCommand } from './stores/redis-store'
export type { StepUpDecorator, StepUpHandler } from './step-up'
export type { ChallengeStore, Entry } from './stores/store'
