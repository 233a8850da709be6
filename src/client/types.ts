/* Requests and answers, named as in the published Node SDK, so that either client can stand in for the other.
   Answers keep the fields that this version does not know. */

/** The states of an action. Whatever else arrives is unknown, and never means ALLOW. */
export type ActionState =
  | 'ALLOW'
  | 'BLOCK'
  | 'CHALLENGE_REQUIRED'
  | 'CHALLENGE_SUCCEEDED'
  | 'CHALLENGE_FAILED'
  | 'REVIEW_REQUIRED'
  | 'REVIEW_SUCCEEDED'
  | 'REVIEW_FAILED'

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

/** A value of a later version of the API. */
type Later = string & {}

export type CustomData = Record<string, unknown>

export interface TrackAttributes {
  /** Names the action: tracking it again under the same key does not start a second one. */
  idempotencyKey?: string | undefined
  redirectUrl?: string | undefined
  redirectToSettings?: boolean | undefined
  ipAddress?: string | undefined
  userAgent?: string | undefined
  deviceId?: string | undefined
  scope?: string | undefined
  email?: string | undefined
  phoneNumber?: string | undefined
  username?: string | undefined
  custom?: CustomData | undefined
  challengeId?: string | undefined
  locale?: string | undefined
  customDomain?: string | undefined
}

export interface TrackRequest {
  userId: string
  action: string
  attributes?: TrackAttributes | undefined
}

export interface TrackResponse {
  state: ActionState | Later
  idempotencyKey: string
  url?: string | undefined
  token?: string | undefined
  isEnrolled?: boolean | undefined
  enrolledVerificationMethods?: (VerificationMethod | Later)[] | undefined
  allowedVerificationMethods?: (VerificationMethod | Later)[] | undefined
  defaultVerificationMethod?: VerificationMethod | Later | undefined
  ruleIds?: string[] | undefined
}

export interface GetActionRequest {
  userId: string
  action: string
  idempotencyKey: string
}

export interface GetActionResponse {
  state: ActionState | Later
  stateUpdatedAt?: string | undefined
  createdAt?: string | undefined
  verificationMethod?: VerificationMethod | Later | undefined
  rules?: unknown[] | undefined
  output?: unknown
}

export interface GetUserRequest {
  userId: string
  /** Where the self-service page, `url` in the answer, sends the user back to. */
  redirectUrl?: string | undefined
}

export interface UserAttributes {
  email?: string | undefined
  emailVerified?: boolean | undefined
  phoneNumber?: string | undefined
  phoneNumberVerified?: boolean | undefined
  username?: string | undefined
  displayName?: string | undefined
  custom?: CustomData | undefined
  locale?: string | undefined
}

export interface GetUserResponse extends Omit<UserAttributes, 'locale'> {
  /** False for a user whom the API does not know. */
  isEnrolled: boolean
  url?: string | undefined
  enrolledVerificationMethods?: (VerificationMethod | Later)[] | undefined
  allowedVerificationMethods?: (VerificationMethod | Later)[] | undefined
}

export interface IdentifyRequest {
  userId: string
  attributes: UserAttributes
}

export interface EnrollVerifiedAuthenticatorRequest {
  userId: string
  attributes: {
    verificationMethod: VerificationMethod
    phoneNumber?: string | undefined
    email?: string | undefined
    isDefault?: boolean | undefined
  }
}

export interface UserAuthenticator {
  userId: string
  userAuthenticatorId: string
  verificationMethod: VerificationMethod | Later
  createdAt: string
  verifiedAt?: string | undefined
  lastVerifiedAt?: string | undefined
  phoneNumber?: string | undefined
  email?: string | undefined
  username?: string | undefined
  displayName?: string | undefined
  webauthnCredential?: Record<string, unknown> | undefined
}

export interface EnrollVerifiedAuthenticatorResponse {
  authenticator: UserAuthenticator
  recoveryCodes?: string[] | undefined
}

export interface UpdateActionRequest extends GetActionRequest {
  attributes: ActionAttributes
}

export interface ActionAttributes {
  state: ActionState
}

