import type { RuleOperator } from '../rule-types'

type Operator = (fact: unknown, value: unknown) => boolean

/** In place of the engine's own, for which '50 pounds' is a number and no text contains anything. */
export const operators: Readonly<Partial<Record<RuleOperator, Operator>>> = {
  lessThan: ordered((fact, value) => fact < value),
  lessThanInclusive: ordered((fact, value) => fact <= value),
  greaterThan: ordered((fact, value) => fact > value),
  greaterThanInclusive: ordered((fact, value) => fact >= value),
  in: isIn,
  notIn: (fact, value) => !isIn(fact, value),
  contains,
  doesNotContain: (fact, value) => !contains(fact, value),
}

function ordered(compare: (fact: number, value: number) => boolean): Operator {
  return (fact, value) => typeof fact === 'number' && typeof value === 'number' && compare(fact, value)
}

/** The value may be another fact's, which is whatever the app sent. */
function isIn(fact: unknown, value: unknown): boolean {
  return Array.isArray(value) && value.includes(fact)
}

/** A text contains a part of it, a list what it lists. */
function contains(fact: unknown, value: unknown): boolean {
  if (typeof fact === 'string') return typeof value === 'string' && fact.includes(value)
  return Array.isArray(fact) && fact.includes(value)
}
