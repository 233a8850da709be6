import { createServer } from 'node:http'
import { startEmulator, type Emulator } from 'authsignal-emulator'
import { generate } from 'selfsigned'
import { sendJson, startFaultyServer, type FaultyServer } from '../helpers/faulty-server'
import { listen } from '../helpers/listen'
import { diagnose, type Environment } from './run-doctor'

/* What doctor finds of the API, the key and the clock. */

const KEY = 'the-secret-of-these-tests'
const REGIONS = ['https://api.', 'https://au.api.', 'https://eu.api.', 'https://ca.api.']

let emulator: Emulator
beforeAll(async () => {
  emulator = await startEmulator({ port: 0, apiSecretKey: KEY })
})
beforeEach(() => {
  emulator.reset()
})
afterAll(() => emulator.close())

async function diagnoseApi(more: Environment = {}) {
  return diagnose({ AUTHSIGNAL_API_URL: emulator.apiUrl, AUTHSIGNAL_API_SECRET_KEY: KEY, ...more })
}

/** A server in the API's place that answers so. */
async function withServer<Value>(
  answer: Parameters<typeof startFaultyServer>[0],
  use: (server: FaultyServer) => Promise<Value>,
): Promise<Value> {
  const server = await startFaultyServer(answer)
  try {
    return await use(server)
  } finally {
    await server.close()
  }
}

const containing = (text: string) => expect.stringContaining(text) as string

describe('API key', () => {
  it('is accepted, by a question that leaves nothing behind', async () => {
    const { find, code } = await diagnoseApi()
    expect(find('API key')).toMatchObject({ status: 'ok', message: containing('accepted, in') })
    expect(emulator.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v1/users/authsignal-express-doctor',
    ])
    expect(emulator.users).toEqual([])
    expect(code).toBe(0)
  })

  it('that is another tenant’s or region’s is refused, and the regions are named', async () => {
    const { find, code } = await diagnoseApi({ AUTHSIGNAL_API_SECRET_KEY: 'another' })
    const { status, message, cure } = find('API key') ?? {}
    expect([code, status, message]).toEqual([1, 'failed', 'refused by the API (401)'])
    for (const region of REGIONS) expect(cure).toContain(region)
  })

  it.each(['', '  '])('that is missing (%p) is said to be', async (key) => {
    const { find, code } = await diagnoseApi({ AUTHSIGNAL_API_SECRET_KEY: key })
    expect(find('API key')).toMatchObject({
      status: 'failed',
      message: 'there is none',
      cure: containing('AUTHSIGNAL_API_SECRET_KEY'),
    })
    expect([code, emulator.requests.length]).toEqual([1, 0])
  })

  it('that came with its quotes is said to have them', async () => {
    const { find } = await diagnoseApi({ AUTHSIGNAL_API_SECRET_KEY: '"quoted"' })
    expect(find('API key')).toMatchObject({ status: 'failed', message: containing('a quote; give the key alone') })
    expect(find('API key')?.cure).toBeUndefined()
  })

  it.each([
    ['another service', 404, {}, 'failed', "what answers is not Authsignal's API (404)"],
    ['a page', 200, 'html', 'failed', "what answers is not Authsignal's API (200)"],
    ['a redirect', 302, {}, 'failed', "what answers is not Authsignal's API (302)"],
    ['too many requests', 429, {}, 'warning', 'not tried: the API answered 429'],
    ['an outage', 503, {}, 'failed', 'could not be tried: Authsignal answered 503.'],
  ])('%s is told apart', async (_name, status, body, found, message) => {
    const apiKey = await withServer(
      (res) => {
        sendJson(res, status, body, { location: '/elsewhere' })
      },
      async ({ apiUrl }) => (await diagnoseApi({ AUTHSIGNAL_API_URL: apiUrl })).find('API key'),
    )
    expect(apiKey).toMatchObject({ status: found, message })
  })

  it('of an API that hangs could not be tried', async () => {
    emulator.faults.next({ hang: true }, 10)
    const { find } = await diagnoseApi()
    expect(find('API key')).toMatchObject({ status: 'failed', message: containing('did not answer in time') })
  })
})

