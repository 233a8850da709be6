import { Authsignal, VerificationMethod } from '@authsignal/node'
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
