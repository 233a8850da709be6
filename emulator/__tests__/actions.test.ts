import { type AuthsignalError, UserActionState } from '@authsignal/node'
import { Authsignal } from '@authsignal/node'
import { callApi, sdkFor, useEmulator } from './helpers'

const emulator = useEmulator()
const transfer = { userId: 'alice', action: 'transfer' }

describe('track', () => {
  test('allows what no rule decides, and says what a client may use', async () => {
    const answer = await sdkFor(emulator()).track(transfer)
    expect(answer).toMatchObject({
      state: 'ALLOW',
      isEnrolled: false,
      enrolledVerificationMethods: [],
      allowedVerificationMethods: ['EMAIL_OTP'],
      ruleIds: [],
    })
    expect(answer.idempotencyKey).toMatch(/^[\da-f-]{36}$/)
    expect(answer.url).toBe(`${emulator().url}/challenge?token=${answer.token}`)
  })

  test('decides by the rule of the action, then by that for all others', async () => {
    emulator().rules.set('*', 'BLOCK')
    emulator().rules.set('transfer', 'CHALLENGE_REQUIRED')
    const sdk = sdkFor(emulator())
    expect(await sdk.track(transfer)).toMatchObject({ state: 'CHALLENGE_REQUIRED', ruleIds: ['rule-transfer'] })
    expect(await sdk.track({ ...transfer, action: 'withdraw' })).toMatchObject({ state: 'BLOCK', ruleIds: [] })
  })

  test('asks a function for the outcome, with the attributes as they were sent', async () => {
    emulator().rules.set('transfer', async ({ attributes }) =>
      Number(attributes.custom?.amount) > 100 ? 'REVIEW_REQUIRED' : 'ALLOW',
    )
    const states = [10, 1000].map(async (amount) => {
      const { state } = await sdkFor(emulator()).track({ ...transfer, attributes: { custom: { amount } } })
      return state
    })
    expect(await Promise.all(states)).toEqual(['ALLOW', 'REVIEW_REQUIRED'])
    expect(emulator().actions[0]).toMatchObject({
      userId: 'alice',
      actionCode: 'transfer',
      state: 'ALLOW',
      attributes: { custom: { amount: 10 } },
    })
  })

  test('answers a forced unknown state as it stands', async () => {
    emulator().rules.set('transfer', 'SOMETHING_NEW')
    expect((await sdkFor(emulator()).track(transfer)).state).toBe('SOMETHING_NEW')
  })

  test('tells of a rule that throws', async () => {
    emulator().rules.set('transfer', () => {
      throw new Error('my rule is wrong')
    })
    await expect(sdkFor(emulator()).track(transfer)).rejects.toThrow('my rule is wrong')
  })

  test('starts one action for one idempotency key, however the rule would decide now', async () => {
    const sdk = sdkFor(emulator())
    const request = { ...transfer, attributes: { idempotencyKey: 'key-1' } }
    const both = await Promise.all([sdk.track(request), sdk.track(request)])
    emulator().rules.set('transfer', 'BLOCK')
    const later = await sdk.track({ ...request, attributes: { idempotencyKey: 'key-1', email: 'a@example.com' } })
    expect([...both, later].map(({ state }) => state)).toEqual(['ALLOW', 'ALLOW', 'ALLOW'])
    expect(emulator().actions).toHaveLength(1)
    expect(emulator().actions[0]?.attributes).toEqual({ idempotencyKey: 'key-1' })
  })

  test('asks a slow rule once for one idempotency key', async () => {
    let decide = (_outcome: 'ALLOW') => {}
    const asked = jest.fn(() => new Promise<'ALLOW'>((resolve) => (decide = resolve)))
    emulator().rules.set('transfer', asked)
    const request = { ...transfer, attributes: { idempotencyKey: 'key-1' } }
    const both = [1, 2].map(() => sdkFor(emulator()).track(request))
    while (emulator().requests.length < 2) await new Promise(setImmediate)
    decide('ALLOW')
    expect((await Promise.all(both)).map(({ state }) => state)).toEqual(['ALLOW', 'ALLOW'])
    expect(asked).toHaveBeenCalledTimes(1)
    expect(emulator().actions).toHaveLength(1)
  })

  test('keeps actions of other users and codes apart that share a key', async () => {
    const sdk = sdkFor(emulator())
    const attributes = { idempotencyKey: 'key-1' }
    await sdk.track({ ...transfer, attributes })
    await sdk.track({ ...transfer, userId: 'bob', attributes })
    await sdk.track({ ...transfer, action: 'withdraw', attributes })
    expect(emulator().actions).toHaveLength(3)
  })

  test('keeps actions apart whose names run together', async () => {
    const sdk = sdkFor(emulator())
    await sdk.track({ userId: 'a', action: 'b', attributes: { idempotencyKey: 'b,c' } })
    await sdk.track({ userId: 'a,b', action: 'b', attributes: { idempotencyKey: 'c' } })
    expect(emulator().actions).toHaveLength(2)
  })

  test('is kept as it was sent, whatever a rule or a test does with what it is given', async () => {
    emulator().rules.set('transfer', ({ attributes }) => {
      expect(() => Object.assign(attributes.custom ?? {}, { amount: 1 })).toThrow(TypeError)
      return 'ALLOW'
    })
    const custom = { amount: 10, to: ['Ada'] }
    await callApi(emulator(), 'POST', '/users/alice/actions/transfer', { custom })
    const [action] = emulator().actions
    expect(() => Object.assign(action ?? {}, { state: 'BLOCK' })).toThrow(TypeError)
    expect(() => (action?.attributes.custom?.to as string[]).push('Eve')).toThrow(TypeError)
    expect(emulator().actions).toMatchObject([{ state: 'ALLOW', attributes: { custom } }])
    expect(emulator().requests).toMatchObject([{ body: { custom } }])
  })

  test('decodes path segments', async () => {
    const userId = 'auth0|a/b c?%'
    await callApi(emulator(), 'POST', `/users/${encodeURIComponent(userId)}/actions/transfer`)
    expect(emulator().actions[0]?.userId).toBe(userId)
  })

  test.each([
    ['an action code with a space', '/users/alice/actions/a%20b', {}, 'action code'],
    ['an action code that is too long', `/users/alice/actions/${'a'.repeat(65)}`, {}, 'action code'],
    ['a relative redirectUrl', '/users/alice/actions/transfer', { redirectUrl: '/back' }, 'redirectUrl'],
    ['a redirectUrl that is a script', '/users/alice/actions/transfer', { redirectUrl: 'javascript:1' }, 'redirectUrl'],
    ['an idempotencyKey that is a number', '/users/alice/actions/transfer', { idempotencyKey: 1 }, 'idempotencyKey'],
    ['custom that is a list', '/users/alice/actions/transfer', { custom: [1] }, 'custom'],
    ['a body that is a list', '/users/alice/actions/transfer', [], 'JSON object'],
    ['a body that is no JSON', '/users/alice/actions/transfer', '{"a":', 'not valid JSON'],
    ['a bad percent-encoding', '/users/%E0%A4%A/actions/transfer', {}, ''],
  ])('refuses %s', async (_what, path, body, description) => {
    const answer = await callApi(emulator(), 'POST', path, body)
    expect(answer.status).toBe(400)
    const { errorCode, errorDescription } = (await answer.json()) as Record<string, string>
    expect(errorCode).toBe('invalid_request')
    expect(errorDescription).toContain(description)
    expect(emulator().actions).toEqual([])
  })

  test('refuses a body that is too large', async () => {
    const answer = await callApi(emulator(), 'POST', '/users/alice/actions/transfer', { a: 'a'.repeat(300_000) })
    expect(answer.status).toBe(413)
    expect(await answer.json()).toMatchObject({ errorDescription: 'The body is larger than 256kb.' })
  })
})

