import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Emulator, Seed } from 'authsignal-emulator'
import { createAuthsignal } from 'authsignal-express'
import { createApp } from './app'
import { demoSeed } from './demo-seed'

export interface BankServer {
  url: string
  /** What its emulator has to start with: rules, and where webhooks go. */
  seed: Seed
  /** The Authsignal to ask. With a real account, give `createAuthsignal` its API URL and secret key instead. */
  serve(emulator: Emulator): void
  close(): Promise<void>
}

/**
 * A bank that listens, and serves nobody before it has its emulator: that starts later, for its seed names the bank's
 * address. 0, the default port, takes any free one.
 */
export async function openBank(port = 0): Promise<BankServer> {
  const server = createServer()
  const listeningOn = await listen(server, port)
  const url = `http://127.0.0.1:${listeningOn}`
  const baseUrl = [url, `http://localhost:${listeningOn}`]

  return {
    url,
    seed: demoSeed(`${url}/webhooks/authsignal`),
    serve: ({ apiUrl, apiSecretKey, url: challengeOrigin }) => {
      const authsignal = createAuthsignal({ apiUrl, apiSecretKey, baseUrl })
      server.on('request', createApp({ authsignal, challengeOrigin }))
    },
    close: () => close(server),
  }
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
