import { Authsignal, AuthScope, SmsChannel, UserActionState, VerificationMethod } from '@authsignal/node'
import { callApi, sdkFor, useEmulator } from './helpers'

const emulator = useEmulator()
const alice = { userId: 'alice' }
const signIn = { action: 'signIn', email: 'alice@example.com', verificationMethod: 'EMAIL_OTP' as const }

function sentCode(): string {
  return emulator().outbox.at(-1)?.code ?? ''
}

function wrongCode(): string {
  return sentCode() === '000000' ? '111111' : '000000'
}

async function passedToken(): Promise<string> {
  const { challengeId } = await sdkFor(emulator()).challenge(signIn)
  await sdkFor(emulator()).verify({ challengeId, verificationCode: sentCode() })
  return (await sdkFor(emulator()).claimChallenge({ ...alice, challengeId })).token
}

test('every call of the published SDK is answered', async () => {
  const sdk = sdkFor(emulator())
  const called = new Set<string>()
  const calls = new Proxy(sdk, {
    get(target, name, receiver) {
      called.add(String(name))
      return Reflect.get(target, name, receiver) as unknown
    },
  })
  emulator().rules.set('transfer', 'CHALLENGE_REQUIRED')
  const { state, idempotencyKey } = await calls.track({ ...alice, action: 'transfer' })
  const action = { ...alice, action: 'transfer', idempotencyKey }
  expect(state).toBe('CHALLENGE_REQUIRED')
  expect((await calls.getAction(action)).state).toBe('CHALLENGE_REQUIRED')
  await calls.updateAction({ ...action, attributes: { state: UserActionState.CHALLENGE_FAILED } })
  expect(await calls.queryUserActions(alice)).toMatchObject([{ actionCode: 'transfer', state: 'CHALLENGE_FAILED' }])

  expect(await calls.updateUser({ ...alice, attributes: { displayName: 'Alice' } })).toEqual({ displayName: 'Alice' })
  expect(await calls.getUser(alice)).toMatchObject({ displayName: 'Alice', isEnrolled: false })
  const attributes = { verificationMethod: VerificationMethod.EMAIL_OTP, email: signIn.email }
  const { authenticator } = await calls.enrollVerifiedAuthenticator({ ...alice, attributes })
  expect(await calls.getAuthenticators(alice)).toMatchObject([attributes])
  expect((await calls.queryUsers({ email: signIn.email })).users).toMatchObject([alice])

  const { challengeId } = await calls.challenge(signIn)
  expect(await calls.getChallenge({ challengeId })).toMatchObject({ challengeId, action: 'signIn' })
  expect(await calls.verify({ challengeId, verificationCode: sentCode() })).toMatchObject({ isVerified: true })
  const { token } = await calls.claimChallenge({ ...alice, challengeId })
  expect(await calls.validateChallenge({ ...alice, token })).toMatchObject({ isValid: true, action: 'signIn' })

  const session = await calls.createSession({ token, clientId: 'web' })
  expect((await calls.validateSession(session)).user).toMatchObject({ ...alice, email: signIn.email })
  const { accessToken } = await calls.refreshSession(session)
  await calls.revokeSession({ accessToken })
  await calls.revokeUserSessions(alice)
  await calls.deleteAuthenticator({ ...alice, userAuthenticatorId: authenticator.userAuthenticatorId })
  await calls.deleteUser(alice)

  const published = Object.getOwnPropertyNames(Authsignal.prototype)
  const missing = published.filter((name) => !['constructor', 'getRequestConfig'].includes(name) && !called.has(name))
  expect(missing).toEqual([])
})

