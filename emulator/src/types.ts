import type { RuleDefinition } from './rule-types'
import type { Seed } from './schema/seed-schema'
import type { WebhookDelivery } from './webhook-types'

/** The states an action can be in. */
export type ActionState =
  | 'ALLOW'
  | 'BLOCK'
  | 'CHALLENGE_REQUIRED'
  | 'CHALLENGE_SUCCEEDED'
  | 'CHALLENGE_FAILED'
  | 'REVIEW_REQUIRED'
  | 'REVIEW_SUCCEEDED'
  | 'REVIEW_FAILED'

/** A state as a test may force it: also one that no documentation knows. */
export type AnyState = ActionState | (string & {})

/** What a rule decides; any other string is answered as it stands, to test how a client takes an unknown state. */
export type Outcome = 'ALLOW' | 'BLOCK' | 'CHALLENGE_REQUIRED' | 'REVIEW_REQUIRED' | (string & {})

export type VerificationMethod =
  | 'SMS'
  | 'EMAIL_OTP'
  | 'EMAIL_MAGIC_LINK'
  | 'AUTHENTICATOR_APP'
  | 'PASSKEY'
  | 'SECURITY_KEY'
  | 'PUSH'
  | 'VERIFF'
  | 'IPROOV'
  | 'IDVERSE'
  | 'PALM_BIOMETRICS_RR'
  | 'RECOVERY_CODE'
  | 'DEVICE'
  | 'WHATSAPP'

/** The attributes of a track request, as they were sent; those with a meaning here are named. */
export interface TrackAttributes {
  readonly idempotencyKey?: string | undefined
  readonly redirectUrl?: string | undefined
  /** `url` leads to the self-service page, behind the challenge where one is required. */
  readonly redirectToSettings?: boolean | undefined
  readonly deviceId?: string | undefined
  readonly email?: string | undefined
  readonly phoneNumber?: string | undefined
  readonly username?: string | undefined
  readonly custom?: Readonly<Record<string, unknown>> | undefined
  readonly [name: string]: unknown
}

/** An action as a rule sees it, before it has a state. */
export interface ActionRequest {
  readonly userId: string
  readonly actionCode: string
  readonly idempotencyKey: string
  readonly attributes: TrackAttributes
  /** ISO 8601. */
  readonly createdAt: string
}

/** An action with its state. A frozen snapshot: read it again to see a later state. */
export interface TrackedAction extends ActionRequest {
  readonly state: AnyState
  /** ISO 8601. */
  readonly stateUpdatedAt: string
  readonly verificationMethod?: VerificationMethod | undefined
  readonly verifiedByAuthenticatorId?: string | undefined
  readonly ruleIds: readonly string[]
}

export type Rule = Outcome | ((action: ActionRequest) => Outcome | Promise<Outcome>)

/** What may be known of a passkey, named as in `@authsignal/node`. */
export interface WebauthnCredential {
  readonly credentialId: string
  readonly deviceId: string
  readonly name: string
  readonly aaguid?: string | undefined
  readonly credentialBackedUp?: boolean | undefined
  readonly credentialDeviceType?: string | undefined
  readonly authenticatorAttachment?: string | undefined
  readonly parsedUserAgent?: { readonly ua: string } | undefined
}

export interface Authenticator {
  readonly userAuthenticatorId: string
  readonly userId: string
  readonly verificationMethod: VerificationMethod
  readonly createdAt: string
  readonly verifiedAt: string
  /** When it last passed a challenge. */
  readonly lastVerifiedAt?: string | undefined
  readonly email?: string | undefined
  readonly phoneNumber?: string | undefined
  readonly isDefault: boolean
  readonly webauthnCredential?: WebauthnCredential | undefined
}

export interface UserAttributes {
  readonly email?: string | undefined
  readonly emailVerified?: boolean | undefined
  readonly phoneNumber?: string | undefined
  readonly phoneNumberVerified?: boolean | undefined
  readonly username?: string | undefined
  readonly displayName?: string | undefined
  readonly custom?: Readonly<Record<string, unknown>> | undefined
  readonly locale?: string | undefined
}

export interface User extends UserAttributes {
  readonly userId: string
  readonly authenticators: readonly Authenticator[]
}

/** A one-time code that was sent: nothing leaves the emulator, the code is read here. */
export interface OutboxMessage {
  /** The e-mail address or phone number; the user id where neither is known. */
  readonly to: string
  readonly code: string
  readonly userId: string
  /** Of the action; empty where the code was to enrol an address on the self-service page. */
  readonly idempotencyKey: string
}

export interface RecordedRequest {
  readonly method: string
  /** As it was sent, percent-encoded, with `/v1` and the query. */
  readonly path: string
  /** The parsed JSON body; undefined where there was none. */
  readonly body: unknown
  /** Undefined while, and where, nothing was answered. */
  readonly status: number | undefined
}

