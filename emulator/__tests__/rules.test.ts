import type { RuleDefinition } from '../src'
import { sdkFor, useEmulator } from './helpers'

const emulator = useEmulator({ country: 'NZ' })

async function decide(attributes: Record<string, unknown> = {}, userId = 'alice'): Promise<[string, unknown]> {
  const request = { userId, action: 'transfer', attributes }
  const { state, ruleIds } = await sdkFor(emulator()).track(request)
  return [state, ruleIds?.[0]]
}

function rule(ruleId: string, when: RuleDefinition['when'], outcome = 'CHALLENGE_REQUIRED'): RuleDefinition {
  return { ruleId, when, outcome }
}

const large = rule('large', { fact: 'amount', operator: 'greaterThan', value: 1000 })
const huge = rule('huge', { fact: 'amount', operator: 'greaterThan', value: 10_000 }, 'REVIEW_REQUIRED')

test('the first rule that matches decides, and is named', async () => {
  emulator().rules.define('transfer', [huge, large])
  expect(await decide({ custom: { amount: 20_000 } })).toEqual(['REVIEW_REQUIRED', 'huge'])
  expect(await decide({ custom: { amount: 2000 } })).toEqual(['CHALLENGE_REQUIRED', 'large'])
  expect(await decide({ custom: { amount: 20 } })).toEqual(['ALLOW', undefined])
})

test('get-action names the rule as it was defined', async () => {
  emulator().rules.define('transfer', [{ ...large, name: 'Large transfer', description: 'Over 1000' }])
  const request = { userId: 'alice', action: 'transfer' }
  const { idempotencyKey } = await sdkFor(emulator()).track({ ...request, attributes: { custom: { amount: 2000 } } })
  const { rules } = await sdkFor(emulator()).getAction({ ...request, idempotencyKey })
  expect(rules).toEqual([{ ruleId: 'large', name: 'Large transfer', description: 'Over 1000' }])
})

test('an attribute that is missing, or no number, is neither more nor less', async () => {
  const small = rule('small', { fact: 'amount', operator: 'lessThan', value: 5 })
  emulator().rules.define('transfer', [large, small])
  expect(await decide()).toEqual(['ALLOW', undefined])
  expect(await decide({ custom: { amount: 'many' } })).toEqual(['ALLOW', undefined])
})

test.each<[string, unknown, unknown, boolean]>([
  ['greaterThan', 1000, '2000', false],
  ['lessThanInclusive', 5, '5', false],
  ['lessThanInclusive', 5, 5, true],
  ['in', ['a', 'b'], 'b', true],
  ['in', ['a', 'b'], 'ab', false],
  ['notIn', ['a', 'b'], undefined, true],
  ['contains', 'evil', 'https://evil.example', true],
  ['contains', 'evil', ['evil'], true],
  ['contains', 5, '5', false],
  ['doesNotContain', 'evil', 'https://good.example', true],
  ['doesNotContain', 'evil', undefined, true],
  ['doesNotContain', 'evil', ['evil'], false],
  ['in', { fact: 'known' }, 'a', true],
  ['notIn', { fact: 'unknown' }, 'a', true],
])('%s %j matches %j: %s', async (operator, value, fact, expected) => {
  const when = { fact: 'it', operator, value } as RuleDefinition['when']
  emulator().rules.define('transfer', [rule('it', when)])
  const [, ruleId] = await decide({ custom: { it: fact, known: ['a'] } })
  expect(ruleId).toBe(expected ? 'it' : undefined)
})

test.each([
  ['undefined', () => undefined, 'not undefined'],
  ['a number', () => Promise.resolve(5), 'not 5'],
  ['nothing but an empty text', () => '', "not ''"],
])('a function that gives %s is told with its action', async (_what, decideBy, message) => {
  emulator().rules.set('*', decideBy as () => string)
  await expect(decide()).rejects.toThrow(`The rule of '*', asked for the action 'transfer'`)
  await expect(decide()).rejects.toThrow(message)
  expect(emulator().actions).toEqual([])
})

test.each<[unknown, string]>([
  ['a b', "'a b'"],
  ['', "''"],
  [5, '5'],
  [undefined, 'undefined'],
])('a rule is for an action code, not %j', (actionCode, text) => {
  const { rules } = emulator()
  const code = actionCode as string
  const calls = [
    () => {
      rules.set(code, 'ALLOW')
    },
    () => {
      rules.define(code, [])
    },
    () => {
      rules.setDefault(code, 'ALLOW')
    },
  ]
  for (const call of calls) expect(call).toThrow(TypeError)
  expect(calls[0]).toThrow(`rules.set(${text}, …): `)
})