describe('an action', () => {
  test('can be read, with the rules that decided', async () => {
    emulator().rules.set('transfer', 'BLOCK')
    const { idempotencyKey } = await sdkFor(emulator()).track(transfer)
    const action = await sdkFor(emulator()).getAction({ ...transfer, idempotencyKey })
    expect(action).toMatchObject({ state: 'BLOCK', rules: [{ ruleId: 'rule-transfer' }] })
    expect(new Date(action.createdAt).toISOString()).toBe(action.createdAt)
    expect(new Date(action.stateUpdatedAt).toISOString()).toBe(action.stateUpdatedAt)
  })

  test('is not found under another user', async () => {
    const { idempotencyKey } = await sdkFor(emulator()).track(transfer)
    const answer = await callApi(emulator(), 'GET', `/users/bob/actions/transfer/${idempotencyKey}`)
    expect(answer.status).toBe(404)
  })

  test('can be given a state that is known', async () => {
    emulator().rules.set('transfer', 'REVIEW_REQUIRED')
    const sdk = sdkFor(emulator())
    const { idempotencyKey } = await sdk.track(transfer)
    const attributes = { state: UserActionState.REVIEW_SUCCEEDED }
    expect(await sdk.updateAction({ ...transfer, idempotencyKey, attributes })).toEqual(attributes)
    expect(emulator().actions[0]?.state).toBe('REVIEW_SUCCEEDED')
    const path = `/users/alice/actions/transfer/${idempotencyKey}`
    expect((await callApi(emulator(), 'PATCH', path, { state: 'HAPPY' })).status).toBe(400)
  })

  test('is among those of its user', async () => {
    const sdk = sdkFor(emulator())
    await sdk.track(transfer)
    await sdk.track({ ...transfer, action: 'withdraw' })
    await sdk.track({ ...transfer, userId: 'bob' })
    const codes = async (query: object): Promise<string[]> =>
      (await sdk.queryUserActions({ userId: 'alice', ...query })).map(({ actionCode }) => actionCode)
    expect(await codes({})).toEqual(['transfer', 'withdraw'])
    expect(await codes({ actionCodes: ['withdraw'] })).toEqual(['withdraw'])
    expect(await codes({ state: UserActionState.BLOCK })).toEqual([])
    expect(await codes({ state: 'CHALLENGE_INITIATED' })).toEqual([])
    expect(await codes({ fromDate: '2999-01-01' })).toEqual([])
  })
})

