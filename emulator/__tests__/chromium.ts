import type { BrowserContext, Page } from 'playwright-core'
import { useBrowser } from '../../__tests__/helpers/chromium'

/** One Chromium for the tests of a file, and a context of its own for each test. */
export function useChromium(): () => BrowserContext {
  const browser = useBrowser()
  let context: BrowserContext
  beforeEach(async () => {
    context = await browser().newContext()
  })
  afterEach(() => context.close())
  return () => context
}

/** A device whose user confirms every time. */
export async function addVirtualAuthenticator(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
}
