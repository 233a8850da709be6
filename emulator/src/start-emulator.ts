import { setMaxListeners } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp } from './app'
import { type Configuration, parseOptions } from './options'
import { parseSucceedOptions } from './schema/succeed-schema'
import { plant } from './tenant/plant'
import { Tenant } from './tenant/tenant'
import type { Emulator, EmulatorOptions } from './types'

/**
 * Starts a local Authsignal that keeps everything in memory.
 *
 * @throws TypeError for an unknown or impossible option; Error where the port is taken, or NODE_ENV is production
 * @example
 * const emulator = await startEmulator()
 * emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
 * const authsignal = new Authsignal({ apiSecretKey: emulator.apiSecretKey, apiUrl: emulator.apiUrl })
 */
export async function startEmulator(options?: EmulatorOptions): Promise<Emulator> {
  const configuration = parseOptions(options)
  refuseProduction()
  const server = await listen(configuration)
  const tenant = new Tenant(pagesUrlOf(server), { ...configuration, apiUrl: `${addressOf(server)}/v1` })
  furnish(tenant, configuration)
  const closing = new AbortController()
  // Every call that waits for its latency listens.
  setMaxListeners(0, closing.signal)
  const reset = (): void => {
    tenant.reset()
    furnish(tenant, configuration)
  }
  server.on('request', createApp(tenant, closing.signal, reset))
  return present(tenant, reset, () => {
    closing.abort()
    tenant.webhooks.stop()
    return closeServer(server)
  })
}

/** The seed goes first: what was there from the start is no news to a webhook. */
function furnish(tenant: Tenant, { seed, webhookUrl }: Configuration): void {
  tenant.setWebhookUrl(undefined)
  plant(tenant, seed)
  tenant.setWebhookUrl(webhookUrl)
}

function refuseProduction(): void {
  if (process.env.NODE_ENV === 'production') {
    throw new Error(
      'The Authsignal emulator is for development and tests: it refuses to start with NODE_ENV=production',
    )
  }
}

function listen({ port, host }: Configuration): Promise<Server> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(listenError(port, host, cause))
    })
    server.listen(port, host, () => {
      resolve(server)
    })
  })
}

/** With the code that Node gave it, by which a caller may try the next port. */
function listenError(port: number, host: string, cause: NodeJS.ErrnoException): Error {
  const message =
    cause.code === 'EADDRINUSE'
      ? `Port ${port} on ${host} is already in use: stop what listens there, or choose another port`
      : `The emulator can't listen on port ${port} of the host '${host}': ${cause.message}`
  return Object.assign(new Error(message, { cause }), { code: cause.code })
}

/** Passkeys need a name: a browser makes none for an IP address. */
function pagesUrlOf(server: Server): string {
  return addressOf(server).replace(/(127\.0\.0\.1|\[::1\])(?=:\d+$)/, 'localhost')
}

function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo
  // An unspecified address is one to listen on, not one to visit.
  const visited = { '0.0.0.0': '127.0.0.1', '::': '::1' }[address] ?? address
  return `http://${visited.includes(':') ? `[${visited}]` : visited}:${port}`
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve()
    })
    server.closeAllConnections()
  })
}

function present(tenant: Tenant, reset: () => void, stop: () => Promise<void>): Emulator {
  let closed: Promise<void> | undefined
  return {
    url: tenant.url,
    apiUrl: tenant.apiUrl,
    apiSecretKey: tenant.apiSecretKey,
    rules: {
      set: (actionCode, rule) => {
        tenant.rules.set(actionCode, rule)
      },
      define: (actionCode, rules) => {
        tenant.rules.define(actionCode, rules)
      },
      setDefault: (actionCode, outcome) => {
        tenant.rules.setDefault(actionCode, outcome)
      },
    },
    challenges: {
      succeed: async (idempotencyKey, options) => {
        const { verificationMethod } = parseSucceedOptions(options)
        const action = tenant.actions.awaitingChallenge(idempotencyKey)
        tenant.challenges.succeed(action, verificationMethod)
        await tenant.actions.settled(action)
      },
      fail: async (idempotencyKey) => {
        tenant.challenges.fail(tenant.actions.awaitingChallenge(idempotencyKey))
      },
    },
    faults: {
      next: (fault, times) => {
        tenant.faults.next(fault, times)
      },
      clear: () => {
        tenant.faults.clear()
      },
    },
    webhooks: {
      setUrl: (url) => {
        tenant.setWebhookUrl(url)
      },
      get deliveries() {
        return tenant.webhooks.deliveries()
      },
      settled: () => tenant.webhooks.settled(),
    },
    get actions() {
      return tenant.actions.all()
    },
    get users() {
      return tenant.users.all()
    },
    get outbox() {
      return tenant.outbox.messages()
    },
    get requests() {
      return tenant.requests.all()
    },
    reset,
    close: () => (closed ??= stop()),
  }
}
