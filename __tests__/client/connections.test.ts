import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
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
  sendJson(res, 200, { state: 'ALLOW' })
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
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  server = await startFaultyServer(allow, { key, cert })
  const folder = mkdtempSync(join(tmpdir(), 'authsignal-'))
  writeFileSync(join(folder, 'ca.pem'), cert)
  // Node reads further authorities only as it starts.
  const script = `
    const { AuthsignalClient } = require(${JSON.stringify(require.resolve('../../dist/index.js'))})
    const client = new AuthsignalClient({ apiUrl: process.env.API_URL, apiSecretKey: 'a-secret-key', timeout: 20000 })
    const manyCalls = ${manyCalls.toString().replaceAll('ROUNDS', String(ROUNDS)).replaceAll('AT_ONCE', String(AT_ONCE))}
    manyCalls(client).then(() => console.log('done'))`
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'), API_URL: server.apiUrl }
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { env })
  rmSync(folder, { recursive: true })
  expect(stdout).toBe('done\n')
  expect(server.attempts).toHaveLength(AT_ONCE * ROUNDS)
  // A connection is free again a moment after its answer: a call that follows at once may find none.
  expect(server.connections()).toBeLessThanOrEqual(2 * AT_ONCE)
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
