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

test.each(['ALLOW', 'BLOCK', 'REVIEW_REQUIRED'])('%s awaits nobody', async (outcome) => {
  emulator().rules.set('transfer', outcome)
  const { idempotencyKey } = await sdkFor(emulator()).track(transfer)
  await expect(emulator().challenges.succeed(idempotencyKey)).rejects.toThrow(`'transfer' is ${outcome}`)
  await expect(emulator().challenges.fail(idempotencyKey)).rejects.toThrow(`'transfer' is ${outcome}`)
  expect(emulator().actions[0]?.state).toBe(outcome)
})

test('a challenge ends once', async () => {
  const passed = await sdkFor(emulator()).track(transfer)
  await emulator().challenges.succeed(passed.idempotencyKey)
  await expect(emulator().challenges.fail(passed.idempotencyKey)).rejects.toThrow('is CHALLENGE_SUCCEEDED')
  const failed = await sdkFor(emulator()).track(transfer)
  await emulator().challenges.fail(failed.idempotencyKey)
  await expect(emulator().challenges.succeed(failed.idempotencyKey)).rejects.toThrow('is CHALLENGE_FAILED')
})

test.each<[unknown, string]>([
  [{ verificationMethod: 'FAX' }, 'verificationMethod: must be one of SMS, EMAIL_OTP'],
  [{ method: 'SMS' }, 'unknown method; known are verificationMethod'],
  [null, 'expected object, received null'],
])('no user passes by %j', async (options, message) => {
  const { idempotencyKey } = await sdkFor(emulator()).track(transfer)
  const passing = emulator().challenges.succeed(idempotencyKey, options as object)
  await expect(passing).rejects.toThrow(TypeError)
  await expect(passing).rejects.toThrow(message)
  expect(emulator().actions[0]?.state).toBe('CHALLENGE_REQUIRED')
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
