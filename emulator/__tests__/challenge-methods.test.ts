import type { TrackAttributes } from '@authsignal/node'
import {
  appCode,
  enrollApp,
  enrollEmail,
  enrollPhone,
  later,
  pageAt,
  postForm,
  recoveryCodesOn,
  sdkFor,
  useEmulator,
  useStillClock,
} from './helpers'

const emulator = useEmulator()
useStillClock()
const redirectUrl = 'https://app.example/back'

beforeEach(() => {
  emulator().rules.set('transfer', 'CHALLENGE_REQUIRED')
})

async function track(action: string, attributes: TrackAttributes = {}) {
  return sdkFor(emulator()).track({ userId: 'alice', action, attributes: { redirectUrl, ...attributes } })
}

/** Leads back to the app, or to the challenge once more. */
async function answer(token: string, fields: Record<string, string>): Promise<'back' | 'again'> {
  const { headers } = await postForm(`${emulator().url}/challenge`, { token, intent: 'verify', ...fields })
  return headers.get('location')?.startsWith('/challenge?') ? 'again' : 'back'
}

/** Alice's authenticator app, and her recovery codes. */
async function setUpApp(): Promise<{ secret: string; codes: string[] }> {
  const { secret, page } = await enrollApp(emulator(), (await track('login')).token)
  return { secret, codes: recoveryCodesOn(page) }
}

describe('an authenticator app', () => {
  const method = 'AUTHENTICATOR_APP'

  test('passes by the code it shows, which is sent nowhere', async () => {
    const { secret } = await setUpApp()
    const { url, token } = await track('transfer')
    expect(await pageAt(url)).toContain('Enter the code that your authenticator app shows.')
    expect(await answer(token, { method, code: appCode(secret) })).toBe('back')
    expect(emulator().actions.at(-1)).toMatchObject({ state: 'CHALLENGE_SUCCEEDED', verificationMethod: method })
    expect(emulator().outbox).toEqual([])
    const verifiedByAuthenticatorId = emulator().users[0]?.authenticators[0]?.userAuthenticatorId
    expect(await sdkFor(emulator()).queryUserActions({ userId: 'alice', actionCodes: ['transfer'] })).toMatchObject([
      { verificationMethod: method, verifiedByAuthenticatorId },
    ])
  })

  test('has each code accepted once, also over challenges', async () => {
    const { secret } = await setUpApp()
    const first = await track('transfer')
    expect(await answer(first.token, { method, code: appCode(secret) })).toBe('back')
    const second = await track('transfer')
    expect(await answer(second.token, { method, code: appCode(secret) })).toBe('again')
    expect(await answer(second.token, { method, code: appCode(secret, later(1)) })).toBe('back')
  })

  test('has no code accepted that is too old', async () => {
    const { secret } = await setUpApp()
    const { token } = await track('transfer')
    expect(await answer(token, { method, code: appCode(secret, later(-3)) })).toBe('again')
  })
})

describe('a recovery code', () => {
  const method = 'RECOVERY_CODE'

  test('passes once', async () => {
    const { codes } = await setUpApp()
    const code = codes[3]?.toUpperCase() ?? ''
    expect(await answer((await track('transfer')).token, { method, code })).toBe('back')
    expect(emulator().actions.at(-1)).toMatchObject({ state: 'CHALLENGE_SUCCEEDED', verificationMethod: method })
    expect(await answer((await track('transfer')).token, { method, code })).toBe('again')
  })

  test('is offered to nobody who has none left', async () => {
    const { codes } = await setUpApp()
    for (const code of codes) await answer((await track('transfer')).token, { method, code })
    expect(await pageAt((await track('transfer')).url)).not.toContain('Recovery code')
  })

  test('is one of those that the API answered', async () => {
    const attributes = { verificationMethod: 'EMAIL_OTP', email: 'alice@example.com' }
    const { recoveryCodes = [] } = await sdkFor(emulator()).enrollVerifiedAuthenticator({
      userId: 'alice',
      attributes: attributes as never,
    })
    const { token } = await track('transfer')
    expect(await answer(token, { method, code: recoveryCodes[0] ?? '' })).toBe('back')
  })
})

describe('another way', () => {
  test('is any of the user’s own authenticators, and no address that the action brings', async () => {
    await enrollEmail(emulator(), 'alice')
    await enrollPhone(emulator(), 'alice')
    const { url } = await track('transfer', { email: 'attacker@example.com' })
    const page = await pageAt(url)
    expect(page).toContain('We sent a code to a•••@example.com.')
    const others = [...page.matchAll(/method=(\w+)"/g)].map(([, name]) => name)
    expect(others).toEqual(['SMS', 'RECOVERY_CODE'])
    expect(await pageAt(`${url}&method=SMS`)).toContain('We sent a code to •••1234.')
    expect(emulator().outbox.map(({ to }) => to)).toEqual(['alice@example.com', '+64270001234'])
  })

  test('takes its own code only', async () => {
    await enrollEmail(emulator(), 'alice')
    await enrollPhone(emulator(), 'alice')
    const { url, token } = await track('transfer')
    await fetch(url)
    await fetch(`${url}&method=SMS`)
    const [byEmail, bySms] = emulator().outbox.map(({ code }) => code)
    expect(await answer(token, { method: 'SMS', code: byEmail ?? '' })).toBe('again')
    expect(await answer(token, { method: 'SMS', code: bySms ?? '' })).toBe('back')
    expect(emulator().actions.at(-1)?.verificationMethod).toBe('SMS')
  })

  test('that the user does not have is no way', async () => {
    await enrollEmail(emulator(), 'alice')
    const { url } = await track('transfer')
    expect(await pageAt(`${url}&method=SMS`)).toContain('We sent a code to a•••@example.com.')
  })

  test('has its wrong codes counted with all others', async () => {
    await enrollEmail(emulator(), 'alice')
    await enrollPhone(emulator(), 'alice')
    const { token } = await track('transfer')
    const methods = ['EMAIL_OTP', 'SMS', 'RECOVERY_CODE', 'PASSKEY', 'SMS']
    const ends: string[] = []
    for (const method of methods) ends.push(await answer(token, { method, code: 'wrong' }))
    expect(ends).toEqual(['again', 'again', 'again', 'again', 'back'])
    expect(emulator().actions.at(-1)?.state).toBe('CHALLENGE_FAILED')
  })

  test('for a user without authenticators is to set one up', async () => {
    const page = await pageAt((await track('transfer', { email: 'alice@example.com' })).url)
    expect(page).toContain('We sent a code to a•••@example.com.')
    expect(page).toContain('Set up an authenticator')
  })
})

test('another code can be sent, and the one before is no longer good', async () => {
  const { url, token } = await track('transfer', { email: 'alice@example.com' })
  await fetch(url)
  expect(await answer(token, { intent: 'resend' })).toBe('again')
  expect(await pageAt(url)).toContain('We sent another code to a•••@example.com.')
  const [first = '', second = ''] = emulator().outbox.map(({ code }) => code)
  if (first !== second) expect(await answer(token, { code: first })).toBe('again')
  expect(await answer(token, { code: second })).toBe('back')
})
