import type { AuthsignalClientOptions } from './client/options'
import type {
  GetActionRequest,
  GetActionResponse,
  GetUserRequest,
  GetUserResponse,
  TrackAttributes,
  TrackRequest,
  TrackResponse,
  VerificationMethod,
} from './client/types'
import type { WebhookEvent } from './client/webhook-types'
import type { AuthsignalErrorCode } from './errors'
import type { GuardedRequest, GuardedResponse } from './http'
import type { Words } from './pages/words'
import type { ChallengeStore } from './stores/store'

type Awaitable<Value> = Value | Promise<Value>

/** Milliseconds, or a number with its unit: '90s', '5m'. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

/** A client as the guard needs it: an `AuthsignalClient`, or an instance of `@authsignal/node`. */
export interface ActionClient {
  track(request: TrackRequest): Promise<TrackResponse>
  getAction(request: GetActionRequest): Promise<GetActionResponse>
  /** Needed by `manage` alone. */
  getUser?(request: GetUserRequest): Promise<Pick<GetUserResponse, 'isEnrolled' | 'url'>>
}

/** What the app adds to the question; the guard's own signals and `redirectUrl` are not the app's to set here. */
export type AppAttributes = Omit<
  TrackAttributes,
  'idempotencyKey' | 'redirectUrl' | 'redirectToSettings' | 'ipAddress' | 'userAgent' | 'deviceId'
>

/** What Authsignal, or the guard in its place, decided on a request. */
export interface Decision {
  actionCode: string
  /** The action's state as Authsignal gave it; CHALLENGE_REQUIRED also where `whenUnenrolled` sends the user to enrol. */
  state: string
  idempotencyKey: string
  ruleIds?: string[] | undefined
  /** Where the user is challenged, at CHALLENGE_REQUIRED. */
  challengeUrl?: string | undefined
  challengeId?: string | undefined
}

/** A decision as it is reported: with no personal data. */
export interface DecisionEvent {
  actionCode: string | undefined
  state: string | undefined
  idempotencyKey: string | undefined
  ruleIds?: string[] | undefined
  verificationMethod?: string | undefined
  outcome: 'passed' | 'challenged' | 'refused'
  /** Whether a request that passed did so by a challenge. */
  challenged?: boolean | undefined
  /** The error's code, where the request was refused with one. */
  code?: AuthsignalErrorCode | undefined
  degraded?: boolean | undefined
  /** From the request's arrival at the guard to the decision, in milliseconds. */
  durationMs: number
}

/** A challenge that the user left, as `onIncomplete` gets it. */
export interface IncompleteChallenge {
  actionCode: string
  idempotencyKey: string
  /** Where the user may go on with the challenge. */
  challengeUrl: string
  /** A page of the app's own to go back to. */
  backUrl: string
}

/* Functions of the app's are typed as methods are, so that it may name its framework's request: (req: express.Request). */
type OfRequest<Value> = { of(req: GuardedRequest): Value }['of']
type Hook<About> = { answer(req: GuardedRequest, res: GuardedResponse, about: About): unknown }['answer']

/** An action code, or how to tell it from a request. */
export type ActionCode = string | OfRequest<Awaitable<string>>

/** Options of one guard; in `createAuthsignal`, the defaults of all. Functions may be async, and are awaited. */
export interface GuardOptions {
  /**
   * Who asks: a non-empty string or a safe integer. None (undefined, null) is answered 401; anything else is
   * `ERR_AUTHSIGNAL_MISCONFIGURED`. Asked at the callback too, where nobody may be signed in. Default: `req.user.id`, `req.oidc.user.sub`, `req.auth` (an object or a function:
   * `userId`, `payload.sub`), `req.session.userId`; the first that is there decides.
   */
  userId?: OfRequest<unknown> | undefined
  /** More for Authsignal's rules and the challenge page. `custom` is bound to the challenge as well. Default: nothing. */
  attributes?: OfRequest<Awaitable<AppAttributes | undefined>> | undefined
  /** The client's address. Default: `req.ip` where the app set `trust proxy`, else docs/security.md, Client address. */
  ipAddress?: OfRequest<Awaitable<string | undefined>> | undefined
  /** The device, at most 256 characters, else left out. Default: the cookie `__as_aid`. A claim, never proof. */
  deviceId?: OfRequest<Awaitable<string | undefined>> | undefined
  /**
   * What a passed challenge is good for, beside method and path with query: any plain data. undefined is
   * `ERR_AUTHSIGNAL_MISCONFIGURED`. Default: the parsed body and `attributes(req).custom`.
   */
  bind?: OfRequest<unknown> | undefined
  /**
   * For how long a passed challenge answers later ones of this user, browser and action, whatever the request: '5m',
   * or milliseconds, 1 second to 24 hours. Requests are still tracked. Default: none; a challenge is good for one request.
   * `false`: none, whatever `createAuthsignal` says.
   */
  maxAge?: Duration | false | undefined
  /** A user without authenticators: `'follow'` the decision (default), `'enroll'` first, or `'block'`. */
  whenUnenrolled?: 'follow' | 'enroll' | 'block' | undefined
  /** The verification methods that count; a challenge passed by another is refused. Default: any. */
  verificationMethods?: readonly (VerificationMethod | (string & {}))[] | undefined
  /** Authsignal can't be reached: `'closed'` (default) answers 503, `'open'` lets pass, marked `degraded`. */
  failure?: 'closed' | 'open' | undefined
  /** `false`: track and report, stop nobody. Default: true. */
  enforce?: boolean | undefined
  /** Only `true` itself lets a request pass unasked. Default: none. */
  skip?: OfRequest<unknown> | undefined
  /** The app's own answer at BLOCK. It gets no `next`: a hook can't let a request pass. */
  onBlock?: Hook<Decision> | undefined
  /** The app's own answer at REVIEW_REQUIRED. */
  onReview?: Hook<Decision> | undefined
  /** The app's own answer at CHALLENGE_REQUIRED: send the user to `decision.challengeUrl`. */
  onChallenge?: Hook<Decision> | undefined
  /** Told of every decision. What it throws is dropped. */
  onDecision?: ((event: DecisionEvent) => unknown) | undefined
  /** The status that a script's challenge is answered with: 401 (default) or 403. */
  challengeStatus?: 401 | 403 | undefined
  /** `'page'`: always go to the challenge by a page of the app's own. Default: `'auto'`. */
  challengeVia?: 'auto' | 'page' | undefined
  /** `'page'`: always come back by a page of the app's own, which sends SameSite=Strict cookies. Default: `'redirect'`. */
  returnVia?: 'redirect' | 'page' | undefined
  /** Bring form POSTs back after the challenge. Default: true. */
  resume?: boolean | undefined
}

