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
  idempotencyKey?: string
  redirectUrl?: string
  redirectToSettings?: boolean
  ipAddress?: string
  userAgent?: string
  deviceId?: string
  scope?: string
  email?: string
  phoneNumber?: string
  username?: string
  custom?: CustomData
  challengeId?: string
  locale?: string
  customDomain?: string
}

export interface TrackRequest {
  userId: string
  action: string
  attributes?: TrackAttributes
}

export interface TrackResponse {
  state: ActionState | Later
  idempotencyKey: string
  url?: string
  token?: string
  isEnrolled?: boolean
  enrolledVerificationMethods?: (VerificationMethod | Later)[]
  allowedVerificationMethods?: (VerificationMethod | Later)[]
  defaultVerificationMethod?: VerificationMethod | Later
  ruleIds?: string[]
}

export interface GetActionRequest {
  userId: string
  action: string
  idempotencyKey: string
}

export interface GetActionResponse {
  state: ActionState | Later
  stateUpdatedAt?: string
  createdAt?: string
  verificationMethod?: VerificationMethod | Later
  rules?: unknown[]
  output?: unknown
}

export interface GetUserRequest {
  userId: string
  /** Where the self-service page, `url` in the answer, sends the user back to. */
  redirectUrl?: string
}

export interface UserAttributes {
  email?: string
  emailVerified?: boolean
  phoneNumber?: string
  phoneNumberVerified?: boolean
  username?: string
  displayName?: string
  custom?: CustomData
  locale?: string
}

export interface GetUserResponse extends Omit<UserAttributes, 'locale'> {
  /** False for a user whom the API does not know. */
  isEnrolled: boolean
  url?: string
  enrolledVerificationMethods?: (VerificationMethod | Later)[]
  allowedVerificationMethods?: (VerificationMethod | Later)[]
}

export interface IdentifyRequest {
  userId: string
  attributes: UserAttributes
}

export interface EnrollVerifiedAuthenticatorRequest {
  userId: string
  attributes: {
    verificationMethod: VerificationMethod
    phoneNumber?: string
    email?: string
    isDefault?: boolean
  }
}

export interface UserAuthenticator {
  userId: string
  userAuthenticatorId: string
  verificationMethod: VerificationMethod | Later
  createdAt: string
  verifiedAt?: string
  lastVerifiedAt?: string
  phoneNumber?: string
  email?: string
  username?: string
  displayName?: string
  webauthnCredential?: Record<string, unknown>
}

export interface EnrollVerifiedAuthenticatorResponse {
  authenticator: UserAuthenticator
  recoveryCodes?: string[]
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
  fromDate?: string
  actionCodes?: string[]
  state?: ActionState
}

export type QueryUserActionsResponse = {
  actionCode: string
  idempotencyKey: string
  createdAt: string
  updatedAt?: string
  state: ActionState | Later
  stateUpdatedAt?: string
  verificationMethod?: VerificationMethod | Later
  verifiedByAuthenticatorId?: string
}[]

export interface QueryUsersRequest {
  username?: string
  email?: string
  phoneNumber?: string
  token?: string
  limit?: number
  lastEvaluatedUserId?: string
}

export interface QueryUsersResponse {
  users: {
    userId: string
    email?: string
    emailVerified: boolean
    phoneNumber?: string
    phoneNumberVerified: boolean
    username?: string
  }[]
  lastEvaluatedUserId?: string
  tokenPayload?: Record<string, unknown>
}

export interface DeleteAuthenticatorRequest {
  userId: string
  userAuthenticatorId: string
}

export interface ValidateChallengeRequest {
  /** The token on the redirect, or `track`'s own. */
  token: string
  userId?: string
  action?: string
}

export interface ValidateChallengeResponse {
  /** True in CHALLENGE_SUCCEEDED alone. */
  isValid: boolean
  state?: ActionState | Later
  stateUpdatedAt?: string
  userId?: string
  action?: string
  idempotencyKey?: string
  verificationMethod?: VerificationMethod | Later
  veriffSessionId?: string
  error?: string
}

type CodeMethod = 'SMS' | 'EMAIL_OTP' | 'WHATSAPP'

export interface ChallengeRequest {
  verificationMethod?: CodeMethod
  action?: string
  challengeId?: string
  idempotencyKey?: string
  userId?: string
  email?: string
  phoneNumber?: string
  smsChannel?: 'WHATSAPP' | 'DEFAULT'
  locale?: string
  deviceId?: string
  ipAddress?: string
  userAgent?: string
  custom?: CustomData
  scope?: string
}

export interface ChallengeResponse {
  challengeId: string
  idempotencyKey: string
  expiresAt: number
}

export interface VerifyRequest {
  challengeId: string
  verificationCode: string
}

export interface VerifyResponse {
  isVerified: boolean
  email?: string
  phoneNumber?: string
  verificationMethod?: CodeMethod
  failureReason?: 'CODE_INVALID_OR_EXPIRED' | 'MAX_ATTEMPTS_EXCEEDED' | Later
}

export interface ClaimChallengeRequest {
  challengeId: string
  userId: string
  skipVerificationCheck?: boolean
}

export interface ClaimChallengeResponse {
  token: string
  verificationMethod: VerificationMethod | Later
}

export interface GetChallengeRequest {
  challengeId?: string
  userId?: string
  action?: string
  verificationMethod?: VerificationMethod
}

export interface GetChallengeResponse {
  challengeId?: string
  expiresAt?: number
  verificationMethod?: VerificationMethod | Later
  smsChannel?: 'WHATSAPP' | 'DEFAULT'
  phoneNumber?: string
  email?: string
  action?: string
}

export interface CreateSessionRequest {
  clientId: string
  token: string
  action?: string
}

export interface SessionTokens {
  accessToken: string
  refreshToken: string
}

export interface ValidateSessionRequest {
  accessToken: string
  clientIds?: string[]
}

export interface ValidateSessionResponse {
  user: { userId: string } & UserAttributes
  expiresAt: number
  verificationMethod: VerificationMethod | Later
}
