import { VerificationMethod } from '@authsignal/node'
import { callApi, sdkFor, useEmulator } from './helpers'

const emulator = useEmulator()
const byEmail = { verificationMethod: VerificationMethod.EMAIL_OTP, email: 'alice@example.com' }

describe('a user', () => {
  test('who is unknown is not enrolled', async () => {
    const user = await sdkFor(emulator()).getUser({ userId: 'nobody' })
    expect(user).toMatchObject({ isEnrolled: false, emailVerified: false, enrolledVerificationMethods: [] })
    expect(emulator().users).toEqual([])
  })

  test.each(['PATCH', 'POST'])('is updated by %s, and keeps what was not sent', async (method) => {
    await callApi(emulator(), method, '/users/alice', { email: 'alice@example.com', custom: { plan: 'gold' } })
    const answer = await callApi(emulator(), method, '/users/alice', { displayName: 'Alice' })
    const stored = { email: 'alice@example.com', displayName: 'Alice', custom: { plan: 'gold' } }
    expect(await answer.json()).toEqual(stored)
    expect(emulator().users).toMatchObject([{ userId: 'alice', ...stored }])
  })

  test('is not updated with values of the wrong type', async () => {
    expect((await callApi(emulator(), 'PATCH', '/users/alice', { email: 1 })).status).toBe(400)
    expect((await callApi(emulator(), 'PATCH', '/users/alice', { emailVerified: 'yes' })).status).toBe(400)
  })

  test('is met by an action, which fills gaps and replaces nothing', async () => {
    const sdk = sdkFor(emulator())
    await sdk.track({ userId: 'alice', action: 'login', attributes: { email: 'first@example.com' } })
    await sdk.track({ userId: 'alice', action: 'login', attributes: { email: 'other@example.com', username: 'al' } })
    expect(emulator().users).toMatchObject([{ email: 'first@example.com', username: 'al' }])
  })

  test('can be found and deleted', async () => {
    const sdk = sdkFor(emulator())
    for (const userId of ['a', 'b', 'c'])
      await sdk.updateUser({ userId, attributes: { email: `${userId}@example.com` } })
    expect((await sdk.queryUsers({ email: 'b@example.com' })).users).toMatchObject([{ userId: 'b' }])
    const first = await sdk.queryUsers({ limit: 2 })
    expect(first).toMatchObject({ users: [{ userId: 'a' }, { userId: 'b' }], lastEvaluatedUserId: 'b' })
    const rest = await sdk.queryUsers({ limit: 2, lastEvaluatedUserId: 'b' })
    expect(rest).toEqual({ users: [expect.objectContaining({ userId: 'c' })] })
    await sdk.deleteUser({ userId: 'b' })
    expect(emulator().users.map(({ userId }) => userId)).toEqual(['a', 'c'])
    expect((await callApi(emulator(), 'DELETE', '/users/b')).status).toBe(404)
  })

  test('gets a page of settings in the old form of the call', async () => {
    const answer = await callApi(emulator(), 'GET', '/users/alice?redirectUrl=https%3A%2F%2Fapp.example')
    expect(await answer.json()).toMatchObject({ url: expect.stringMatching(/^http:.*\?/) as string })
  })
})

describe('an authenticator', () => {
  test('makes its user enrolled, and the first comes with recovery codes', async () => {
    const sdk = sdkFor(emulator())
    const { authenticator, recoveryCodes } = await sdk.enrollVerifiedAuthenticator({
      userId: 'alice',
      attributes: byEmail,
    })
    expect(authenticator).toMatchObject({ userId: 'alice', ...byEmail })
    expect(recoveryCodes).toHaveLength(10)
    expect(await sdk.getUser({ userId: 'alice' })).toMatchObject({
      isEnrolled: true,
      email: 'alice@example.com',
      emailVerified: true,
      enrolledVerificationMethods: ['EMAIL_OTP'],
    })
    const tracked = await sdk.track({ userId: 'alice', action: 'transfer' })
    expect(tracked).toMatchObject({ isEnrolled: true, defaultVerificationMethod: 'EMAIL_OTP' })
  })

  test('can be enrolled in the old form', async () => {
    const body = { oobChannel: 'SMS', phoneNumber: '+64270000000' }
    const answer = await callApi(emulator(), 'POST', '/users/alice/authenticators', body)
    expect(await answer.json()).toMatchObject({ authenticator: { verificationMethod: 'SMS', ...body } })
  })

  test.each([
    [{ verificationMethod: 'PASSKEY' }, 'verificationMethod'],
    [{ verificationMethod: 'SMS', email: 'alice@example.com' }, 'phoneNumber is required'],
    [{}, 'verificationMethod'],
  ])('is refused as %j', async (body, description) => {
    const answer = await callApi(emulator(), 'POST', '/users/alice/authenticators', body)
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain(description)
  })

  test('can be the default, listed and deleted', async () => {
    const sdk = sdkFor(emulator())
    const bySms = { verificationMethod: VerificationMethod.SMS, phoneNumber: '+64270000000', isDefault: true }
    await sdk.enrollVerifiedAuthenticator({ userId: 'alice', attributes: byEmail })
    await sdk.enrollVerifiedAuthenticator({ userId: 'alice', attributes: bySms })
    expect(await sdk.track({ userId: 'alice', action: 'login' })).toMatchObject({ defaultVerificationMethod: 'SMS' })
    const authenticators = await sdk.getAuthenticators({ userId: 'alice' })
    expect(authenticators.map(({ verificationMethod }) => verificationMethod)).toEqual(['EMAIL_OTP', 'SMS'])
    for (const { userAuthenticatorId } of authenticators) {
      await sdk.deleteAuthenticator({ userId: 'alice', userAuthenticatorId })
    }
    expect((await sdk.getUser({ userId: 'alice' })).isEnrolled).toBe(false)
    expect((await callApi(emulator(), 'DELETE', '/users/alice/authenticators/none')).status).toBe(404)
  })
})
