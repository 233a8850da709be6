import type { TrackAttributes } from '@authsignal/node'
import {
  enrollApp,
  enrollEmail,
  keyOn,
  pageAt,
  postForm,
  recoveryCodesOn,
  sdkFor,
  useEmulator,
  useStillClock,
} from './helpers'

const emulator = useEmulator()
useStillClock()
const redirectUrl = 'https://app.example/back?a=1'

async function track(attributes: TrackAttributes = {}) {
  const action = 'transfer'
  return sdkFor(emulator()).track({ userId: 'alice', action, attributes: { redirectUrl, ...attributes } })
}

async function post(token: string, fields: Record<string, string>): Promise<Response> {
  return postForm(`${emulator().url}/enroll`, { token, ...fields })
}

function sentCode(): string {
  return emulator().outbox.at(-1)?.code ?? ''
}

describe('a user without authenticators who was let through', () => {
  test('is led to enrolment, and can leave it alone', async () => {
    const { url, token, state } = await track()
    expect(state).toBe('ALLOW')
    expect(await pageAt(url)).toContain('Set up an authenticator')
    const back = await postForm(`${emulator().url}/leave`, { token })
    expect(back.headers.get('location')).toMatch(/^https:\/\/app\.example\/back\?a=1&token=[\w-]+\./)
    expect(emulator().users).toMatchObject([{ authenticators: [] }])
  })

  test.each([
    ['EMAIL_OTP', ' alice@example.com ', { email: 'alice@example.com', emailVerified: true }],
    ['SMS', '+64 (21) 123-4567', { phoneNumber: '+64211234567', phoneNumberVerified: true }],
  ])('enrols by %s with the code that was sent there', async (method, address, verified) => {
    const { token, idempotencyKey } = await track()
    const sent = await post(token, { method, intent: 'send', address })
    expect(await pageAt(emulator().url + String(sent.headers.get('location')))).toContain('We sent a code to')
    expect(emulator().outbox).toMatchObject([{ userId: 'alice', idempotencyKey }])
    const page = await (await post(token, { method, intent: 'verify', code: sentCode() })).text()
    expect(recoveryCodesOn(page)).toHaveLength(10)
    expect(emulator().users).toMatchObject([{ ...verified, authenticators: [{ verificationMethod: method }] }])
    expect(emulator().actions.at(-1)?.state).toBe('ALLOW')
  })

  test('may leave by Escape, but not from the recovery codes, which are shown once', async () => {
    const { token, url } = await track()
    expect(await pageAt(`${url}&mode=popup`)).toMatch(/<button[^>]* data-escape>Not now</)
    const { page } = await enrollApp(emulator(), token)
    expect(recoveryCodesOn(page)).toHaveLength(10)
    expect(page).not.toContain('data-escape')
  })

  test.each([
    ['EMAIL_OTP', 'alice', 'Enter an e-mail address such as alice@example.com'],
    ['SMS', '021 123', 'Enter a phone number with its country code, such as +64'],
  ])('is told that %s needs more than %s', async (method, address, error) => {
    const answer = await post((await track()).token, { method, intent: 'send', address })
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain(error)
    expect(emulator().outbox).toEqual([])
  })

  test('has to have another code sent after five wrong ones', async () => {
    const { token } = await track()
    const method = 'EMAIL_OTP'
    await post(token, { method, intent: 'send', address: 'alice@example.com' })
    const wrong = sentCode() === '000000' ? '111111' : '000000'
    for (let attempt = 1; attempt <= 5; attempt++) await post(token, { method, intent: 'verify', code: wrong })
    await post(token, { method, intent: 'verify', code: sentCode() })
    expect(emulator().users).toMatchObject([{ authenticators: [] }])
  })

  test('enrols an authenticator app by its key, which nobody sees again', async () => {
    const { token, url } = await track()
    const { secret, page } = await enrollApp(emulator(), token)
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(recoveryCodesOn(page)).toHaveLength(10)
    expect(await sdkFor(emulator()).getAuthenticators({ userId: 'alice' })).toMatchObject([
      { verificationMethod: 'AUTHENTICATOR_APP' },
    ])
    expect(JSON.stringify(emulator().users)).not.toContain(secret)
    expect(await pageAt(url)).toContain('There is nothing to approve')
  })

  test('scans a key that stays the same when the page is loaded again', async () => {
    const { token } = await track()
    const page = `${emulator().url}/enroll?method=AUTHENTICATOR_APP&token=${token}`
    const first = await pageAt(page)
    expect(first).toMatch(/<img[^>]+src="data:image\/svg\+xml;base64,/)
    expect(keyOn(await pageAt(page))).toBe(keyOn(first))
    const answer = await post(token, { method: 'AUTHENTICATOR_APP', intent: 'verify', code: '000000' })
    expect(answer.status).toBe(422)
    expect(keyOn(await answer.text())).toBe(keyOn(first))
  })
})

describe('a user without authenticators who is challenged', () => {
  beforeEach(() => {
    emulator().rules.set('transfer', 'CHALLENGE_REQUIRED')
  })

  test('passes by setting one up, and sees what that approves', async () => {
    const { token } = await track({ custom: { payee: 'Bob' } })
    expect(await pageAt(`${emulator().url}/enroll?token=${token}`)).toMatch(/To approve: Transfer[\s\S]*Bob/)
    await enrollApp(emulator(), token)
    expect(emulator().actions.at(-1)).toMatchObject({
      state: 'CHALLENGE_SUCCEEDED',
      verificationMethod: 'AUTHENTICATOR_APP',
    })
  })

  test('who has one after all must use it', async () => {
    const { token } = await track()
    await enrollEmail(emulator(), 'alice')
    const answer = await fetch(`${emulator().url}/enroll?token=${token}`)
    expect(answer.status).toBe(403)
    await post(token, { method: 'EMAIL_OTP', intent: 'send', address: 'eve@example.com' })
    expect(emulator().outbox).toEqual([])
  })

  test('can not pass a challenge that has failed', async () => {
    const { token, idempotencyKey } = await track()
    await emulator().challenges.fail(idempotencyKey)
    expect((await fetch(`${emulator().url}/enroll?token=${token}`)).status).toBe(409)
  })
})

test('nobody else comes in', async () => {
  await enrollEmail(emulator(), 'alice')
  const { token } = await track()
  for (const bad of [token, 'a.b.c', '']) {
    for (const path of ['enroll', 'settings']) {
      expect((await fetch(`${emulator().url}/${path}?token=${bad}`)).status).toBeGreaterThanOrEqual(400)
    }
  }
})