describe('the API', () => {
  test('refuses a wrong key, with the documented words', async () => {
    const sdk = new Authsignal({ apiSecretKey: 'wrong', apiUrl: emulator().apiUrl, retries: 0 })
    const error = await sdk.track(transfer).catch((caught: unknown) => caught as AuthsignalError)
    expect(error).toMatchObject({
      statusCode: 401,
      errorCode: 'unauthorized',
      errorDescription:
        'The request is unauthorized. Check that your API key and region base URL are correctly configured.',
    })
    expect(emulator().actions).toEqual([])
  })

  test('refuses a request without credentials', async () => {
    expect((await fetch(`${emulator().apiUrl}/users/alice`)).status).toBe(401)
  })

  test('answers an unknown path in its own format', async () => {
    const answer = await callApi(emulator(), 'GET', '/nothing')
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ errorCode: 'not_found' })
  })

  test('keeps every request, without its credentials', async () => {
    await sdkFor(emulator()).track({ ...transfer, attributes: { idempotencyKey: 'key-1' } })
    await callApi(emulator(), 'GET', '/users/alice/actions/transfer/other?a=b')
    expect(emulator().requests).toEqual([
      { method: 'POST', path: '/v1/users/alice/actions/transfer', body: { idempotencyKey: 'key-1' }, status: 200 },
      { method: 'GET', path: '/v1/users/alice/actions/transfer/other?a=b', body: undefined, status: 404 },
    ])
  })
})
