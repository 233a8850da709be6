import express from 'express'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { UserActionState, VerificationMethod, Webhook } from '@authsignal/node'
import type { WebhookEvent } from '../src'
import { postForm, sdkFor, useEmulator } from './helpers'

const emulator = useEmulator()

/** Stands for the app that receives webhooks: checks their signatures, and answers as it is told. */
let received: WebhookEvent[]
let answers: Record<string, number[]>
let server: Server
let url: string

beforeAll(async () => {
  const app = express().post('/', express.text({ type: '*/*' }), (req, res) => {
    const signature = req.get('x-signature-v2') ?? ''
    const event = new Webhook(emulator().apiSecretKey).constructEvent(req.body as string, signature)
    received.push(event as unknown as WebhookEvent)
    res.sendStatus(answers[event.type]?.shift() ?? 200)
  })
  server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})

afterAll(() => new Promise((resolve) => server.close(resolve)))

beforeEach(() => {
  received = []
  answers = {}
  emulator().webhooks.setUrl(url)
  emulator().rules.set('transfer', 'CHALLENGE_REQUIRED')
})

async function track(action = 'transfer'): Promise<{ url: string; token: string; idempotencyKey: string }> {
  return sdkFor(emulator()).track({ userId: 'alice', action, attributes: { email: 'alice@example.com', locale: 'mi' } })
}

async function types(): Promise<string[]> {
  await emulator().webhooks.settled()
  return received.map(({ type }) => type).sort()
}

test('a code that is sent is told, with the signature the SDK checks', async () => {
  const { url: challengeUrl, idempotencyKey } = await track()
  await fetch(challengeUrl)
  expect(await types()).toEqual(['challenge.log_created', 'email.created'])
  const event = received.find(({ type }) => type === 'email.created')
  const { code, to } = emulator().outbox[0] ?? {}
  const data = { to, code, userId: 'alice', actionCode: 'transfer', idempotencyKey, locale: 'mi' }
  expect(event).toMatchObject({ version: 1, source: 'https://authsignal.com', tenantId: 'emulator', data })
  const log = received.find(({ type }) => type === 'challenge.log_created')
  expect(log?.records).toMatchObject([{ record: { type: 'EMAIL_OTP_SENT', email: to, idempotencyKey } }])
})

test('signatures come without padding, and no redirect is followed', async () => {
  const signatures: string[] = []
  const asked: string[] = []
  const moved = createServer((req, res) => {
    asked.push(String(req.url))
    signatures.push(String(req.headers['x-signature-v2']))
    res.writeHead(302, { location: '/elsewhere' }).end()
  })
  await new Promise<void>((resolve) => moved.listen(0, '127.0.0.1', resolve))
  emulator().webhooks.setUrl(`http://127.0.0.1:${(moved.address() as AddressInfo).port}/hook`)
  const { idempotencyKey } = await track()
  await emulator().challenges.succeed(idempotencyKey)
  expect(emulator().actions[0]?.state).toBe('CHALLENGE_FAILED')
  emulator().reset()
  await new Promise((resolve) => moved.close(resolve))
  expect(new Set(asked)).toEqual(new Set(['/hook']))
  for (const signature of signatures) expect(signature).toMatch(/^t=\d+,v2=[\w+/]{43}$/)
})

test('a code to a phone is an sms', async () => {
  await sdkFor(emulator()).challenge({ phoneNumber: '+64270001234', action: 'signIn' })
  expect(await types()).toContain('sms.created')
})

test('authenticators that come and go are told, and a replaced one is both', async () => {
  const attributes = { verificationMethod: VerificationMethod.EMAIL_OTP, email: 'alice@example.com' }
  const sdk = sdkFor(emulator())
  await sdk.enrollVerifiedAuthenticator({ userId: 'alice', attributes })
  const { authenticator } = await sdk.enrollVerifiedAuthenticator({ userId: 'alice', attributes })
  await sdk.deleteUser({ userId: 'alice' })
  expect(await types()).toEqual([
    'authenticator.created',
    'authenticator.created',
    'authenticator.deleted',
    'authenticator.deleted',
  ])
  const { userAuthenticatorId } = authenticator
  const about = received.filter(({ data }) => data?.userAuthenticatorId === userAuthenticatorId)
  expect(about.map(({ data }) => data)).toMatchObject([
    attributes,
    { ...attributes, deletedAt: expect.anything() as string },
  ])
})

