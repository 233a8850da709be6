import { postForm, sdkFor, useEmulator } from './helpers'

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

test('an outcome can be set in the browser', async () => {
  const saved = await postForm(`${emulator().url}/rules`, { actionCode: 'transfer', outcome: 'BLOCK' })
  expect(saved.status).toBe(303)
  expect((await sdkFor(emulator()).track({ userId: 'alice', action: 'transfer' })).state).toBe('BLOCK')
  expect(await pageOf('/')).toContain('<option selected>BLOCK</option>')
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