describe('a challenge by the app’s own pages', () => {
  test('says when it expires, and sends a code', async () => {
    const { expiresAt, idempotencyKey } = await sdkFor(emulator()).challenge(signIn)
    expect(expiresAt * 1000 - Date.now()).toBeGreaterThan(9 * 60_000)
    expect(emulator().outbox).toMatchObject([{ to: signIn.email, idempotencyKey }])
  })

  test('takes a code once', async () => {
    const { challengeId } = await sdkFor(emulator()).challenge(signIn)
    const verificationCode = sentCode()
    const both = [1, 2].map(() => sdkFor(emulator()).verify({ challengeId, verificationCode }))
    // Either may be the first to arrive.
    const answers = (await Promise.all(both)).sort((one, other) => Number(other.isVerified) - Number(one.isVerified))
    expect(answers).toEqual([
      { isVerified: true, email: signIn.email, verificationMethod: 'EMAIL_OTP' },
      expect.objectContaining({ isVerified: false, failureReason: 'CODE_INVALID_OR_EXPIRED' }),
    ])
  })

  test('takes a code that was typed in groups', async () => {
    const { challengeId } = await sdkFor(emulator()).challenge(signIn)
    const verificationCode = ` ${sentCode().slice(0, 3)} ${sentCode().slice(3)}`
    expect(await sdkFor(emulator()).verify({ challengeId, verificationCode })).toMatchObject({ isVerified: true })
  })

  test('ends after five wrong codes, and with it its action', async () => {
    const { challengeId } = await sdkFor(emulator()).challenge({ ...signIn, ...alice })
    const reasons: unknown[] = []
    for (let attempt = 1; attempt <= 6; attempt++) {
      const verificationCode = attempt < 6 ? wrongCode() : sentCode()
      reasons.push((await sdkFor(emulator()).verify({ challengeId, verificationCode })).failureReason)
    }
    expect(new Set(reasons.slice(0, 4))).toEqual(new Set(['CODE_INVALID_OR_EXPIRED']))
    expect(reasons.slice(4)).toEqual(['MAX_ATTEMPTS_EXCEEDED', 'MAX_ATTEMPTS_EXCEEDED'])
    expect(emulator().actions).toMatchObject([{ ...alice, state: 'CHALLENGE_FAILED' }])
  })

  test('has no more attempts for being sent again', async () => {
    const sdk = sdkFor(emulator())
    const { challengeId } = await sdk.challenge(signIn)
    for (let attempt = 1; attempt <= 4; attempt++) await sdk.verify({ challengeId, verificationCode: wrongCode() })
    await sdk.challenge({ ...signIn, challengeId })
    const { failureReason } = await sdk.verify({ challengeId, verificationCode: wrongCode() })
    expect(failureReason).toBe('MAX_ATTEMPTS_EXCEEDED')
  })

  test('expires', async () => {
    const { challengeId } = await sdkFor(emulator()).challenge(signIn)
    const later = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 11 * 60_000)
    const answer = await sdkFor(emulator()).verify({ challengeId, verificationCode: sentCode() })
    const found = await sdkFor(emulator()).getChallenge({ challengeId })
    later.mockRestore()
    expect(answer.failureReason).toBe('CODE_INVALID_OR_EXPIRED')
    expect(found).toEqual({})
  })

  test('is sent again under the same id, with a new code', async () => {
    const sdk = sdkFor(emulator())
    const first = await sdk.challenge(signIn)
    const firstCode = sentCode()
    const second = await sdk.challenge({ ...signIn, challengeId: first.challengeId })
    expect(second).toMatchObject({ challengeId: first.challengeId, idempotencyKey: first.idempotencyKey })
    expect(emulator().outbox).toHaveLength(2)
    const { isVerified } = await sdk.verify({ challengeId: first.challengeId, verificationCode: firstCode })
    expect(isVerified).toBe(firstCode === sentCode())
  })

  test('goes by WhatsApp in the current and in the old form', async () => {
    const sdk = sdkFor(emulator())
    const phoneNumber = '+64270001234'
    await sdk.challenge({
      action: 'a',
      phoneNumber,
      verificationMethod: 'WHATSAPP',
      scope: AuthScope.addAuthenticators,
    })
    await sdk.challenge({ action: 'b', phoneNumber, smsChannel: SmsChannel.WHATSAPP })
    for (const action of ['a', 'b']) {
      const found = await sdk.getChallenge({ action })
      expect(found).toMatchObject({ phoneNumber, verificationMethod: 'WHATSAPP', smsChannel: 'WHATSAPP' })
    }
  })

  test('is claimed by one user, once it is verified', async () => {
    const sdk = sdkFor(emulator())
    const { challengeId } = await sdk.challenge(signIn)
    await expect(sdk.claimChallenge({ ...alice, challengeId })).rejects.toThrow('not verified')
    await sdk.verify({ challengeId, verificationCode: sentCode() })
    await sdk.claimChallenge({ ...alice, challengeId })
    await expect(sdk.claimChallenge({ userId: 'bob', challengeId })).rejects.toThrow('another user')
  })

  test('can be claimed unverified where the app says so', async () => {
    const { challengeId } = await sdkFor(emulator()).challenge(signIn)
    const claim = { ...alice, challengeId, skipVerificationCheck: true }
    const { token } = await sdkFor(emulator()).claimChallenge(claim)
    expect(await sdkFor(emulator()).validateChallenge({ token })).toMatchObject({ isValid: true })
  })

  test.each([
    ['/challenge', { verificationMethod: 'SMS' }, 400, 'phoneNumber is required'],
    ['/challenge', { verificationMethod: 'PASSKEY' }, 400, 'verificationMethod must be one of'],
    ['/challenge', { email: 'a@example.com', action: 'a b' }, 400, 'action code'],
    ['/verify', { challengeId: 'none', verificationCode: '1' }, 404, 'no such challenge'],
    ['/verify', {}, 400, 'challengeId is required'],
    ['/claim', { challengeId: 'none' }, 400, 'userId is required'],
  ])('refuses %s with %j', async (path, body, status, description) => {
    const answer = await callApi(emulator(), 'POST', path, body)
    expect(answer.status).toBe(status)
    expect(await answer.text()).toContain(description)
  })
})