/** Options of `createAuthsignal`. */
export interface AuthsignalOptions extends GuardOptions, AuthsignalClientOptions {
  /** A client of the app's own in place of the one made from `apiSecretKey`; `secret` is then required. */
  client?: ActionClient | undefined
  /** Where challenges wait. Default: a `MemoryStore`, for one process alone. */
  store?: ChallengeStore | undefined
  /**
   * The app's public origin, with the path prefix that a proxy strips, where one does; a list where it has several.
   * Default: `AUTHSIGNAL_BASE_URL`, else the request's own origin on loopback outside production.
   */
  baseUrl?: string | readonly string[] | undefined
  /**
   * The callback's whole path, as the app is asked for it: with the mount points of the apps around it. Default:
   * `/authsignal/callback`.
   */
  callbackPath?: string | undefined
  /** Seals what is kept, random and at least 32 characters: the first seals, all open. Default: derived from `apiSecretKey`. */
  secret?: string | readonly string[] | undefined
  /** For how long a challenge waits: '20m' (default), or milliseconds, 1 minute to 24 hours. */
  challengeTtl?: Duration | undefined
  /** The app's own answer to a user who quit the challenge. Default: a small page. */
  onIncomplete?: Hook<IncompleteChallenge> | undefined
  /** Words of the built-in pages, to translate them. */
  texts?: { [Text in keyof Words]?: Words[Text] | undefined } | undefined
}

/** Options of the callback; those of `createAuthsignal` where they are not given. */
export type CallbackOptions = Pick<AuthsignalOptions, 'onIncomplete' | 'userId'>

/** Options of `manage`; `userId` and `returnVia` are those of `createAuthsignal` where they are not given. */
export interface ManageOptions extends Pick<GuardOptions, 'userId' | 'returnVia'> {
  /** The path of the app's own that the user comes back to, such as '/account'. Default: the page they came from, else '/'. */
  returnTo?: string | undefined
  /** The action that is tracked where get-user gives no url. Default: `manageAuthenticators`. */
  actionCode?: string | undefined
}

/** One type of event, as its handler gets it. */
export type WebhookEventOf<Type extends WebhookEvent['type']> = Extract<WebhookEvent, { type: Type }>

/**
 * What is done at each type of event. Handlers may be async, and are awaited. One that throws is answered 500,
 * unless the app's error handler sets another status.
 *
 * The first four are synchronous: Authsignal waits, a challenge depends on the answer, and one that comes without a
 * handler is refused. They are asked anew each time.
 *
 * The others are sent at least once, in any order, and again where they were not answered 200. An event that its handler
 * was done with is recorded for a day in the store and dropped when it comes again. Two deliveries at the same time, or
 * a process that ends between the handler and the record, still run it twice: make it safe to repeat, by `event.id`.
 */
export interface WebhookHandlers {
  /** A challenge is about to count as passed: `true` lets it, `false` refuses. */
  'action.verify'?: ((event: WebhookEventOf<'action.verify'>) => Awaitable<boolean>) | undefined
  /** A code or a magic link is to be sent. `false`, or an error, says that it could not be. */
  'email.created'?: ((event: WebhookEventOf<'email.created'>) => unknown) | undefined
  'sms.created'?: ((event: WebhookEventOf<'sms.created'>) => unknown) | undefined
  'push.created'?: ((event: WebhookEventOf<'push.created'>) => unknown) | undefined
  'authenticator.created'?: ((event: WebhookEventOf<'authenticator.created'>) => unknown) | undefined
  'authenticator.updated'?: ((event: WebhookEventOf<'authenticator.updated'>) => unknown) | undefined
  'authenticator.deleted'?: ((event: WebhookEventOf<'authenticator.deleted'>) => unknown) | undefined
  /** Gets the records of this type of a batch, which holds up to 500. */
  'action.log_created'?: ((event: WebhookEventOf<'action.log_created'>) => unknown) | undefined
  'challenge.log_created'?: ((event: WebhookEventOf<'challenge.log_created'>) => unknown) | undefined
}

export interface WebhookOptions {
  /** How far from now a signature's time may be, either way, in minutes: above 0, at most 60. Default: 5. */
  toleranceMinutes?: number | undefined
  /** The largest body that is read, in bytes: 1,024 to 67,108,864. Default: 1,048,576, a megabyte. */
  maxBytes?: number | undefined
}
