import { appCode, postForm, sdkFor, useEmulator } from './helpers'

const secret = 'JBSWY3DPEHPK3PXP'
const emulator = useEmulator({
  seed: {
    defaults: { '*': 'CHALLENGE_REQUIRED' },
    users: [
      {
        userId: 'alice',
        authenticators: [{ verificationMethod: 'AUTHENTICATOR_APP', secret }],
        recoveryCodes: ['My-Recovery-Code'],
      },
    ],
  },
})

async function answer(method: string, code: string): Promise<string | undefined> {
  const { token } = await sdkFor(emulator()).track({ userId: 'alice', action: 'transfer' })
  await postForm(`${emulator().url}/challenge`, { token, method, code, intent: 'verify' })
  return emulator().actions.at(-1)?.state
}

test('an authenticator app of the seed passes a challenge', async () => {
  expect(await answer('AUTHENTICATOR_APP', appCode(secret))).toBe('CHALLENGE_SUCCEEDED')
})

test('a recovery code of the seed passes one challenge, and again after a reset', async () => {
  expect(await answer('RECOVERY_CODE', 'myrecoverycode')).toBe('CHALLENGE_SUCCEEDED')
  expect(await answer('RECOVERY_CODE', 'my-recovery-code')).toBe('CHALLENGE_REQUIRED')
  emulator().reset()
  expect(await answer('RECOVERY_CODE', 'my-recovery-code')).toBe('CHALLENGE_SUCCEEDED')
})

test('codes of the seed’s app and recovery codes may be typed in groups', async () => {
  expect(await answer('AUTHENTICATOR_APP', appCode(secret).replace(/(...)/, '$1 '))).toBe('CHALLENGE_SUCCEEDED')
  expect(await answer('RECOVERY_CODE', ' my recovery code')).toBe('CHALLENGE_SUCCEEDED')
})

test('nobody is told of what was there from the start', async () => {
  emulator().webhooks.setUrl('http://127.0.0.1:1/')
  emulator().reset()
  await emulator().webhooks.settled()
  expect(emulator().webhooks.deliveries).toEqual([])
})