describe('a session', () => {
  test('is refused after refresh, revocation of it, and of all of its user', async () => {
    const sdk = sdkFor(emulator())
    const first = await sdk.createSession({ token: await passedToken(), clientId: 'web' })
    const second = await sdk.refreshSession(first)
    await expect(sdk.validateSession(first)).rejects.toThrow('revoked')
    await expect(sdk.refreshSession(first)).rejects.toThrow('spent')
    await sdk.revokeSession(second)
    await expect(sdk.validateSession(second)).rejects.toThrow('revoked')
    const third = await sdk.createSession({ token: await passedToken(), clientId: 'web' })
    await sdk.revokeUserSessions(alice)
    await expect(sdk.validateSession(third)).rejects.toThrow('revoked')
  })

  test('expires', async () => {
    const sdk = sdkFor(emulator())
    const session = await sdk.createSession({ token: await passedToken(), clientId: 'web' })
    const { expiresAt, verificationMethod } = await sdk.validateSession(session)
    expect(verificationMethod).toBe('EMAIL_OTP')
    const later = jest.spyOn(Date, 'now').mockReturnValue((expiresAt + 1) * 1000)
    await expect(sdk.validateSession(session)).rejects.toThrow('expired')
    later.mockRestore()
  })

  test('is of one client', async () => {
    const sdk = sdkFor(emulator())
    const { accessToken } = await sdk.createSession({ token: await passedToken(), clientId: 'web' })
    await expect(sdk.validateSession({ accessToken, clientIds: ['web', 'app'] })).resolves.toBeDefined()
    await expect(sdk.validateSession({ accessToken, clientIds: ['app'] })).rejects.toThrow('another client')
  })

  test('needs a challenge that was passed, of the action that was asked for', async () => {
    const sdk = sdkFor(emulator())
    const { token } = await sdk.track({ ...alice, action: 'signIn' })
    await expect(sdk.createSession({ token, clientId: 'web' })).rejects.toThrow('passed')
    const other = { token: await passedToken(), clientId: 'web', action: 'other' }
    await expect(sdk.createSession(other)).rejects.toThrow('another action')
    await expect(sdk.createSession({ token: 'a.b.c', clientId: 'web' })).rejects.toThrow('passed')
  })
})

test('a user is found by the token of an action', async () => {
  const sdk = sdkFor(emulator())
  const { token } = await sdk.track({ ...alice, action: 'signIn' })
  await sdk.track({ userId: 'bob', action: 'signIn' })
  const found = await sdk.queryUsers({ token })
  expect(found).toMatchObject({ users: [alice], tokenPayload: { ...alice, actionCode: 'signIn' } })
  await expect(sdk.queryUsers({ token: 'a.b.c' })).rejects.toThrow('token is invalid')
})

test.each(['fromDate=soon', 'state=HAPPY'])('a query of actions with %s is refused', async (query) => {
  expect((await callApi(emulator(), 'GET', `/users/alice/actions?${query}`)).status).toBe(400)
})

test('an action says by which authenticator it was verified', async () => {
  const sdk = sdkFor(emulator())
  emulator().rules.set('transfer', 'CHALLENGE_REQUIRED')
  const attributes = { verificationMethod: VerificationMethod.SMS, phoneNumber: '+64270001234' }
  const { authenticator } = await sdk.enrollVerifiedAuthenticator({ ...alice, attributes })
  const { idempotencyKey } = await sdk.track({ ...alice, action: 'transfer' })
  await emulator().challenges.succeed(idempotencyKey)
  const verifiedByAuthenticatorId = authenticator.userAuthenticatorId
  expect(await sdk.queryUserActions(alice)).toMatchObject([{ verificationMethod: 'SMS', verifiedByAuthenticatorId }])
})
