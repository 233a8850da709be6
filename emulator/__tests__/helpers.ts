import { Authsignal, VerificationMethod } from '@authsignal/node'
import { TOTP } from 'otpauth'
import { type Emulator, type EmulatorOptions, startEmulator } from '../src'

/** One emulator for the tests of a file, emptied before each. */
export function useEmulator(options?: EmulatorOptions): () => Emulator {
  let emulator: Emulator
  beforeAll(async () => {
    emulator = await startEmulator(options)
  })
  beforeEach(() => {
    emulator.reset()
  })
  afterAll(() => emulator.close())
  return () => emulator
}

export function sdkFor({ apiSecretKey, apiUrl }: Emulator): Authsignal {
  return new Authsignal({ apiSecretKey, apiUrl, retries: 0 })
}

export async function callApi(emulator: Emulator, method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(emulator.apiUrl + path, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${emulator.apiSecretKey}:`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: typeof body === 'string' || body === undefined ? body : JSON.stringify(body),
  })
}

/** Posts a form as a browser would, without following where it leads. */
export async function postForm(url: string, fields: Record<string, string>, headers = {}): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' })
}

export async function enrollEmail(emulator: Emulator, userId: string, email = `${userId}@example.com`): Promise<void> {
  const attributes = { verificationMethod: VerificationMethod.EMAIL_OTP, email }
  await sdkFor(emulator).enrollVerifiedAuthenticator({ userId, attributes })
}

export async function enrollPhone(emulator: Emulator, userId: string, phoneNumber = '+64270001234'): Promise<void> {
  const attributes = { verificationMethod: VerificationMethod.SMS, phoneNumber }
  await sdkFor(emulator).enrollVerifiedAuthenticator({ userId, attributes })
}

/** Time stands still in each test, so that a one-time code does not run out in the middle of it. */
export function useStillClock(): void {
  let clock: jest.SpyInstance
  beforeEach(() => {
    clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now())
  })
  afterEach(() => {
    clock.mockRestore()
  })
}

/** The time so many 30-second steps from now. */
export const later = (steps: number): number => Date.now() + steps * 30_000

/** Scans the key on the page at `/enroll`, and enters the code of the step before: the current one is for the test. */
export async function enrollApp(emulator: Emulator, token: string): Promise<{ secret: string; page: string }> {
  const setUp = await pageAt(`${emulator.url}/enroll?method=AUTHENTICATOR_APP&token=${token}`)
  const secret = keyOn(setUp)
  const fields = { token, method: 'AUTHENTICATOR_APP', intent: 'verify', code: appCode(secret, later(-1)) }
  const answer = await postForm(`${emulator.url}/enroll`, fields)
  return { secret, page: await answer.text() }
}

export function keyOn(page: string): string {
  return (/class="key">([A-Z2-7 ]+)</.exec(page)?.[1] ?? '').replaceAll(' ', '')
}

export function appCode(secret: string, timestamp = Date.now()): string {
  return new TOTP({ secret }).generate({ timestamp })
}

export function recoveryCodesOn(page: string): string[] {
  return [...page.matchAll(/<li><code>([\da-f]{10})<\/code>/g)].map(([, code = '']) => code)
}

export async function pageAt(url: string): Promise<string> {
  return (await fetch(url)).text()
}
