import type { Configuration } from './configuration'
import { asError, misconfigured, typeInWords } from './errors'
import { makeGate, type Gate } from './guard'
import { answerError } from './flow/respond'
import { handOn } from './hand-on'
import type { GuardedRequest, GuardedResponse, Next } from './http'
import type { ActionCode, GuardOptions } from './options'

/* Parameters of handlers, and of classes' constructors, are of the framework's own types and of the app's. */
/* eslint-disable @typescript-eslint/no-explicit-any */

/** A handler of requests: `(req, res, next)`, of any framework's types. */
export type StepUpHandler = (req: any, res: any, next: any) => unknown

/** Its constructor may be private. */
type AnyClass = { readonly prototype: object }

/** For a handler method, or a class whose methods are handlers; as a standard decorator and with `experimentalDecorators`. */
export interface StepUpDecorator {
  <Method extends StepUpHandler>(method: Method, context: ClassMethodDecoratorContext<any, Method>): Method
  <Method extends StepUpHandler>(
    owner: object,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<Method>,
  ): TypedPropertyDescriptor<Method>
  (decorated: AnyClass, context?: ClassDecoratorContext<any>): void
}

/* eslint-enable @typescript-eslint/no-explicit-any */

type Method = (this: unknown, ...args: unknown[]) => unknown
type HandlerArguments = [req: GuardedRequest, res: GuardedResponse, next: Next]

/** Methods that have a guard already, which one on their class leaves alone; and classes that have one. */
const alreadyGuarded = new WeakSet<object>()

/** A guard before a handler. `this`, the arguments and the handler's name are kept. */
export function makeWithStepUp<Handler extends StepUpHandler>(
  shared: Configuration,
  actionCode: ActionCode,
  handler: Handler,
  options?: GuardOptions,
): Handler {
  if (typeof (options as unknown) === 'function')
    throw misconfigured('withStepUp takes (actionCode, handler, options), in this order.')
  const gate = makeGate(shared, actionCode, options)
  return guarded(gate, handler, "withStepUp's handler", answerError) as unknown as Handler
}

/** One guard, made here, for the method that is decorated; for a class, one that each request passes once. */
export function makeStepUp(shared: Configuration, actionCode: ActionCode, options?: GuardOptions): StepUpDecorator {
  if (isClass(actionCode) || isContext(options)) throw misconfigured("Write @stepUp('actionCode'), not @stepUp alone.")
  const gate = makeGate(shared, actionCode, options)
  return function stepUpDecorator(target: unknown, nameOrContext?: unknown, descriptor?: unknown): unknown {
    const kind = kindOf(target, nameOrContext, descriptor)
    if (kind !== 'method' && kind !== 'class') throw misplaced(kind)
    if (kind === 'method') return guardMethod(gate, target, descriptor)
    guardClass(gate, target as ClassLike)
    return undefined
  } as StepUpDecorator
}

/** What is decorated. Standard decorators are told by their context, the older ones by what they are called with. */
function kindOf(target: unknown, second: unknown, descriptor: unknown): string {
  if (isContext(second)) return second.kind
  if (second === undefined) return isClass(target) ? 'class' : typeInWords(target)
  if (typeof descriptor === 'number') return 'parameter'
  const { value, get, set } = (descriptor ?? {}) as Record<string, unknown>
  if (get ?? set) return 'getter or setter'
  return typeof value === 'function' ? 'method' : 'field'
}

function isContext(value: unknown): value is { kind: string } {
  return typeof (value as { kind?: unknown } | null | undefined)?.kind === 'string'
}

function misplaced(kind: string): Error {
  return misconfigured(
    `stepUp decorates methods and classes, and was put on something else (${kind}). For a field that holds a function, wrap that: ` +
      "handle = withStepUp('actionCode', async (req, res) => { … }).",
  )
}

/** A standard decorator gives the method that takes its place, an older one its descriptor. */
function guardMethod(gate: Gate, target: unknown, descriptor: unknown): unknown {
  if (typeof descriptor !== 'object' || descriptor === null) return guarded(gate, target, 'The method')
  return { ...descriptor, value: guarded(gate, (descriptor as { value?: unknown }).value, 'The method') }
}

/** How a refusal is told where no `next` was handed on: thrown to the caller, or answered, for a bare server. */
type Refuse = (res: GuardedResponse, error: unknown) => void

const rejecting: Refuse = (_res, error) => {
  throw error
}