/** The calls of the API, named as in `@authsignal/node`. */
export type ApiCall =
  | 'track'
  | 'getAction'
  | 'updateAction'
  | 'queryUserActions'
  | 'getUser'
  | 'queryUsers'
  | 'updateUser'
  | 'deleteUser'
  | 'enrollVerifiedAuthenticator'
  | 'getAuthenticators'
  | 'deleteAuthenticator'
  | 'validateChallenge'
  | 'claimChallenge'
  | 'challenge'
  | 'verify'
  | 'getChallenge'
  | 'createSession'
  | 'validateSession'
  | 'refreshSession'
  | 'revokeSession'
  | 'revokeUserSessions'

/** What goes wrong with an API call: one at least of all but `match` and `share`, which say with which. */
export interface Fault {
  /** Waits so many milliseconds, from 0 to 2147483647, before anything else. */
  latencyMs?: number | undefined
  /** Reads the request and never answers. */
  hang?: true | undefined
  /** Answers with this status, from 200 to 599, instead of doing anything; 200 where only `body` is given. */
  status?: number | undefined
  /** Sent with the answer, whether it is the call's own or the fault's. */
  headers?: Record<string, string> | undefined
  /** Sent verbatim instead of the call's own answer. */
  body?: string | undefined
  /** Reads the request, does nothing, and destroys the connection. */
  drop?: true | undefined
  /** Does what was asked, and destroys the connection in the middle of the answer. */
  truncate?: true | undefined
  /** The call it applies to. Default: any. */
  match?: ApiCall | undefined
  /** Of the calls it applies to, the share that is hit, evenly spread: 0.1 is every tenth. Default 1. */
  share?: number | undefined
}

export interface EmulatorOptions {
  /** Default 0: a free port. */
  port?: number | undefined
  /** Default '127.0.0.1'. */
  host?: string | undefined
  /** The key clients must send. Default: the seed's, or 'emulator-secret-key'. */
  apiSecretKey?: string | undefined
  /** Where webhooks are posted. Default: the seed's, or nowhere. */
  webhookUrl?: string | undefined
  /** What rules see as `country` where `custom` has none. Default: the seed's, or none. */
  country?: string | undefined
  /** Users, rules and defaults to start with; `reset()` goes back to them. */
  seed?: Seed | undefined
  /**
   * Users without an authenticator: 'follow-rules' challenges them where a rule says so, 'allow' gives them ALLOW
   * instead of CHALLENGE_REQUIRED, as Authsignal does by default. Other outcomes apply to everyone. Default 'follow-rules'.
   */
  unenrolled?: 'allow' | 'follow-rules' | undefined
}

export interface Emulator {
  /** Where the pages are, such as `http://localhost:4100`: by name, as browsers make no passkeys for an IP address. */
  readonly url: string
  /** What to give a client, such as `http://127.0.0.1:4100/v1`. */
  readonly apiUrl: string
  readonly apiSecretKey: string
  readonly rules: {
    /**
     * Decides every later action with this code, whatever rules are defined; `*` stands for all codes without rules
     * or a default. Without any: ALLOW. Undefined takes it back. A call whose function gives no outcome is answered
     * with 500.
     *
     * @throws TypeError for what is no action code (1 to 64 letters, digits, _ or -), and no rule
     */
    set(actionCode: string, rule: Rule | undefined): void
    /** Rules in their JSON form; the first that matches decides. Replaces those that stood for the code, or `*`. */
    define(actionCode: string, rules: readonly RuleDefinition[]): void
    /** Decides where no rule of the code, or `*`, matches. */
    setDefault(actionCode: string, outcome: Outcome): void
  }
  /** All actions tracked so far, oldest first. */
  readonly actions: readonly TrackedAction[]
  readonly challenges: {
    /**
     * Plays a user who passes, by the first of the user's own methods where none is given. Rejects where no such action
     * awaits its user: one that was allowed, blocked, or has passed or failed already.
     */
    succeed(idempotencyKey: string, options?: { verificationMethod?: VerificationMethod | undefined }): Promise<void>
    /** Plays a user who fails. Rejects as `succeed` does. */
    fail(idempotencyKey: string): Promise<void>
  }
  readonly users: readonly User[]
  /** The codes sent so far, oldest first. */
  readonly outbox: readonly OutboxMessage[]
  readonly faults: {
    /**
     * Applies to the next `times` API calls (default 1, and Infinity where a share is given); several are taken in
     * the order they were given.
     *
     * @throws TypeError for a fault by which nothing goes wrong, and for what is no fault
     */
    next(fault: Fault, times?: number): void
    clear(): void
  }
  /** Every API request so far, oldest first. Authorization headers are not kept. */
  readonly requests: readonly RecordedRequest[]
  readonly webhooks: {
    /** From now on; undefined: none are sent. */
    setUrl(url: string | undefined): void
    /** All so far, oldest first, each a snapshot. */
    readonly deliveries: readonly WebhookDelivery[]
    /** When none is under way any more, retries included. */
    settled(): Promise<void>
  }
  /**
   * Forgets everything but the seed: actions, users, codes, sessions, requests, rules, faults and webhooks. API calls
   * that are under way leave nothing behind, and are answered with 503.
   */
  reset(): void
  /** Stops; open connections are destroyed and waiting answers dropped. */
  close(): Promise<void>
}
