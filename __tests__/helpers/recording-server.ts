import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { listen } from './listen'

/** A request as it came over the wire. */
interface RecordedRequest {
  method: string
  /** As it was sent, percent-encoded, without its query. */
  path: string
  /** As it was sent, with its `?`; '' where there was none. */
  query: string
  headers: IncomingMessage['headers']
  /** The parsed JSON; undefined where nothing was sent. */
  body: unknown
}

interface Answer {
  status?: number
  body?: unknown
}

export interface RecordingServer {
  apiUrl: string
  /** All so far, oldest first. */
  requests: RecordedRequest[]
  /** Answers the next requests so, in this order, instead of by their path. */
  next(...answers: Answer[]): void
  /** Forgets the requests, and the answers that were not taken. */
  reset(): void
  close(): Promise<void>
}

/** Writes down every request, and answers what the API might say to one at that path. */
export async function startRecordingServer(): Promise<RecordingServer> {
  const requests: RecordedRequest[] = []
  const answers: Answer[] = []
  const record = async (req: IncomingMessage, res: ServerResponse) => {
    const sent = await text(req)
    const { method = '', url = '', headers } = req
    const [path = '', ...query] = url.split(/(?=\?)/)
    const body = sent === '' ? undefined : (JSON.parse(sent) as unknown)
    requests.push({ method, path, query: query.join(''), headers, body })
    send(res, answers.shift() ?? usualAnswer(method, path))
  }
  const server = await listen(createServer((req, res) => void record(req, res)))
  return {
    apiUrl: `${server.url}/v1`,
    requests,
    next: (...more) => {
      answers.push(...more)
    },
    reset: () => {
      requests.length = answers.length = 0
    },
    close: () => server.close(),
  }
}

function send(res: ServerResponse, { status, body }: Answer): void {
  const nothing = body === undefined
  res.writeHead(status ?? (nothing ? 204 : 200), nothing ? {} : { 'content-type': 'application/json' })
  res.end(nothing ? undefined : JSON.stringify(body))
}

const at = '2026-01-02T03:04:05.000Z'
const authenticator = { userId: 'alice', userAuthenticatorId: 'a1', verificationMethod: 'SMS', createdAt: at }
const tokens = { accessToken: 'access', refreshToken: 'refresh' }
const succeeded = { state: 'CHALLENGE_SUCCEEDED', stateUpdatedAt: at, verificationMethod: 'PASSKEY' }

const user = '/v1/users/[^/]+'
const ANSWERS: [method: string, path: string, body: unknown][] = [
  [
    'POST',
    `${user}/actions/[^/]+`,
    { state: 'CHALLENGE_REQUIRED', idempotencyKey: 'k1', url: 'https://mfa.example/?token=t', token: 't' },
  ],
  ['GET', `${user}/actions/[^/]+/[^/]+`, { ...succeeded, createdAt: at, rules: [] }],
  ['PATCH', `${user}/actions/[^/]+/[^/]+`, { state: 'REVIEW_SUCCEEDED' }],
  ['GET', `${user}/actions`, [{ actionCode: 'transfer', idempotencyKey: 'k1', createdAt: at, state: 'ALLOW' }]],
  ['GET', `${user}/authenticators`, [authenticator]],
  ['POST', `${user}/authenticators`, { authenticator, recoveryCodes: ['r1'] }],
  ['GET', user, { isEnrolled: true, email: 'alice@example.com', enrolledVerificationMethods: ['SMS'] }],
  ['PATCH', user, { email: 'alice@example.com' }],
  ['GET', '/v1/users', { users: [{ userId: 'alice', emailVerified: true, phoneNumberVerified: false }] }],
  ['POST', '/v1/validate', { isValid: true, actionCode: 'transfer', userId: 'alice', ...succeeded }],
  ['POST', '/v1/challenge', { challengeId: 'c1', idempotencyKey: 'k1', expiresAt: 1_767_323_045 }],
  ['POST', '/v1/verify', { isVerified: true, email: 'alice@example.com', verificationMethod: 'EMAIL_OTP' }],
  ['POST', '/v1/claim', { token: 't', verificationMethod: 'EMAIL_OTP' }],
  ['GET', '/v1/challenges', { challengeId: 'c1', verificationMethod: 'EMAIL_OTP', action: 'signUp' }],
  ['POST', '/v1/sessions', tokens],
  [
    'POST',
    '/v1/sessions/validate',
    { user: { userId: 'alice' }, expiresAt: 1_767_323_045, verificationMethod: 'PASSKEY' },
  ],
  ['POST', '/v1/sessions/refresh', tokens],
]

/** 204 to what is not in the table: deletions and revocations. */
function usualAnswer(method: string, path: string): Answer {
  const found = ANSWERS.find(([theirs, pattern]) => theirs === method && new RegExp(`^${pattern}$`).test(path))
  return { body: found?.[2] }
}
