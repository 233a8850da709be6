import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Emulator } from 'authsignal-emulator'
import { createAuthsignal } from 'authsignal-express'
import { createApp } from './app'

export interface BankOptions {
  /** The Authsignal to ask. With a real account, give `createAuthsignal` its API URL and secret key instead. */
  emulator: Emulator
  /** 0, the default, takes any free port. */
  port?: number
  /** Where browsers find the bank, if not at the address that it listens on. */
  baseUrl?: string
}

export interface RunningBank {
  url: string
  close(): Promise<void>
}

export async function startBank({ emulator, port = 0, baseUrl }: BankOptions): Promise<RunningBank> {
  setDemoRules(emulator)
  const server = createServer()
  const listeningOn = await listen(server, port)
  const url = `http://127.0.0.1:${listeningOn}`

  const authsignal = createAuthsignal({
    apiUrl: emulator.apiUrl,
    apiSecretKey: emulator.apiSecretKey,
    baseUrl: baseUrl ?? [url, `http://localhost:${listeningOn}`],
  })
  emulator.webhooks.setUrl(`${url}/webhooks/authsignal`)
  server.on('request', createApp({ authsignal, challengeOrigin: emulator.url }))
  return { url, close: () => close(server) }
}

function setDemoRules({ rules }: Emulator): void {
  rules.set('viewStatement', 'ALLOW')
  rules.set('transfer', 'CHALLENGE_REQUIRED')
  rules.set('withdraw', ({ attributes }) => (Number(attributes.custom?.amount) > 200 ? 'BLOCK' : 'CHALLENGE_REQUIRED'))
  rules.set('changeSettings', 'CHALLENGE_REQUIRED')
  rules.set('manageSecurity', 'CHALLENGE_REQUIRED')
  rules.set('addPhone', 'CHALLENGE_REQUIRED')
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
