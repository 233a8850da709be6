import { VerificationMethod } from '@authsignal/node'
import type { TrackAttributes } from '@authsignal/node'
import { enrollEmail, postForm, sdkFor, useEmulator } from './helpers'

const emulator = useEmulator()

beforeEach(() => {
  emulator().rules.set('transferMoney', 'CHALLENGE_REQUIRED')
})

interface Opened {
  url: string
  token: string
  idempotencyKey: string
  page: string
}

async function openChallenge(attributes: TrackAttributes = {}, mode = ''): Promise<Opened> {
  const redirectUrl = 'https://app.example/back/1?keep=a%20b'
  const tracked = await sdkFor(emulator()).track({
    userId: 'alice',
    action: 'transferMoney',
    attributes: { redirectUrl, email: 'alice@example.com', ...attributes },
  })
  return { ...tracked, page: await textOf(tracked.url + mode) }
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text()
}

async function answer(fields: Record<string, string>): Promise<Response> {
  return postForm(`${emulator().url}/challenge`, { intent: 'verify', ...fields })
}

function sentCode(): string {
  return emulator().outbox.at(-1)?.code ?? ''
}

function wrongCode(): string {
  return sentCode() === '000000' ? '111111' : '000000'
}

function state(): string | undefined {
  return emulator().actions.at(-1)?.state
}

test('shows what is being approved, and to whom the code went', async () => {
  const { page } = await openChallenge({ custom: { note: 'rent', payee: 'Bob', amount: '12 EUR', newPayee: true } })
  expect(page).toContain('Approve: Transfer money')
  expect(page).toContain('We sent a code to a•••@example.com.')
  const shown = [...page.matchAll(/<dt>(.*?)<\/dt>\s*<dd>(.*?)<\/dd>/g)].map(([, name, value]) => `${name}: ${value}`)
  expect(shown).toEqual(['Amount: 12 EUR', 'Payee: Bob', 'Note: rent', 'New payee: true', 'User: alice'])
})

test('shows an amount beside a currency as people write it', async () => {
  const { page } = await openChallenge({ custom: { amount: 1012.5, currency: 'GBP' } })
  expect(page).toMatch(/<dd>£1,012\.50<\/dd>/)
  expect(page).not.toContain('GBP')
  expect((await openChallenge({ custom: { amount: 12.5, currency: 'points' } })).page).toMatch(/<dd>12\.5<\/dd>/)
})

test('escapes what it shows', async () => {
  const { page } = await openChallenge({ custom: { payee: '<script>alert(1)</script>', '"><b>': 'x' } })
  expect(page).not.toContain('<script>')
  expect(page).not.toContain('"><b>')
  expect(page).toContain('&lt;script&gt;')
})

test('forbids scripts, and leaves the redirect after its form alone', async () => {
  const { url } = await openChallenge()
  const policy = (await fetch(url)).headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('form-action')
  expect(policy).not.toContain('script-src')
})

test('sends one code, however often it is opened', async () => {
  const { url, idempotencyKey } = await openChallenge()
  await fetch(url)
  const to = 'alice@example.com'
  const code = expect.stringMatching(/^\d{6}$/) as string
  expect(emulator().outbox).toEqual([{ to, code, userId: 'alice', idempotencyKey }])
})

test('needs no address', async () => {
  const { page } = await openChallenge({ email: undefined })
  expect(page).toContain('the code is in the emulator’s outbox')
  expect(emulator().outbox).toMatchObject([{ to: 'alice' }])
})

test('prefers the enrolled phone to the address an action brings', async () => {
  await sdkFor(emulator()).enrollVerifiedAuthenticator({
    userId: 'alice',
    attributes: { verificationMethod: VerificationMethod.SMS, phoneNumber: '+64270001234' },
  })
  const { page, token } = await openChallenge({ email: 'attacker@example.com' })
  expect(page).toContain('•••1234')
  await answer({ token, code: sentCode() })
  expect(emulator().actions[0]).toMatchObject({ state: 'CHALLENGE_SUCCEEDED', verificationMethod: 'SMS' })
})

