import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream/promises'
import { AuthsignalClient } from 'authsignal-express'
import axios from 'axios'
import { generate } from 'selfsigned'
import { sendJson, startFaultyServer, type FaultyServer } from '../helpers/faulty-server'

const apiSecretKey = 'a-secret-key'
const AT_ONCE = 10
const ROUNDS = 20

let server: FaultyServer
afterEach(() => server.close())

const allow: Parameters<typeof startFaultyServer>[0] = (res) => {
  sendJson(res, 200, { state: 'ALLOW', idempotencyKey: 'k' })
}

async function manyCalls(client: AuthsignalClient): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1)
    await Promise.all(Array.from({ length: AT_ONCE }, () => client.track({ userId: 'alice', action: 'transfer' })))
}

it('over http connections are kept: a pool that is warm opens no more', async () => {
  server = await startFaultyServer(allow)
  await manyCalls(new AuthsignalClient({ apiUrl: server.apiUrl, apiSecretKey }))
  expect(server.attempts).toHaveLength(AT_ONCE * ROUNDS)
  // A connection is free again a moment after its answer: a call that follows at once may find none.
  expect(server.connections()).toBeLessThanOrEqual(2 * AT_ONCE)
})

it('over https connections are kept: a pool that is warm shakes no more hands', async () => {
  const tls = await certificate()
  server = await startFaultyServer(allow, tls)
  const calls = manyCalls.toString().replaceAll('ROUNDS', String(ROUNDS)).replaceAll('AT_ONCE', String(AT_ONCE))
  await runTrusting(tls.cert, `(${calls})(makeClient(${JSON.stringify(server.apiUrl)}, 20000))`)
  expect(server.attempts).toHaveLength(AT_ONCE * ROUNDS)
  expect(server.connections()).toBeLessThanOrEqual(2 * AT_ONCE)
})

it('a call whose time was up before it had a connection is not sent when it has one', async () => {
  const tls = await certificate()
  server = await startFaultyServer(allow, tls)
  const gate = await startGate(Number(new URL(server.apiUrl).port))
  const call = `makeClient('https://127.0.0.1:${gate.port}/v1', 100).track({ userId: 'alice', action: 'transfer' })`
  await runTrusting(tls.cert, `${call}.catch(({ code }) => console.log(code))`, (line) => {
    expect(line).toBe('ERR_AUTHSIGNAL_UNAVAILABLE')
    gate.open()
  })
  gate.close()
  expect(gate.answered()).toBe(true)
  expect(server.attempts).toEqual([])
})

it("an axios instance of the app's own is used, with its interceptors", async () => {
  server = await startFaultyServer(allow)
  const own = axios.create()
  let seen = 0
  own.interceptors.request.use((config) => {
    seen += 1
    return config
  })
  const client = new AuthsignalClient({ apiUrl: server.apiUrl, apiSecretKey, axios: own })
  expect(
    await client.track({ userId: 'alice', action: 'transfer', attributes: { email: 'ü@example.com' } }),
  ).toMatchObject({
    state: 'ALLOW',
  })
  expect(seen).toBe(1)
  expect(server.attempts[0]?.body.email).toBe('ü@example.com')
})

it('a proxy of the environment is gone by', async () => {
  server = await startFaultyServer(allow)
  const proxy = await startFaultyServer(allow)
  const before = { ...process.env }
  Object.assign(process.env, { HTTP_PROXY: new URL(proxy.apiUrl).origin, NO_PROXY: '' })
  try {
    const client = new AuthsignalClient({ apiUrl: server.apiUrl, apiSecretKey })
    expect((await client.track({ userId: 'alice', action: 'transfer' })).state).toBe('ALLOW')
  } finally {
    process.env = before
    await proxy.close()
  }
  expect([server.attempts.length, proxy.attempts.length]).toEqual([0, 1])
})

function certificate() {
  return generate([{ name: 'commonName', value: '127.0.0.1' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  }).then(({ private: key, cert }) => ({ key, cert }))
}

/** Runs a script in a process that trusts `cert`: Node reads further authorities only as it starts. */
async function runTrusting(cert: string, script: string, onLine?: (line: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'authsignal-'))
  writeFileSync(join(folder, 'ca.pem'), cert)
  const prelude = `
    const { AuthsignalClient } = require(${JSON.stringify(require.resolve('../../dist/index.js'))})
    const makeClient = (apiUrl, timeout) => new AuthsignalClient({ apiUrl, timeout, apiSecretKey: 'a-secret-key' });
  `
  const child = spawn(process.execPath, ['-e', prelude + script], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (onLine) createInterface(child.stdout).on('line', onLine)
  const [status] = (await once(child, 'close')) as [number]
  rmSync(folder, { recursive: true })
  expect(status).toBe(0)
}

/** Takes connections at once, and passes them on to a port of this machine when it is opened. */
async function startGate(target: number) {
  const held: Socket[] = []
  const gate = createServer((socket) => held.push(socket))
  gate.listen(0, '127.0.0.1')
  await once(gate, 'listening')
  return {
    port: (gate.address() as AddressInfo).port,
    open: () => {
      for (const socket of held) void pipeline(socket, connect(target, '127.0.0.1'), socket).catch(() => undefined)
    },
    answered: () => held.some(({ bytesWritten }) => bytesWritten > 0),
    close: () => {
      gate.close()
    },
  }
}