export interface QueryUserActionsRequest {
  userId: string
  /** ISO 8601. */
  fromDate?: string | undefined
  actionCodes?: string[] | undefined
  state?: ActionState | undefined
}

export type QueryUserActionsResponse = {
  actionCode: string
  idempotencyKey: string
  createdAt: string
  updatedAt?: string | undefined
  state: ActionState | Later
  stateUpdatedAt?: string | undefined
  verificationMethod?: VerificationMethod | Later | undefined
  verifiedByAuthenticatorId?: string | undefined
}[]

export interface QueryUsersRequest {
  username?: string | undefined
  email?: string | undefined
  phoneNumber?: string | undefined
  token?: string | undefined
  limit?: number | undefined
  lastEvaluatedUserId?: string | undefined
}

export interface QueryUsersResponse {
  users: {
    userId: string
    email?: string | undefined
    emailVerified: boolean
    phoneNumber?: string | undefined
    phoneNumberVerified: boolean
    username?: string | undefined
  }[]
  lastEvaluatedUserId?: string | undefined
  tokenPayload?: Record<string, unknown> | undefined
}

export interface DeleteAuthenticatorRequest {
  userId: string
  userAuthenticatorId: string
}

export interface ValidateChallengeRequest {
  /** The token on the redirect, or `track`'s own. */
  token: string
  userId?: string | undefined
  action?: string | undefined
}

export interface ValidateChallengeResponse {
  /** True in CHALLENGE_SUCCEEDED alone. */
  isValid: boolean
  state?: ActionState | Later | undefined
  stateUpdatedAt?: string | undefined
  userId?: string | undefined
  action?: string | undefined
  idempotencyKey?: string | undefined
  verificationMethod?: VerificationMethod | Later | undefined
  veriffSessionId?: string | undefined
  error?: string | undefined
}

type CodeMethod = 'SMS' | 'EMAIL_OTP' | 'WHATSAPP'

export interface ChallengeRequest {
  verificationMethod?: CodeMethod | undefined
  action?: string | undefined
  challengeId?: string | undefined
  idempotencyKey?: string | undefined
  userId?: string | undefined
  email?: string | undefined
  phoneNumber?: string | undefined
  smsChannel?: 'WHATSAPP' | 'DEFAULT' | undefined
  locale?: string | undefined
  deviceId?: string | undefined
  ipAddress?: string | undefined
  userAgent?: string | undefined
  custom?: CustomData | undefined
  scope?: string | undefined
}

export interface ChallengeResponse {
  challengeId: string
  idempotencyKey: string
  /** In seconds since 1970. */
  expiresAt: number
}

export interface VerifyRequest {
  challengeId: string
  verificationCode: string
}

export interface VerifyResponse {
  isVerified: boolean
  email?: string | undefined
  phoneNumber?: string | undefined
  verificationMethod?: CodeMethod | undefined
  failureReason?: 'CODE_INVALID_OR_EXPIRED' | 'MAX_ATTEMPTS_EXCEEDED' | Later | undefined
}

export interface ClaimChallengeRequest {
  challengeId: string
  userId: string
  skipVerificationCheck?: boolean | undefined
}

export interface ClaimChallengeResponse {
  token: string
  verificationMethod: VerificationMethod | Later
}

export interface GetChallengeRequest {
  challengeId?: string | undefined
  userId?: string | undefined
  action?: string | undefined
  verificationMethod?: VerificationMethod | undefined
}

export interface GetChallengeResponse {
  challengeId?: string | undefined
  /** In seconds since 1970. */
  expiresAt?: number | undefined
  verificationMethod?: VerificationMethod | Later | undefined
  smsChannel?: 'WHATSAPP' | 'DEFAULT' | undefined
  phoneNumber?: string | undefined
  email?: string | undefined
  action?: string | undefined
}

export interface CreateSessionRequest {
  clientId: string
  token: string
  action?: string | undefined
}

export interface SessionTokens {
  accessToken: string
  refreshToken: string
}

export interface ValidateSessionRequest {
  accessToken: string
  clientIds?: string[] | undefined
}

export interface ValidateSessionResponse {
  user: { userId: string } & UserAttributes
  /** In seconds since 1970. */
  expiresAt: number
  verificationMethod: VerificationMethod | Later
}