test('the right code passes, and leads back with a token beside the query', async () => {
  const { token } = await openChallenge()
  const code = sentCode()
  const back = await answer({ token, code: ` ${code.slice(0, 3)} ${code.slice(3)}` })
  expect(back.status).toBe(303)
  const location = back.headers.get('location') ?? ''
  expect(location).toMatch(/^https:\/\/app\.example\/back\/1\?keep=a%20b&token=[\w-]+\.[\w-]+\.[\w-]+$/)
  expect(emulator().actions[0]).toMatchObject({ state: 'CHALLENGE_SUCCEEDED', verificationMethod: 'EMAIL_OTP' })
  const returned = new URL(location).searchParams.get('token') ?? ''
  expect(await sdkFor(emulator()).validateChallenge({ token: returned })).toMatchObject({ isValid: true })
})

test('a wrong code may be tried again', async () => {
  const { token, url } = await openChallenge()
  const again = await answer({ token, code: wrongCode() })
  expect([again.status, again.headers.get('location')]).toEqual([303, `/challenge?token=${token}`])
  expect(await textOf(url)).toContain('You have 4 more tries.')
  expect(state()).toBe('CHALLENGE_REQUIRED')
  expect((await answer({ token, code: sentCode() })).status).toBe(303)
  expect(state()).toBe('CHALLENGE_SUCCEEDED')
})

test('five wrong codes fail the challenge, and the right one is too late', async () => {
  const { token } = await openChallenge()
  for (let attempt = 1; attempt <= 4; attempt++) await answer({ token, code: wrongCode() })
  expect(state()).toBe('CHALLENGE_REQUIRED')
  await answer({ token, code: wrongCode() })
  expect(state()).toBe('CHALLENGE_FAILED')
  expect((await answer({ token, code: sentCode() })).status).toBe(409)
  expect(state()).toBe('CHALLENGE_FAILED')
})

test('a user who cancels goes back, and could still pass later', async () => {
  const { token, url } = await openChallenge()
  const back = await answer({ token, intent: 'cancel' })
  expect(back.status).toBe(303)
  expect(back.headers.get('location')).toContain('&token=')
  expect(state()).toBe('CHALLENGE_REQUIRED')
  expect((await fetch(url)).status).toBe(200)
})

test('a finished challenge says so', async () => {
  const { token, url } = await openChallenge()
  await answer({ token, code: sentCode() })
  const page = await fetch(url)
  expect(page.status).toBe(409)
  expect(await page.text()).toContain('This is approved already')
})

test('an expired link says so, and leads back with nothing that is good again', async () => {
  const { url, token } = await openChallenge()
  const later = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 11 * 60_000)
  const page = await fetch(url)
  const settings = await fetch(url.replace('/challenge?', '/settings?'))
  later.mockRestore()
  expect([page.status, settings.status]).toEqual([410, 410])
  for (const text of [await page.text(), await settings.text()]) {
    expect(text).toContain('This link has expired')
    expect(text).toContain(`<a href="https://app.example/back/1?keep=a%20b&amp;token=${token}">Back to the app</a>`)
  }
})

test.each(['', '?token=', '?token=a.b.c', '?token=1&token=2'])(
  'a link without a good token says so: %s',
  async (query) => {
    const page = await fetch(`${emulator().url}/challenge${query}`)
    expect(page.status).toBe(400)
    expect(await page.text()).toContain('This link is not valid')
  },
)

test('a link from before a reset says so', async () => {
  const { url } = await openChallenge()
  emulator().reset()
  expect((await fetch(url)).status).toBe(404)
})

test('an action that needs no challenge has nothing to approve', async () => {
  await enrollEmail(emulator(), 'alice')
  const { url } = await sdkFor(emulator()).track({ userId: 'alice', action: 'login' })
  expect(await textOf(url)).toContain('There is nothing to approve')
  expect(emulator().outbox).toEqual([])
})

test('without a redirectUrl it ends on a page of its own', async () => {
  const { token } = await openChallenge({ redirectUrl: undefined })
  const page = await answer({ token, code: sentCode() })
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('You can close this page')
})

test('in pop-up mode it tells the page around it instead of redirecting', async () => {
  const { token, page } = await openChallenge({}, '&mode=popup')
  expect(page).toContain('AUTHSIGNAL_READY')
  expect(page).toContain('name="mode" value="popup"')
  const end = await answer({ token, code: sentCode(), mode: 'popup' })
  expect(end.status).toBe(200)
  const text = await end.text()
  expect(text).toContain('AUTHSIGNAL_CLOSE_POPUP')
  const told = /data-token="([^"]+)"/.exec(text)?.[1] ?? ''
  expect(await sdkFor(emulator()).validateChallenge({ token: told })).toMatchObject({ isValid: true })
})
