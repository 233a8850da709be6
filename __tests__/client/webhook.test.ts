import { createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import { Webhook as SdkWebhook } from '@authsignal/node'
import { AuthsignalClient, type AuthsignalError, type WebhookEvent } from 'authsignal-express'

const apiSecretKey = 'the-very-secret-key'
const { webhook } = new AuthsignalClient({ apiSecretKey })
const sdk = new SdkWebhook(apiSecretKey)

/** The time that it is in these tests, in seconds. */
const now = 1_767_323_045
const MINUTE = 60

const event = {
  version: 1,
  type: 'sms.created',
  id: 'e1',
  source: 'https://authsignal.com',
  time: '2026-01-02T03:04:05.000Z',
  tenantId: 't1',
  data: { to: '+6421000000', code: '012345', userId: 'a private user “ü”' },
}
const body = JSON.stringify(event, null, 1)

beforeEach(() => {
  jest.spyOn(Date, 'now').mockReturnValue(now * 1000)
})
afterEach(() => {
  jest.restoreAllMocks()
})

/** A signature as the public documentation describes it. */
function signature(of: string | Buffer = body, t: number | string = now, secret = apiSecretKey): string {
  return createHmac('sha256', secret).update(`${t}.`).update(of).digest('base64').replace(/=+$/, '')
}

function header(of: string | Buffer = body, t: number | string = now, secret = apiSecretKey): string {
  return `t=${t},v2=${signature(of, t, secret)}`
}

const thrown: { error: AuthsignalError; case: string }[] = []

/** The error that constructEvent throws at these, kept for the last test. */
function errorOf(...given: [body?: unknown, signature?: unknown, tolerance?: unknown]): AuthsignalError {
  try {
    webhook.constructEvent(...(given as Parameters<typeof webhook.constructEvent>))
  } catch (error) {
    thrown.push({ error: error as AuthsignalError, case: String(expect.getState().currentTestName) })
    return error as AuthsignalError
  }
  throw new Error('it was accepted')
}

const refused = { name: 'AuthsignalError', code: 'ERR_AUTHSIGNAL_SIGNATURE_INVALID', status: 400 }
const misconfigured = { name: 'AuthsignalError', code: 'ERR_AUTHSIGNAL_MISCONFIGURED', status: 500 }
const noEvent = { name: 'AuthsignalError', code: 'ERR_AUTHSIGNAL_UNEXPECTED_RESPONSE', status: 502 }

describe('a right signature', () => {
  it('gives the event, as the SDK does', () => {
    expect(webhook.constructEvent(body, header())).toEqual(event)
    expect(sdk.constructEvent(body, header())).toEqual(event)
  })

  it.each([
    ['a string', body],
    ['a Buffer, as express.raw gives it', Buffer.from(body)],
    ['a Uint8Array', new Uint8Array(Buffer.from(body))],
    ['a part of a larger buffer', Buffer.from(`xx${body}xx`).subarray(2, -2)],
  ])('over %s', (_name, raw) => {
    expect(webhook.constructEvent(raw, header())).toEqual(event)
  })

  it.each([
    ['the right one first', `t=${now},v2=${signature()},v2=${signature(body, now, 'an-old-key')}`],
    ['the right one last', `t=${now},v2=AAAA,v2=,v2=${signature(body, now, 'an-old-key')},v2=${signature()}`],
    ['beside another version', `t=${now},v1=AAAA,v2=${signature()},v3=AAAA`],
    ['in another order', `v2=${signature()},t=${now}`],
  ])('among several: %s', (_name, several) => {
    expect(webhook.constructEvent(body, several)).toEqual(event)
    expect(sdk.constructEvent(body, several)).toEqual(event)
  })

  it('with blanks after its commas', () => {
    expect(webhook.constructEvent(body, `t=${now}, v2=${signature()}`)).toEqual(event)
  })

  it('with its padding, or in the alphabet of base64url', () => {
    // An id whose signature has characters that the alphabets write differently.
    const bodies = Array.from({ length: 50 }, (_, id) => JSON.stringify({ ...event, id: String(id) }))
    const telling = bodies.find((one) => /\+.*\/|\/.*\+/.test(signature(one))) ?? ''
    const url = signature(telling).replaceAll('+', '-').replaceAll('/', '_')
    expect(url).not.toBe(signature(telling))
    for (const one of [`${signature(telling)}=`, url, `${url}=`])
      expect(webhook.constructEvent(telling, `t=${now},v2=${one}`)).toMatchObject({ type: 'sms.created' })
  })
})

describe('a signature that is not accepted', () => {
  const right = signature()
  it.each([
    ['none', undefined],
    ['null', null],
    ['an array, of a header that came twice', [header(), header()]],
    ['an empty one', ''],
    ['the bare signature', right],
    ['one without a time', `v2=${right}`],
    ['one without a signature', `t=${now}`],
    ['an empty v2', `t=${now},v2=`],
    ['another key', header(body, now, 'another-key')],
    ['several, none of them right', `t=${now},v2=${signature('x')},v2=${signature(body, now - 1)}`],
    ['another version alone', `t=${now},v1=${right}`],
    ['a version in another case', `t=${now},V2=${right}`],
    ['the right one as a part of another name', `t=${now},xv2=${right}`],
    ['two times, the right one first', `t=${now},t=${now - 1},v2=${right}`],
    ['two times, the right one last', `t=${now - 1},t=${now},v2=${right}`],
    ['the right time twice', `t=${now},t=${now},v2=${right}`],
    ['two headers joined', `${header()}, ${header()}`],
    ['a signature cut short', `t=${now},v2=${right.slice(0, -1)}`],
    ['a signature cut to nothing but its start', `t=${now},v2=${right.slice(0, 8)}`],
    ['a longer signature', `t=${now},v2=${right}AAAA`],
    ['hex', `t=${now},v2=${Buffer.from(right, 'base64').toString('hex')}`],
    ['separators of another kind', `t=${now};v2=${right}`],
  ])('%s', (_name, given) => {
    expect(errorOf(body, given)).toMatchObject(refused)
  })

  // The SDK takes a part of these for a number; NaN is never too old.
  it.each([
    'abc',
    '',
    ' ',
    'NaN',
    'Infinity',
    `${now}.5`,
    `${now}x`,
    `+${now}`,
    '-1',
    '1e9',
    '0x695733e5',
    `${now}000`,
  ])('the time %j, though it is signed', (t) => {
    expect(errorOf(body, header(body, t))).toMatchObject(refused)
  })

  it('a time that was changed after signing', () => {
    expect(errorOf(body, `t=${now + 1},v2=${right}`)).toMatchObject(refused)
    expect(errorOf(body, `t=0${now},v2=${right}`)).toMatchObject(refused)
  })

  it('a body with any one byte changed, taken away or added', () => {
    const raw = Buffer.from(body)
    for (let at = 0; at < raw.length; at += 1) {
      const changed = Buffer.from(raw)
      changed[at] = (raw[at] ?? 0) ^ 1
      expect(errorOf(changed, header())).toMatchObject(refused)
      expect(errorOf(Buffer.concat([raw.subarray(0, at), raw.subarray(at + 1)]), header())).toMatchObject(refused)
    }
    for (const changed of [`${body}\n`, ` ${body}`, JSON.stringify(event), ''])
      expect(errorOf(changed, header())).toMatchObject(refused)
  })
})

describe('the time', () => {
  const at = (offset: number) => header(body, now + offset)

  it('may be five minutes from now, either way', () => {
    for (const offset of [0, -5 * MINUTE, 5 * MINUTE])
      expect(webhook.constructEvent(body, at(offset))).toMatchObject({ id: 'e1' })
  })

  it('may not be a second older', () => {
    expect(errorOf(body, at(-5 * MINUTE - 1))).toMatchObject(refused)
    expect(() => sdk.constructEvent(body, at(-5 * MINUTE - 1))).toThrow('tolerance')
  })

  it('may not be a second further ahead, which the SDK accepts', () => {
    expect(errorOf(body, at(5 * MINUTE + 1))).toMatchObject(refused)
    expect(sdk.constructEvent(body, at(5 * MINUTE + 1))).toEqual(event)
  })

  it.each([0.5, 1, 60])('a tolerance of %p minutes bounds it both ways', (minutes) => {
    for (const sign of [1, -1]) {
      expect(webhook.constructEvent(body, at(sign * minutes * MINUTE), minutes)).toMatchObject({ id: 'e1' })
      expect(errorOf(body, at(sign * (minutes * MINUTE + 1)), minutes)).toMatchObject(refused)
    }
  })

  it('an undefined tolerance is five minutes', () => {
    expect(webhook.constructEvent(body, at(-5 * MINUTE), undefined)).toMatchObject({ id: 'e1' })
    expect(errorOf(body, at(-5 * MINUTE - 1), undefined)).toMatchObject(refused)
  })

  it.each([0, -1, 60.1, Infinity, NaN, '5', null, 5n, {}])('a tolerance of %p is refused', (minutes) => {
    const error = errorOf(body, header(), minutes)
    expect(error).toMatchObject(misconfigured)
    expect(error.message).toMatch(/toleranceMinutes.*above 0, at most 60/)
  })
})

describe('a body', () => {
  it.each([
    ['a parsed object', event],
    ['a parsed array', [event]],
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['an ArrayBuffer', new Uint8Array(Buffer.from(body)).buffer],
    ['a Buffer that went through JSON', Buffer.from(body).toJSON()],
    ['an object that pretends', { toString: () => body, length: body.length }],
  ])('that is %s is not raw, and the error names the cure', (_name, given) => {
    const error = errorOf(given, header())
    expect(error).toMatchObject(misconfigured)
    expect(error.message).toContain("express.raw({ type: 'application/json' })")
  })

  it.each([
    ['no JSON', 'type=sms.created'],
    ['nothing', ''],
    ['cut short', body.slice(0, -1)],
    ['null', 'null'],
    ['a string', '"sms.created"'],
    ['a number', '1'],
    ['an array', `[${body}]`],
    ['an event without a type', '{"data":{}}'],
    ['an event without data', '{"type":"sms.created"}'],
    ['an event whose data is no object', '{"type":"sms.created","data":"x"}'],
    ['a log without records', '{"type":"action.log_created","data":{}}'],
    ['a log whose record is none', '{"type":"challenge.log_created","data":{"records":[null]}}'],
    ['an event whose type is no string', '{"type":{"toString":"sms.created"}}'],
    ['a type of its prototype', '{"__proto__":{"type":"sms.created"}}'],
    ['a type of its constructor', '{"constructor":{"prototype":{"type":"sms.created"}}}'],
  ])('that is signed and is %s is no event', (_name, raw) => {
    expect(errorOf(raw, header(raw))).toMatchObject(noEvent)
  })

  it('with names of prototypes touches none', () => {
    const raw = `{"type":"sms.created","__proto__":{"polluted":1},"data":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}`
    const read = webhook.constructEvent(raw, header(raw))
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
    expect(Object.getPrototypeOf(read.data)).toBe(Object.prototype)
    expect((read as unknown as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('with the records of a log in place of data has them in data', () => {
    const envelope = { version: 1, id: 'e1', source: event.source, time: event.time, tenantId: 't1' }
    const records = [
      { type: 'action.log_created', record: { id: 1 } },
      { type: 'challenge.log_created', record: {} },
    ]
    for (const type of ['action.log_created', undefined]) {
      const raw = JSON.stringify({ ...envelope, type, records })
      const read = webhook.constructEvent(raw, header(raw))
      expect(read).toEqual({ ...envelope, type: 'action.log_created', data: { records } })
    }
  })

  it.each(['{"records":[]}', '{"records":[null]}', '{"records":{"0":{"type":"action.log_created"}}}'])(
    'of a log without any record is no event: %s',
    (raw) => {
      expect(errorOf(raw, header(raw))).toMatchObject(noEvent)
    },
  )

  it('of a type and with fields that this version does not know is kept', () => {
    const later = { ...event, type: 'constructor', later: { nested: [1, null] } }
    const raw = JSON.stringify(later)
    expect(webhook.constructEvent(raw, header(raw))).toEqual(later)
  })
})

describe('the types', () => {
  // What `tsc` says of these two is the test: an expected error that is none fails it.
  const mistakes = (event: WebhookEvent): unknown[] => [
    // @ts-expect-error -- the type is not known yet
    event.data.records[0],
    // @ts-expect-error -- there is no such event
    event.type === 'action.created',
    // @ts-expect-error -- a log has no code
    event.type === 'action.log_created' && event.data.code,
  ]
  function summary(event: WebhookEvent): string {
    if (event.type === 'action.log_created') {
      const first = event.data.records[0]
      return `${event.data.records.length} of ${first?.type ?? ''}`
    }
    switch (event.type) {
      case 'email.created':
      case 'sms.created': {
        const code: string | undefined = event.data.code
        return `${code} to ${event.data.to}`
      }
      case 'push.created':
        return event.data.challengeId
      case 'action.verify':
        return `${event.data.userId} verifies ${event.data.idempotencyKey}`
      case 'authenticator.created':
      case 'authenticator.updated':
      case 'authenticator.deleted':
        return `${event.type} ${event.data.userAuthenticatorId}`
      case 'challenge.log_created':
        return `${event.data.records.length} challenges`
      default: {
        const none: never = event
        return none
      }
    }
  }

  it.each([
    ['action.log_created', { records: [{ type: 'action', record: { id: 1 } }] }, '1 of action'],
    ['challenge.log_created', { records: [] }, '0 challenges'],
    ['sms.created', { to: '+6421', code: '012345' }, '012345 to +6421'],
    ['action.verify', { userId: 'alice', idempotencyKey: 'k1' }, 'alice verifies k1'],
    ['authenticator.created', { userAuthenticatorId: 'a1' }, 'authenticator.created a1'],
  ])('tell %s apart', (type, data, expected) => {
    const raw = JSON.stringify({ ...event, type, data })
    expect(summary(webhook.constructEvent(raw, header(raw)))).toBe(expected)
  })

  it('have no field before the type is known', () => {
    expect(mistakes).toBeInstanceOf(Function)
  })
})

describe('what is shown', () => {
  it('the client shows no secret', () => {
    const client = new AuthsignalClient({ apiSecretKey })
    expect(inspect(client, { depth: 20, showHidden: true }) + JSON.stringify(client)).not.toContain(apiSecretKey)
  })

  it('no error above shows the secret, the body or the right signature', () => {
    expect(thrown.length).toBeGreaterThan(100)
    for (const { error, case: name } of thrown) {
      const shown = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + String(error.stack)
      const hidden = [apiSecretKey, 'a private user', '012345', 'sms.created', signature()]
      expect({ name, shows: hidden.filter((one) => shown.includes(one)) }).toEqual({ name, shows: [] })
    }
  })
})
