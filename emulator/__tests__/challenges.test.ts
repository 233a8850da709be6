import { sdkFor, useEmulator } from './helpers'

const emulator = useEmulator()
const transfer = { userId: 'alice', action: 'transfer' }

beforeEach(() => {
  emulator().rules.set('transfer', 'CHALLENGE_REQUIRED')
})

test('a test can play the user who passes', async () => {
  const { idempotencyKey, token } = await sdkFor(emulator()).track(transfer)
  await emulator().challenges.succeed(idempotencyKey, { verificationMethod: 'PASSKEY' })
  expect(await sdkFor(emulator()).getAction({ ...transfer, idempotencyKey })).toMatchObject({
    state: 'CHALLENGE_SUCCEEDED',
    verificationMethod: 'PASSKEY',
  })
  expect(await sdkFor(emulator()).validateChallenge({ token, ...transfer })).toMatchObject({
    isValid: true,
    state: 'CHALLENGE_SUCCEEDED',
    ...transfer,
    idempotencyKey,
    verificationMethod: 'PASSKEY',
  })
})

test('a test can play the user who fails', async () => {
  const { idempotencyKey, token } = await sdkFor(emulator()).track(transfer)
  await emulator().challenges.fail(idempotencyKey)
  const validation = await sdkFor(emulator()).validateChallenge({ token })
  expect(validation).toMatchObject({ isValid: false, state: 'CHALLENGE_FAILED' })
})

test('what no user could pass is refused', async () => {
  emulator().rules.set('transfer', 'BLOCK')
  const { idempotencyKey } = await sdkFor(emulator()).track(transfer)
  await expect(emulator().challenges.succeed(idempotencyKey)).rejects.toThrow('is BLOCK')
  await expect(emulator().challenges.fail('unknown')).rejects.toThrow("No action with the idempotency key 'unknown'")
})

test.each([
  ['before the challenge is passed', {}, undefined],
  ['for another user', { userId: 'bob' }, 'The token is of another user.'],
  ['for another action', { action: 'withdraw' }, 'The token is of another action.'],
  ['that was tampered with', { token: 'a.b.c' }, 'The token is invalid.'],
])('a token is not valid %s', async (_when, changes, error) => {
  const { token } = await sdkFor(emulator()).track(transfer)
  const validation = await sdkFor(emulator()).validateChallenge({ token, ...transfer, ...changes })
  expect(validation.isValid).toBe(false)
  expect(validation.error).toBe(error)
})