function guarded(gate: Gate, handler: unknown, what: string, refuse: Refuse = rejecting): Method {
  if (typeof handler !== 'function') throw misconfigured(`${what} is ${typeInWords(handler)}; give a function.`)
  if (handler.length > 3)
    throw misconfigured(`${what} takes ${handler.length} parameters; give a handler of (req, res, next).`)
  const method = handler as Method
  return replacing(method, async function (...args) {
    if (!isExchange(args)) throw misconfigured(`${method.name} has a guard, and was called without a request.`)
    await askBefore(gate, args, () => method.apply(this, args), refuse)
  })
}

/** Calls the handler where the gate lets the request through. Whatever goes wrong goes to `next`, in Express 4 too. */
async function askBefore(
  gate: Gate,
  [req, res, next]: HandlerArguments,
  handle: () => unknown,
  refuse: Refuse = rejecting,
): Promise<void> {
  let on: boolean
  try {
    on = await gate(req, res)
  } catch (error) {
    if (isNext(next)) handOn(error, res, next)
    else refuse(res, error)
    return
  }
  if (on) await settle(handle, next)
}

/** Errors are the caller's where a method calls another, as by `super`, without handing `next` on. */
async function settle(handle: () => unknown, next: Next): Promise<void> {
  try {
    await handle()
  } catch (error) {
    if (!isNext(next)) throw error
    next(asError(error))
  }
}

function isNext(next: unknown): boolean {
  return typeof next === 'function'
}

type ClassLike = Record<string | symbol, unknown> & { prototype: object }

/**
 * Nothing tells a handler from another method, so all are guarded, inherited and static ones too, whenever they are
 * called with a request; called with anything else they are no handlers, and run as they are.
 */
function guardClass(gate: Gate, decorated: ClassLike): void {
  if (alreadyGuarded.has(decorated)) throw misconfigured('The class has two @stepUp; the outer would guard nothing.')
  alreadyGuarded.add(decorated)
  const passed = new WeakSet()
  const once: Gate = async (req, res) => {
    const on = await gate(req, res)
    if (on) passed.add(req)
    return on
  }
  for (const owner of [decorated.prototype, decorated])
    for (const [name, descriptor] of methodsOf(owner)) {
      const method = descriptor.value as Method
      const value = replacing(method, function (...args) {
        const handle = () => method.apply(this, args)
        if (!isExchange(args)) return handle()
        const [req, , next] = args
        if (!passed.has(req)) return askBefore(once, args, handle)
        // The next handler of the same chain, or a method that another calls.
        return isNext(next) ? settle(handle, next) : handle()
      })
      Object.defineProperty(owner, name, { ...descriptor, value })
    }
}

function methodsOf(owner: object): Map<string | symbol, PropertyDescriptor> {
  const found = new Map<string | symbol, PropertyDescriptor>()
  for (let at: object | null = owner; at && !BUILT_IN.has(at); at = Object.getPrototypeOf(at) as object | null)
    for (const name of Reflect.ownKeys(at)) {
      const descriptor = Object.getOwnPropertyDescriptor(at, name)
      // The nearest counts; it may be one that is no method.
      if (descriptor && !found.has(name)) found.set(name, descriptor)
    }
  for (const [name, { value }] of found as Map<string | symbol, { value?: unknown }>)
    if (typeof value !== 'function' || isClass(value) || alreadyGuarded.has(value)) found.delete(name)
  return found
}

const BUILT_IN = new Set<object>([Object.prototype, Function.prototype])

function replacing(method: Method, replacement: Method): Method {
  const { name, length } = method
  if (isMarked(method))
    throw misconfigured(
      `Another decorator has noted something on ${name}, a guard of its own say, which stepUp would take away. Put @stepUp ` +
        'on each method, below all others.',
    )
  Object.defineProperties(replacement, {
    name: { value: name, configurable: true },
    // Express tells an error handler by its four parameters.
    length: { value: length, configurable: true },
  })
  alreadyGuarded.add(replacement)
  return replacement
}

/** By reflect-metadata, as NestJS notes guards and routes: on the function, and so not on what takes its place. */
function isMarked(method: Method): boolean {
  const { getOwnMetadataKeys } = Reflect as { getOwnMetadataKeys?: (target: object) => unknown[] }
  return (getOwnMetadataKeys?.(method).length ?? 0) > 0
}

function isExchange(args: unknown[]): args is HandlerArguments {
  const [req, res] = args as [Partial<GuardedRequest> | undefined, Partial<GuardedResponse> | undefined]
  return typeof req?.headers === 'object' && typeof res?.setHeader === 'function'
}

/** A method's source begins with its name, which may be `classes`: but no method has a prototype. */
function isClass(value: unknown): boolean {
  if (typeof value !== 'function' || !Object.hasOwn(value, 'prototype')) return false
  return Function.prototype.toString.call(value).startsWith('class')
}