test('conditions combine', async () => {
  const abroad = { fact: 'country', operator: 'notIn', value: ['NZ', 'AU'] } as const
  emulator().rules.define('transfer', [rule('abroad', { all: [large.when, { any: [abroad, { not: abroad }] }] })])
  expect(await decide({ custom: { amount: 2000, country: 'FR' } })).toEqual(['CHALLENGE_REQUIRED', 'abroad'])
  expect(await decide({ custom: { amount: 20, country: 'FR' } })).toEqual(['ALLOW', undefined])
})

test('the country is that of custom, or of the options', async () => {
  emulator().rules.define('transfer', [rule('home', { fact: 'country', operator: 'equal', value: 'NZ' })])
  expect(await decide()).toEqual(['CHALLENGE_REQUIRED', 'home'])
  expect(await decide({ custom: { country: 'FR' } })).toEqual(['ALLOW', undefined])
})

test('a device is new until its user was seen with it, whatever custom claims', async () => {
  emulator().rules.define('transfer', [rule('new', { fact: 'newDevice', operator: 'equal', value: true })])
  const onPhone = { deviceId: 'phone', custom: { newDevice: false } }
  expect(await decide(onPhone)).toEqual(['CHALLENGE_REQUIRED', 'new'])
  expect(await decide(onPhone)).toEqual(['ALLOW', undefined])
  expect(await decide(onPhone, 'bob')).toEqual(['CHALLENGE_REQUIRED', 'new'])
  expect(await decide()).toEqual(['CHALLENGE_REQUIRED', 'new'])
})

test.each([
  ['ipAddress', '203.0.113.7'],
  ['userAgent', 'curl'],
  ['email', 'alice@example.com'],
])('%s is a fact', async (fact, value) => {
  emulator().rules.define('transfer', [rule('it', { fact, operator: 'equal', value })])
  expect(await decide({ [fact]: value })).toEqual(['CHALLENGE_REQUIRED', 'it'])
})

test('who decides: what was set, the code’s rules, its default, then those of all others', async () => {
  const { rules } = emulator()
  rules.setDefault('*', 'BLOCK')
  expect(await decide()).toEqual(['BLOCK', undefined])
  rules.define('*', [rule('for-all', { fact: 'userId', operator: 'equal', value: 'alice' })])
  expect(await decide()).toEqual(['CHALLENGE_REQUIRED', 'for-all'])
  rules.setDefault('transfer', 'REVIEW_REQUIRED')
  expect(await decide()).toEqual(['REVIEW_REQUIRED', undefined])
  rules.define('transfer', [large])
  expect(await decide({ custom: { amount: 2000 } })).toEqual(['CHALLENGE_REQUIRED', 'large'])
  expect(await decide()).toEqual(['REVIEW_REQUIRED', undefined])
  rules.set('transfer', 'ALLOW')
  expect(await decide({ custom: { amount: 2000 } })).toEqual(['ALLOW', 'rule-transfer'])
  rules.set('transfer', undefined)
  expect(await decide({ custom: { amount: 2000 } })).toEqual(['CHALLENGE_REQUIRED', 'large'])
})

test.each([
  [[{ ...large, outcom: 'ALLOW' }], 'Unrecognized key: "outcom"'],
  [[large, large], "[1].ruleId: 'large' stands twice"],
  [[{ ...large, when: { fact: 'amount', operator: 'over', value: 1 } }], '[0].when.operator'],
  [[{ ...large, when: { all: [large.when, { fact: 'a', operator: 'equal' }] } }], '[0].when.all[1].value'],
  [[{ ...large, when: { not: {} } }], '[0].when.not.fact'],
  [[{ ...large, when: { fact: 'a', operator: 'in', value: 'NZ' } }], '[0].when.value: must be a list for in'],
  [
    [{ ...large, when: { fact: 'a', operator: 'lessThan', value: '5' } }],
    '[0].when.value: must be a number for lessThan',
  ],
  [
    [{ ...large, when: { fact: 'a', operator: 'equal', value: ['a'] } }],
    '[0].when.value: must be a text, number or truth',
  ],
  [[{ ...large, when: { all: [] } }], '[0].when.all'],
  [{}, 'expected array'],
])('a rule that is wrong is refused with its place: %j', (rules, message) => {
  const define = (): void => {
    emulator().rules.define('transfer', rules as RuleDefinition[])
  }
  expect(define).toThrow(TypeError)
  expect(define).toThrow(message)
  expect(define).toThrow("rules.define('transfer', …)")
})