describe('Clock', () => {
  const minutes = (n: number) => n * 60_000

  it.each([
    [0, 'ok', "agrees with Authsignal's"],
    [minutes(2), 'warning', "2 minutes behind Authsignal's"],
    [-minutes(2), 'warning', "2 minutes ahead of Authsignal's"],
    [minutes(12), 'failed', "12 minutes behind Authsignal's"],
    [-minutes(180), 'failed', "3 hours ahead of Authsignal's"],
  ])('%p ms from ours: %s', async (offset, status, message) => {
    const { clock, code } = await withServer(
      (res) => {
        sendJson(res, 200, { isEnrolled: false }, { date: new Date(Date.now() + offset).toUTCString() })
      },
      async ({ apiUrl }) => {
        const { find, code } = await diagnoseApi({ AUTHSIGNAL_API_URL: apiUrl })
        return { clock: find('Clock'), code }
      },
    )
    expect([clock?.status, clock?.message, code]).toEqual([status, message, status === 'failed' ? 1 : 0])
    if (status !== 'ok') expect(clock?.cure).toMatch(/NTP.*5 minutes/)
  })

  it('is seen on a refusal too', async () => {
    const { find } = await diagnoseApi({ AUTHSIGNAL_API_SECRET_KEY: 'another' })
    expect(find('Clock')).toMatchObject({ status: 'ok' })
  })
})

describe('API', () => {
  it('names each step of the connection with its time', async () => {
    const { port } = new URL(emulator.apiUrl)
    const { find } = await diagnoseApi({ AUTHSIGNAL_API_URL: `http://localhost:${port}/v1` })
    expect(find('API')?.message).toMatch(/^http:\/\/localhost:\d+\/v1 \(this machine\): DNS \d+ ms, TCP \d+ ms$/)
  })

  it('that nothing serves: the cause, and no check that hangs on it', async () => {
    const nobody = await listen(createServer())
    await nobody.close()
    const { find, code } = await diagnoseApi({ AUTHSIGNAL_API_URL: nobody.url })
    expect(code).toBe(1)
    expect(find('API')).toMatchObject({ status: 'failed', message: containing('ECONNREFUSED') })
    expect([find('API key')?.status, find('Clock')?.status]).toEqual(['skipped', 'skipped'])
  })

  it('whose name is unknown', async () => {
    const { find } = await diagnoseApi({ AUTHSIGNAL_API_URL: 'https://nowhere.invalid/v1' })
    expect(find('API')).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/DNS does not know nowhere\.invalid/) as string,
    })
  })

  it('whose certificate is not accepted', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'elsewhere' }])
    const server = await startFaultyServer(
      (res) => {
        sendJson(res, 200, {})
      },
      { key, cert },
    )
    const { find } = await diagnoseApi({ AUTHSIGNAL_API_URL: server.apiUrl })
    await server.close()
    expect(find('API')).toMatchObject({ status: 'failed', cure: containing('NODE_EXTRA_CA_CERTS') })
    expect(find('API')?.message).toMatch(/certificate of .* is not accepted \(\w+\)/)
    expect(server.attempts).toEqual([])
  })

  it('whose port speaks no https', async () => {
    const server = await startFaultyServer((res) => {
      sendJson(res, 200, {})
    })
    const { find } = await diagnoseApi({ AUTHSIGNAL_API_URL: server.apiUrl.replace('http:', 'https:') })
    await server.close()
    expect(find('API')).toMatchObject({ status: 'failed', cure: containing('Check that its port speaks https') })
  })

  it.each(['http://bank.example/v1', 'not a url', 'https://user:hunter2@api.authsignal.com/v1'])(
    'whose URL can not be (%s)',
    async (apiUrl) => {
      const { find, findings } = await diagnoseApi({ AUTHSIGNAL_API_URL: apiUrl })
      expect(find('API')).toMatchObject({
        status: 'failed',
        message: containing('but not an https URL (http only on loopback)'),
      })
      expect(JSON.stringify(findings)).not.toContain('hunter2')
    },
  )

  it('is asked by the proxy that the environment names, as the client does', async () => {
    const { api, key, paths } = await withServer(
      (res) => {
        sendJson(res, 200, { isEnrolled: false })
      },
      async ({ apiUrl, attempts }) => {
        const { find } = await diagnoseApi({
          AUTHSIGNAL_API_URL: 'http://localhost:9/v1',
          HTTP_PROXY: new URL(apiUrl).origin,
        })
        return { api: find('API'), key: find('API key'), paths: attempts.map(({ path }) => path) }
      },
    )
    expect([api?.status, key?.status]).toEqual(['skipped', 'ok'])
    expect(paths).toEqual(['http://localhost:9/v1/users/authsignal-express-doctor'])
  })
})
