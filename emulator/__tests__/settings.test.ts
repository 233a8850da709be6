import { startEmulator } from '../src'
import {
  callApi,
  enrollApp,
  enrollEmail,
  enrollPhone,
  pageAt,
  postForm,
  recoveryCodesOn,
  sdkFor,
  useEmulator,
  useStillClock,
} from './helpers'

const emulator = useEmulator()
useStillClock()
const redirectUrl = 'https://app.example/account'

/** The link to the self-service page that the old form of the call answers. */
async function settingsUrl(): Promise<string> {
  const answer = await callApi(emulator(), 'GET', `/users/alice?redirectUrl=${encodeURIComponent(redirectUrl)}`)
  return ((await answer.json()) as { url: string }).url
}

function tokenOf(url: string): string {
  return new URL(url).searchParams.get('token') ?? ''
}

async function post(url: string, fields: Record<string, string>): Promise<string> {
  return (await postForm(`${emulator().url}/settings`, { token: tokenOf(url), ...fields })).text()
}

test('lists authenticators, and leads back with a token', async () => {
  await enrollEmail(emulator(), 'alice')
  await enrollPhone(emulator(), 'alice')
  const url = await settingsUrl()
  const page = await pageAt(url)
  expect(page).toContain('alice@example.com')
  expect(page).toContain('+64270001234')
  expect(page).toContain('Recovery codes left: 10')
  const back = await postForm(`${emulator().url}/leave`, { token: tokenOf(url) })
  expect(back.status).toBe(303)
  expect(back.headers.get('location')).toContain(`${redirectUrl}?token=`)
})

test('adds one, with recovery codes for the first only', async () => {
  const url = await settingsUrl()
  const { page } = await enrollApp(emulator(), tokenOf(url))
  expect(recoveryCodesOn(page)).toHaveLength(10)
  await postForm(`${emulator().url}/enroll`, {
    token: tokenOf(url),
    method: 'SMS',
    intent: 'send',
    address: '+64211234567',
  })
  const { code, idempotencyKey } = emulator().outbox[0] ?? { code: '', idempotencyKey: 'none' }
  expect(idempotencyKey).toBe('')
  const added = await postForm(`${emulator().url}/enroll`, {
    token: tokenOf(url),
    method: 'SMS',
    intent: 'verify',
    code,
  })
  expect(recoveryCodesOn(await added.text())).toEqual([])
  const { enrolledVerificationMethods } = await sdkFor(emulator()).getUser({ userId: 'alice' })
  expect(enrolledVerificationMethods).toEqual(['AUTHENTICATOR_APP', 'SMS'])
})

test('removes one, and none of another user', async () => {
  await enrollEmail(emulator(), 'alice')
  await enrollEmail(emulator(), 'bob')
  const [alices, bobs] = emulator().users.map(({ authenticators }) => authenticators[0]?.userAuthenticatorId ?? '')
  const url = await settingsUrl()
  await post(url, { intent: 'remove', userAuthenticatorId: bobs ?? '' })
  expect(emulator().users.map(({ authenticators }) => authenticators.length)).toEqual([1, 1])
  await post(url, { intent: 'remove', userAuthenticatorId: alices ?? '' })
  expect(await pageAt(url)).toContain('You have none yet.')
  expect(emulator().users.map(({ authenticators }) => authenticators.length)).toEqual([0, 1])
})

test('makes new recovery codes', async () => {
  await enrollEmail(emulator(), 'alice')
  expect(recoveryCodesOn(await post(await settingsUrl(), { intent: 'recovery-codes' }))).toHaveLength(10)
})

test('is reached by track, behind the challenge where one is required', async () => {
  await enrollEmail(emulator(), 'alice')
  emulator().rules.set('manage', 'CHALLENGE_REQUIRED')
  const attributes = { redirectUrl, redirectToSettings: true }
  const { url, token } = await sdkFor(emulator()).track({ userId: 'alice', action: 'manage', attributes })
  expect(await pageAt(url)).toContain('Approve: Manage')
  expect((await fetch(`${emulator().url}/settings?token=${token}`)).status).toBe(403)
  const code = emulator().outbox[0]?.code ?? ''
  const passed = await postForm(`${emulator().url}/challenge`, { token, intent: 'verify', code })
  const location = passed.headers.get('location') ?? ''
  expect(location).toMatch(/^\/settings\?token=/)
  expect(await pageAt(emulator().url + location)).toContain('Your authenticators')
})

test('is reached by track at once where nothing is to be approved', async () => {
  await enrollEmail(emulator(), 'alice')
  const attributes = { redirectUrl, redirectToSettings: true }
  const { url } = await sdkFor(emulator()).track({ userId: 'alice', action: 'manage', attributes })
  expect(await pageAt(url)).toContain('Your authenticators')
})

test('its link is good for nothing else', async () => {
  const token = tokenOf(await settingsUrl())
  expect((await fetch(`${emulator().url}/challenge?token=${token}`)).status).toBe(400)
  expect(await sdkFor(emulator()).validateChallenge({ token })).toMatchObject({ isValid: false })
})

test('its redirectUrl must be an address', async () => {
  expect((await callApi(emulator(), 'GET', '/users/alice?redirectUrl=javascript:1')).status).toBe(400)
})

test('users without an authenticator are let through where that is asked for', async () => {
  const lenient = await startEmulator({ unenrolled: 'allow' })
  lenient.rules.set('transfer', 'CHALLENGE_REQUIRED')
  lenient.rules.set('withdraw', 'BLOCK')
  const stateOf = async (action: string) => (await sdkFor(lenient).track({ userId: 'alice', action })).state
  expect([await stateOf('transfer'), await stateOf('withdraw')]).toEqual(['ALLOW', 'BLOCK'])
  await enrollEmail(lenient, 'alice')
  expect(await stateOf('transfer')).toBe('CHALLENGE_REQUIRED')
  await lenient.close()
})