test('an action is logged when it has come to its end', async () => {
  const { idempotencyKey } = await track()
  expect(await types()).toEqual([])
  await emulator().challenges.fail(idempotencyKey)
  expect(await types()).toEqual(['action.log_created'])
  expect(received[0]?.records).toMatchObject([
    { record: { idempotencyKey, state: 'CHALLENGE_FAILED', outcome: 'CHALLENGE' } },
  ])
})

test('action.verify is asked before a challenge counts as passed', async () => {
  const { idempotencyKey } = await track()
  await emulator().challenges.succeed(idempotencyKey, { verificationMethod: 'PASSKEY' })
  expect(emulator().actions[0]?.state).toBe('CHALLENGE_SUCCEEDED')
  const event = received.find(({ type }) => type === 'action.verify')
  const about = { userId: 'alice', action: 'transfer', idempotencyKey }
  expect(event?.data).toMatchObject({ ...about, state: 'CHALLENGE_SUCCEEDED', verificationMethod: 'PASSKEY' })
  expect(await types()).toEqual(['action.log_created', 'action.verify', 'challenge.log_created'])
})

test('nobody is asked about a state that the app sets itself', async () => {
  answers['action.verify'] = [422]
  const { idempotencyKey } = await track()
  const request = { userId: 'alice', action: 'transfer', idempotencyKey }
  const attributes = { state: UserActionState.CHALLENGE_SUCCEEDED }
  await sdkFor(emulator()).updateAction({ ...request, attributes })
  expect((await sdkFor(emulator()).getAction(request)).state).toBe('CHALLENGE_SUCCEEDED')
  expect(await types()).not.toContain('action.verify')
})

test('a receiver that refuses action.verify fails the challenge, also for a user at the page', async () => {
  answers['action.verify'] = [422]
  const { url: challengeUrl, token, idempotencyKey } = await track()
  await fetch(challengeUrl)
  const code = emulator().outbox[0]?.code ?? ''
  await postForm(`${emulator().url}/challenge`, { token, code, intent: 'verify' })
  const action = { userId: 'alice', action: 'transfer', idempotencyKey }
  expect((await sdkFor(emulator()).getAction(action)).state).toBe('CHALLENGE_FAILED')
  expect(received.filter(({ type }) => type === 'action.verify')).toHaveLength(1)
})

test('a receiver that is not there fails it too', async () => {
  emulator().webhooks.setUrl('http://127.0.0.1:1/')
  const { idempotencyKey } = await track()
  await emulator().challenges.succeed(idempotencyKey)
  expect(emulator().actions[0]?.state).toBe('CHALLENGE_FAILED')
})

test('an asynchronous event is sent again, as the same event', async () => {
  answers['action.log_created'] = [500]
  await track('login')
  expect(await types()).toEqual(['action.log_created', 'action.log_created'])
  expect(received[0]?.id).toBe(received[1]?.id)
  expect(emulator().webhooks.deliveries).toMatchObject([{ attempts: 2, status: 200, state: 'delivered' }])
})

test('it is given up after three retries', async () => {
  answers['action.log_created'] = [500, 500, 500, 500]
  await track('login')
  await emulator().webhooks.settled()
  expect(emulator().webhooks.deliveries).toMatchObject([{ attempts: 4, status: 500, state: 'failed' }])
})

test('nothing is sent without a url, nor retried after a reset', async () => {
  answers['action.log_created'] = [500]
  await track('login')
  emulator().reset()
  await track('login')
  await emulator().webhooks.settled()
  expect(received.length).toBeLessThanOrEqual(1)
  expect(emulator().webhooks.deliveries).toEqual([])
})

test('a url that is none is refused', () => {
  expect(() => {
    emulator().webhooks.setUrl('file:///etc/passwd')
  }).toThrow('must be an http url')
})
