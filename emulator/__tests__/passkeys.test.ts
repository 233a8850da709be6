import type { Page } from 'playwright-core'
import { addVirtualAuthenticator, useChromium } from './chromium'
import { pageAt, sdkFor, useEmulator } from './helpers'

const emulator = useEmulator()
const context = useChromium()

async function track(action: string): Promise<{ url: string }> {
  const attributes = { redirectUrl: `${emulator().url}/outbox` }
  return sdkFor(emulator()).track({ userId: 'alice', action, attributes })
}

async function openPage(): Promise<Page> {
  const page = await context().newPage()
  await addVirtualAuthenticator(page)
  return page
}

async function enrollPasskey(page: Page): Promise<void> {
  await page.goto((await track('login')).url)
  await page.getByRole('link', { name: 'Passkey' }).click()
  await page.getByRole('button', { name: 'Create a passkey' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.waitForURL('**/outbox?token=*')
}

beforeEach(() => {
  emulator().rules.set('transfer', 'CHALLENGE_REQUIRED')
})

test('a passkey is enrolled, and passes a challenge', async () => {
  const page = await openPage()
  await enrollPasskey(page)
  expect(emulator().users).toMatchObject([
    {
      authenticators: [
        {
          verificationMethod: 'PASSKEY',
          webauthnCredential: {
            credentialId: expect.any(String) as string,
            deviceId: expect.any(String) as string,
            credentialDeviceType: 'singleDevice',
          },
        },
      ],
    },
  ])
  await page.goto((await track('transfer')).url)
  await page.getByRole('button', { name: 'Use your passkey' }).click()
  await page.waitForURL('**/outbox?token=*')
  const [authenticator] = emulator().users[0]?.authenticators ?? []
  expect(authenticator?.lastVerifiedAt).toBeDefined()
  expect(emulator().actions.at(-1)).toMatchObject({
    state: 'CHALLENGE_SUCCEEDED',
    verificationMethod: 'PASSKEY',
    verifiedByAuthenticatorId: authenticator?.userAuthenticatorId,
  })
})

test('a passkey of another device is told from the user’s own, and the user may quit', async () => {
  await enrollPasskey(await openPage())
  const page = await openPage()
  await page.goto((await track('transfer')).url)
  await page.getByRole('button', { name: 'Use your passkey' }).click()
  await page.getByText('The passkey was not used.').waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.waitForURL('**/outbox?token=*')
  expect(emulator().actions.at(-1)?.state).toBe('CHALLENGE_REQUIRED')
})

test('opened by an IP address, the page leads to itself by name', async () => {
  const page = await openPage()
  await enrollPasskey(page)
  const { url } = await track('transfer')
  await page.goto(url.replace('localhost', '127.0.0.1'))
  await page.getByRole('link', { name: 'Continue at localhost' }).click()
  await page.getByRole('button', { name: 'Use your passkey' }).click()
  await page.waitForURL('**/outbox?token=*')
  expect(emulator().actions.at(-1)?.verificationMethod).toBe('PASSKEY')
})

test('only the pages that use a passkey run a script', async () => {
  await enrollPasskey(await openPage())
  const { url } = await track('transfer')
  expect(await pageAt(url)).toContain('<script')
  expect(await pageAt(`${url}&method=RECOVERY_CODE`)).not.toContain('<script')
})
