import express, { type NextFunction, type Request, type RequestHandler, type Response, type Router } from 'express'
import { frozen } from '../tenant/frozen'
import { Forgotten } from '../tenant/generation'
import type { Tenant } from '../tenant/tenant'
import type { ApiCall } from '../types'
import { getAction, queryUserActions, track, updateAction } from './actions'
import { ApiError, invalidRequest, notFound, unauthorized } from './api-error'
import { deleteAuthenticator, enrollVerifiedAuthenticator, getAuthenticators } from './authenticators'
import type { Call, Json } from './call'
import { causeFault, sendHalf } from './cause-fault'
import { challenge, claimChallenge, getChallenge, verify } from './code-challenges'
import { faultHeader, readFaultHeader } from './fault-header'
import { createSession, refreshSession, revokeSession, revokeUserSessions, validateSession } from './sessions'
import { deleteUser, getUser, queryUsers, updateUser } from './users'
import { validateChallenge } from './validate-challenge'

const bodyLimit = '256kb'

const user = '/users/:userId'
const action = `${user}/actions/:actionCode`
const routes: [ApiCall, 'get' | 'post' | 'patch' | 'delete', string, Call][] = [
  ['track', 'post', action, track],
  ['getAction', 'get', `${action}/:idempotencyKey`, getAction],
  ['updateAction', 'patch', `${action}/:idempotencyKey`, updateAction],
  ['queryUserActions', 'get', `${user}/actions`, queryUserActions],
  ['getUser', 'get', user, getUser],
  ['queryUsers', 'get', '/users', queryUsers],
  ['updateUser', 'patch', user, updateUser],
  ['updateUser', 'post', user, updateUser],
  ['deleteUser', 'delete', user, deleteUser],
  ['enrollVerifiedAuthenticator', 'post', `${user}/authenticators`, enrollVerifiedAuthenticator],
  ['getAuthenticators', 'get', `${user}/authenticators`, getAuthenticators],
  ['deleteAuthenticator', 'delete', `${user}/authenticators/:userAuthenticatorId`, deleteAuthenticator],
  ['validateChallenge', 'post', '/validate', validateChallenge],
  ['challenge', 'post', '/challenge', challenge],
  ['verify', 'post', '/verify', verify],
  ['claimChallenge', 'post', '/claim', claimChallenge],
  ['getChallenge', 'get', '/challenges', getChallenge],
  ['createSession', 'post', '/sessions', createSession],
  ['validateSession', 'post', '/sessions/validate', validateSession],
  ['refreshSession', 'post', '/sessions/refresh', refreshSession],
  ['revokeSession', 'post', '/sessions/revoke', revokeSession],
  ['revokeUserSessions', 'post', '/sessions/user/revoke', revokeUserSessions],
]

export function apiRouter(tenant: Tenant, closing: AbortSignal): Router {
  const router = express.Router({ caseSensitive: true })
  router.use(record(tenant))
  // Whatever the Content-Type: a client that forgot it gets an error it can read, or what it meant.
  router.use(express.json({ type: () => true, limit: bodyLimit }), recordBody)
  for (const [name, method, path, call] of routes) router[method](path, serve(tenant, closing, name, call))
  router.use((req) => {
    throw notFound(`There is no ${req.method} ${req.path} in this API.`)
  })
  router.use(answerError)
  return router
}

function serve(tenant: Tenant, closing: AbortSignal, name: ApiCall, call: Call): RequestHandler {
  return async function serveCall(req, res) {
    const isCurrent = tenant.generation.watch()
    const fault = readFaultHeader(req.get(faultHeader)) ?? tenant.faults.take(name)
    if (fault && (await causeFault(fault, res, closing))) return
    if (!isCurrent()) throw new Forgotten()
    authenticate(req, tenant.apiSecretKey)
    const params = req.params as Record<string, string>
    const answer = await call(tenant, { params, query: queryOf(req), body: bodyOf(req) })
    if (!isCurrent()) throw new Forgotten()
    if (fault?.truncate) sendHalf(res, answer)
    else if (answer === undefined) res.status(204).end()
    else res.json(answer)
  }
}

function record(tenant: Tenant): RequestHandler {
  return function recordRequest(req, res, next) {
    const recorded = tenant.requests.open(req.method, req.originalUrl)
    res.locals.recorded = recorded
    // 'close' comes without 'finish' where the connection was cut in the middle of an answer.
    for (const event of ['finish', 'close']) {
      res.once(event, () => {
        if (res.headersSent) recorded.status = res.statusCode
        tenant.events.emit('changed')
      })
    }
    next()
  }
}

function recordBody(req: Request, res: Response, next: NextFunction): void {
  const { recorded } = res.locals as { recorded: { body: unknown } }
  recorded.body = frozen(req.body as unknown)
  next()
}

function authenticate(req: Request, apiSecretKey: string): void {
  const [scheme = '', credentials = ''] = (req.get('authorization') ?? '').split(' ')
  const expected = `${apiSecretKey}:`
  const given = Buffer.from(credentials, 'base64').toString('utf8')
  if (scheme.toLowerCase() !== 'basic' || given !== expected) throw unauthorized()
}

function bodyOf(req: Request): Json {
  const body: unknown = req.body ?? {}
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalidRequest('The request body must be a JSON object.')
  }
  return body as Json
}

function queryOf(req: Request): Record<string, string> {
  return Object.fromEntries(new URL(req.originalUrl, 'http://emulator').searchParams)
}

function answerError(error: unknown, _req: Request, res: Response, next: NextFunction): void {
  if (res.headersSent) {
    next(error)
    return
  }
  const { status, body } = asApiError(error)
  res.status(status).json(body)
}

/** Errors of the router and the body parser know their status; all else is the test's own, such as a rule that threw. */
function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof Forgotten) return new ApiError(503, 'unavailable', error.message)
  const { status, type, message } = error as { status?: number; type?: string; message?: string }
  if (type === 'entity.too.large') return new ApiError(413, 'invalid_request', `The body is larger than ${bodyLimit}.`)
  if (type === 'entity.parse.failed') return invalidRequest('The request body is not valid JSON.')
  if (status !== undefined && status < 500) return new ApiError(status, 'invalid_request', String(message))
  return new ApiError(500, 'internal_error', `The emulator failed: ${message ?? String(error)}`)
}
