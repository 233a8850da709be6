import { makeCallback } from './callback'
import type { AuthsignalClient } from './client/client'
import { parseConfiguration, type Configuration } from './configuration'
import { parseActionCode } from './flow/action-code'
import { makeForget, type Forget } from './forget'
import { makeGuard } from './guard'
import { makeManage } from './manage'
import { makeStepUp, makeWithStepUp, type StepUpDecorator, type StepUpHandler } from './step-up'
import { makeWebhook } from './webhook'
import type { GuardedRequest, GuardedResponse, Middleware } from './http'
import type {
  ActionClient,
  ActionCode,
  AuthsignalOptions,
  CallbackOptions,
  GuardOptions,
  ManageOptions,
  WebhookHandlers,
  WebhookOptions,
} from './options'

type WithStepUp = <Handler extends StepUpHandler>(
  actionCode: ActionCode,
  handler: Handler,
  options?: GuardOptions,
) => Handler

/** All the parts, on one configuration. */
export interface Authsignal<Client extends ActionClient = ActionClient> {
  /** The client that the parts ask: an `AuthsignalClient`, or the one that was given. */
  client: Client
  /**
   * A middleware that asks whether this user may do this action now: the request goes on, is refused (an
   * `AuthsignalError` to `next`), or is sent to a challenge and comes back. Put it behind the session and the body parser.
   * Throws `ERR_AUTHSIGNAL_MISCONFIGURED` at an action code or an option that it can't work with.
   */
  guard: (actionCode: ActionCode, options?: GuardOptions) => Middleware
  /**
   * The way back from a challenge: `app.use(callbackPath, authsignal.callback())`, behind the session and before any
   * log-in check. It takes only GET and HEAD, and spends no pass for a request.
   */
  callback: (options?: CallbackOptions) => Middleware
  /**
   * Sends the signed-in user to the page where they set up and remove authenticators, and brings them back by the
   * callback. Nothing is granted by that. Put a guard before it.
   */
  manage: (options?: ManageOptions) => Middleware
  /**
   * Receives Authsignal's webhooks, checks their signature, and calls the handler of the event's type. Mount it before
   * `express.json()`. Asynchronous events run their handler at least once: see `WebhookHandlers`.
   */
  webhook: (handlers: WebhookHandlers, options?: WebhookOptions) => Middleware
  /**
   * A decorator that guards a method of a controller, or all methods of a class, static and inherited ones too, that have
   * no `stepUp` of their own. Standard decorators and `experimentalDecorators` both work. Throws
   * `ERR_AUTHSIGNAL_MISCONFIGURED` on anything but a method or a class, and where another decorator has noted something on
   * the method.
   */
  stepUp: (actionCode: ActionCode, options?: GuardOptions) => StepUpDecorator
  /** The handler with a guard before it. What it throws or rejects with goes to `next`, in Express 4 too. */
  withStepUp: WithStepUp
  /**
   * For log-out, before the answer is sent: this browser's windows and challenges, or those of the key that a client
   * without cookies shows, count no more. Rejects with `ERR_AUTHSIGNAL_UNAVAILABLE` where the store fails: they may then
   * count on; the browser has a new cookie all the same. And with `ERR_AUTHSIGNAL_MISCONFIGURED` where the request's host
   * is not in `baseUrl`. Call it for a user who is signed in, not for anybody.
   */
  forget: Forget
}

/**
 * One configuration for a guard, a callback and a client. Throws `ERR_AUTHSIGNAL_MISCONFIGURED` at an option that is
 * unknown, of the wrong type or missing.
 *
 * @example
 * const authsignal = createAuthsignal({ baseUrl: 'https://bank.example' })
 * app.use('/authsignal/callback', authsignal.callback())
 * app.post('/transfers', express.urlencoded(), authsignal.guard('transfer'), createTransfer)
 */
export function createAuthsignal(options?: AuthsignalOptions & { client?: undefined }): Authsignal<AuthsignalClient>
export function createAuthsignal<Client extends ActionClient>(
  options: AuthsignalOptions & { client: Client },
): Authsignal<Client>
export function createAuthsignal(options: AuthsignalOptions): Authsignal
export function createAuthsignal(options: AuthsignalOptions = {}): Authsignal {
  const shared: Configuration = parseConfiguration(options)
  return {
    client: shared.client,
    guard: (actionCode, guardOptions) => makeGuard(shared, actionCode, guardOptions),
    callback: (callbackOptions) => makeCallback(shared, callbackOptions),
    manage: (manageOptions) => makeManage(shared, manageOptions),
    webhook: (handlers, webhookOptions) => makeWebhook(shared, handlers, webhookOptions),
    stepUp: (actionCode, guardOptions) => makeStepUp(shared, actionCode, guardOptions),
    withStepUp: (actionCode, handler, guardOptions) => makeWithStepUp(shared, actionCode, handler, guardOptions),
    forget: makeForget(shared),
  }
}

let fromEnvironment: Authsignal | undefined

/** Made on first use, so that an app may load its environment first. */
function theDefault(): Authsignal {
  fromEnvironment ??= createAuthsignal()
  return fromEnvironment
}

/**
 * `Authsignal.guard` of an instance that is made from the environment on first use.
 *
 * @example
 * app.post('/transfers', express.urlencoded(), authsignalGuard('transfer'), createTransfer)
 */
export function authsignalGuard(actionCode: ActionCode, options?: GuardOptions): Middleware {
  // Before the environment is looked at: app.use(authsignalGuard) is told what is wrong with it.
  parseActionCode(actionCode)
  return theDefault().guard(actionCode, options)
}

/**
 * `Authsignal.callback` of the instance made from the environment.
 *
 * @example
 * app.use('/authsignal/callback', authsignalCallback())
 */
export function authsignalCallback(options?: CallbackOptions): Middleware {
  return theDefault().callback(options)
}

/**
 * `Authsignal.manage` of the instance made from the environment.
 *
 * @example
 * app.get('/security', authsignalGuard('manageAuthenticators'), authsignalManage({ returnTo: '/account' }))
 */
export function authsignalManage(options?: ManageOptions): Middleware {
  return theDefault().manage(options)
}

/**
 * `Authsignal.webhook` of the instance made from the environment.
 *
 * @example
 * app.use('/webhooks/authsignal', authsignalWebhook({ 'authenticator.created': ({ data }) => tellUser(data.userId) }))
 */
export function authsignalWebhook(handlers: WebhookHandlers, options?: WebhookOptions): Middleware {
  return theDefault().webhook(handlers, options)
}

/**
 * `Authsignal.forget` of the instance made from the environment, for log-out.
 *
 * @example
 * if (req.session.userId) await authsignalForget(req, res).catch(console.error)
 */
export function authsignalForget(req: GuardedRequest, res: GuardedResponse): Promise<void> {
  return theDefault().forget(req, res)
}

/**
 * `Authsignal.stepUp` of the instance made from the environment.
 *
 * @example
 * class Transfers {
 *   @stepUp('transfer')
 *   async create(req: Request, res: Response) {}
 * }
 */
export function stepUp(actionCode: ActionCode, options?: GuardOptions): StepUpDecorator {
  return theDefault().stepUp(actionCode, options)
}

/**
 * `Authsignal.withStepUp` of the instance made from the environment.
 *
 * @example
 * app.post('/transfers', express.urlencoded(), withStepUp('transfer', createTransfer))
 */
export function withStepUp<Handler extends StepUpHandler>(
  actionCode: ActionCode,
  handler: Handler,
  options?: GuardOptions,
): Handler {
  return theDefault().withStepUp(actionCode, handler, options)
}
