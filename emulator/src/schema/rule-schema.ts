import { z } from 'zod'
import type { Condition, RuleDefinition, RuleOperator } from '../rule-types'
import { check, shown } from './check'

export const actionCodeSchema = z
  .string()
  .regex(/^([a-zA-Z0-9_-]{1,64}|\*)$/, 'must be an action code (1 to 64 letters, digits, _ or -), or * for all')

export const outcomeSchema = z.enum(['ALLOW', 'BLOCK', 'CHALLENGE_REQUIRED', 'REVIEW_REQUIRED'])

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: 'must be a text, number or truth value',
})
const list = z.array(z.unknown(), { error: 'must be a list' })
const number = z.number({ error: 'must be a number' })
/** What each operator compares a fact with. */
const values: Record<RuleOperator, z.ZodType> = {
  equal: scalar,
  notEqual: scalar,
  lessThan: number,
  lessThanInclusive: number,
  greaterThan: number,
  greaterThanInclusive: number,
  in: list,
  notIn: list,
  contains: scalar,
  doesNotContain: scalar,
}

const otherFact = z.strictObject({ fact: z.string().min(1) })
const comparison = z
  .strictObject({
    fact: z.string().min(1),
    operator: z.enum(Object.keys(values) as RuleOperator[]),
    // Not unknown alone, which a missing key would satisfy.
    value: z.unknown().refine((value) => value !== undefined, 'is missing'),
  })
  .superRefine(({ operator, value }, context) => {
    if (otherFact.safeParse(value).success) return
    for (const { message } of values[operator].safeParse(value).error?.issues ?? []) {
      context.addIssue({ code: 'custom', message: `${message} for ${operator}`, path: ['value'] })
    }
  })
const several = z.lazy(() => z.array(condition).min(1))
const shapes: Record<string, z.ZodType> = {
  all: z.strictObject({ all: several }),
  any: z.strictObject({ any: several }),
  not: z.strictObject({ not: z.lazy(() => condition) }),
}

/** Not a union, whose errors would tell of all shapes at once: the key says which one was meant. */
const condition = z.record(z.string(), z.unknown()).superRefine((value, context) => {
  const shape = Object.keys(shapes).find((key) => key in value)
  const parsed = (shapes[shape ?? ''] ?? comparison).safeParse(value)
  for (const { message, path } of parsed.error?.issues ?? []) context.addIssue({ code: 'custom', message, path })
})

const ruleSchema = z.strictObject({
  ruleId: z.string().min(1),
  name: z.string().min(1).optional(),
  description: z.string().optional(),
  when: condition as unknown as z.ZodType<Condition>,
  // As for rules.set: also a state that no documentation knows.
  outcome: z.string().min(1),
})

export const rulesSchema = z.array(ruleSchema).superRefine(eachOnce('ruleId'))

/** Refuses what stands twice in a list under this key. */
export function eachOnce<Key extends string>(key: Key) {
  return (all: readonly Readonly<Record<Key, string>>[], context: z.RefinementCtx): void => {
    const ids = all.map((one) => one[key])
    for (const [index, id] of ids.entries()) {
      if (ids.indexOf(id) === index) continue
      context.addIssue({ code: 'custom', message: `'${id}' stands twice`, path: [index, key] })
    }
  }
}

/** @throws TypeError for what is no action code, and not `*` */
export function checkActionCode(actionCode: unknown, method: string): void {
  check(actionCodeSchema, actionCode, `rules.${method}(${shown(actionCode)}, …)`)
}

export function parseRules(rules: unknown, where: string): RuleDefinition[] {
  return check(rulesSchema, rules, where)
}
