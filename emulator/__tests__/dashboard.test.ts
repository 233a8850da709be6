import { VerificationMethod } from '@authsignal/node'
import { parse } from 'node-html-parser'
import { callApi, postForm, sdkFor, useEmulator } from './helpers'

const emulator = useEmulator()

async function pageOf(path: string): Promise<string> {
  return (await fetch(emulator().url + path)).text()
}

test('the outbox shows codes, newest first, and refreshes itself', async () => {
  emulator().rules.set('*', 'CHALLENGE_REQUIRED')
  for (const userId of ['alice', 'bob']) {
    const { url } = await sdkFor(emulator()).track({ userId, action: 'login' })
    await fetch(url)
  }
  const page = await pageOf('/outbox')
  const shown = [...page.matchAll(/class="big-code">(\d{6})</g)].map(([, code]) => code)
  expect(shown).toEqual(
    emulator()
      .outbox.map(({ code }) => code)
      .reverse(),
  )
  expect(page).toContain('http-equiv="refresh"')
})

test('the first page lists actions with their states, escaped', async () => {
  emulator().rules.set('login', 'BLOCK')
  await sdkFor(emulator()).track({ userId: encodeURIComponent('<b>alice'), action: 'login' })
  const page = await pageOf('/')
  expect(page).toContain('&lt;b&gt;alice')
  expect(page).not.toContain('<b>alice')
  expect(page).toContain('class="state bad">BLOCK<')
})

test('an outcome can be switched in the browser, and back to the rules', async () => {
  emulator().rules.setDefault('transfer', 'REVIEW_REQUIRED')
  const switched = async (outcome: string): Promise<unknown> => {
    const saved = await postForm(`${emulator().url}/rules`, { actionCode: 'transfer', outcome })
    return [saved.status, (await sdkFor(emulator()).track({ userId: 'alice', action: 'transfer' })).state]
  }
  expect(await switched('BLOCK')).toEqual([303, 'BLOCK'])
  const pressed = parse(await pageOf('/')).querySelectorAll('#outcomes [aria-pressed=true]')
  expect(pressed.map((button) => button.getAttribute('value'))).toEqual(['BLOCK', ''])
  expect(await switched('')).toEqual([303, 'REVIEW_REQUIRED'])
})

test('an action shows what was sent, who decided, and what became of it', async () => {
  const when = { fact: 'amount', operator: 'greaterThan', value: 1000 } as const
  emulator().rules.define('transfer', [{ ruleId: 'large', when, outcome: 'CHALLENGE_REQUIRED' }])
  const request = { userId: 'alice', action: 'transfer' }
  const attributes = { ipAddress: '203.0.113.7', custom: { amount: 2000 } }
  const { idempotencyKey } = await sdkFor(emulator()).track({ ...request, attributes })
  await postForm(`${emulator().url}/challenges`, { idempotencyKey, intent: 'succeed' })
  await sdkFor(emulator()).getAction({ ...request, idempotencyKey })
  const text =
    parse(await pageOf('/'))
      .querySelector('#actions details')
      ?.text.replaceAll(/\s+/g, ' ') ?? ''
  for (const words of ['203.0.113.7', 'amount 2000', 'large']) expect(text).toContain(words)
  const moments = ['Tracked: CHALLENGE_REQUIRED by large', 'CHALLENGE_SUCCEEDED by EMAIL_OTP', 'get-action']
  expect(moments.map((words) => text.includes(words))).toEqual([true, true, true])
  expect(parse(await pageOf('/')).querySelector('#outcomes .rules')?.text).toContain('amount > 1000 → challenge')
})

test('a user’s part can be played once', async () => {
  emulator().rules.set('transfer', 'CHALLENGE_REQUIRED')
  const { idempotencyKey } = await sdkFor(emulator()).track({ userId: 'alice', action: 'transfer' })
  const play = async (): Promise<number> =>
    (await postForm(`${emulator().url}/challenges`, { idempotencyKey, intent: 'fail' })).status
  expect([await play(), await play()]).toEqual([303, 409])
  expect(emulator().actions[0]?.state).toBe('CHALLENGE_FAILED')
})

test('a user’s part can be played where the state has its old name', async () => {
  emulator().rules.set('transfer', 'CHALLENGE_INITIATED')
  const { idempotencyKey } = await sdkFor(emulator()).track({ userId: 'alice', action: 'transfer' })
  expect(parse(await pageOf('/')).querySelector('#actions [value=succeed]')).not.toBeNull()
  const played = await postForm(`${emulator().url}/challenges`, { idempotencyKey, intent: 'succeed' })
  expect([played.status, emulator().actions[0]?.state]).toEqual([303, 'CHALLENGE_SUCCEEDED'])
})

test('a fault can be caused and cleared in the browser', async () => {
  const fields = { kind: 'down', match: 'track', extent: 'thrice' }
  expect((await postForm(`${emulator().url}/faults`, fields)).status).toBe(303)
  expect(parse(await pageOf('/')).querySelector('#faults')?.text).toContain('503 unavailable track, 3 more')
  await expect(sdkFor(emulator()).track({ userId: 'alice', action: 'transfer' })).rejects.toThrow('503')
  expect((await postForm(`${emulator().url}/faults/clear`, {})).status).toBe(303)
  await expect(sdkFor(emulator()).track({ userId: 'alice', action: 'transfer' })).resolves.toBeDefined()
  expect((await postForm(`${emulator().url}/faults`, { ...fields, extent: 'ever' })).status).toBe(400)
})

test('the first page says how to connect an app', async () => {
  const page = parse(await pageOf('/')).querySelector('#actions')
  expect(page?.text).toContain(`AUTHSIGNAL_API_URL=${emulator().apiUrl}\n`)
  expect(page?.text).toContain(`AUTHSIGNAL_API_SECRET_KEY=${emulator().apiSecretKey}`)
})

test('users, calls and webhooks are shown', async () => {
  const attributes = { verificationMethod: VerificationMethod.EMAIL_OTP, email: 'alice@example.com' }
  emulator().webhooks.setUrl('http://127.0.0.1:1/hooks')
  await sdkFor(emulator()).enrollVerifiedAuthenticator({ userId: 'alice', attributes })
  await callApi(emulator(), 'GET', '/nothing')
  const page = parse(await pageOf('/'))
  expect(page.querySelector('#users')?.text).toMatch(/alice\s+alice@example.com\s+EMAIL_OTP/)
  expect(page.querySelector('#calls li')?.text).toMatch(/404\s+GET \/nothing/)
  expect(page.querySelector('#webhooks')?.text).toContain('authenticator.created')
})

test('the page forbids all scripts but its own', async () => {
  const answer = await fetch(emulator().url)
  const policy = answer.headers.get('content-security-policy') ?? ''
  const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1]
  const scripts = parse(await answer.text()).querySelectorAll('script')
  expect(scripts.map((script) => script.getAttribute('nonce'))).toEqual([nonce])
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('unsafe')
})

const happenings: Record<string, () => unknown> = {
  'an action': () => sdkFor(emulator()).track({ userId: 'alice', action: 'transfer' }),
  'an outcome that code sets': () => {
    emulator().rules.set('transfer', 'BLOCK')
  },
  'a fault that code causes': () => {
    emulator().faults.next({ drop: true })
  },
}

test.each(Object.entries(happenings))('%s is told as it happens', async (_what, happen) => {
  const leave = new AbortController()
  const events = await fetch(`${emulator().url}/events`, { signal: leave.signal })
  const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader()
  let heard = ''
  const hear = async (): Promise<void> => {
    while (!heard.includes('event: changed')) heard += (await reader?.read())?.value ?? ''
  }
  const hearing = hear()
  await happen()
  await hearing
  expect(events.headers.get('content-type')).toBe('text/event-stream')
  leave.abort()
})

test('everything can be forgotten in the browser, which asks first', async () => {
  await sdkFor(emulator()).track({ userId: 'alice', action: 'transfer' })
  const form = parse(await pageOf('/')).querySelector('form[action="/reset"]')
  expect(form?.closest('details')?.querySelector('summary')?.text).toBe('Forget everything')
  expect((await postForm(`${emulator().url}/reset`, {})).status).toBe(303)
  expect(emulator().actions).toEqual([])
})

test.each([
  { actionCode: 'a b', outcome: 'ALLOW' },
  { actionCode: 'transfer', outcome: 'MAYBE' },
  { outcome: 'ALLOW' },
])('what is no rule is refused: %j', async (fields) => {
  const answer = await postForm(`${emulator().url}/rules`, fields as Record<string, string>)
  expect(answer.status).toBe(400)
})

test.each([{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }])(
  'another site can not set an outcome: %j',
  async (headers) => {
    const answer = await postForm(`${emulator().url}/rules`, { actionCode: '*', outcome: 'ALLOW' }, headers)
    expect(answer.status).toBe(403)
  },
)

test('an unknown page is a page too', async () => {
  const answer = await fetch(`${emulator().url}/nothing`)
  expect(answer.status).toBe(404)
  expect(await answer.text()).toContain('There is no such page')
})

test('what can not be read is answered without a stack trace', async () => {
  const answer = await postForm(`${emulator().url}/rules`, { actionCode: 'a'.repeat(20_000) })
  expect(answer.status).toBe(413)
  expect(await answer.text()).not.toContain('node_modules')
})
