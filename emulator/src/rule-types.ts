import type { Outcome } from './types'

/** Compares one fact with a value, or with another fact. */
export interface FactCondition {
  /** An attribute, a key of `custom`, or `newDevice`, `country`, `isEnrolled`, `userId`, `actionCode`. */
  readonly fact: string
  /** `equal`, `notEqual`, `lessThan`, `lessThanInclusive`, `greaterThan`, `greaterThanInclusive`, `in`, `notIn`,
   * `contains` or `doesNotContain`. Those that order numbers are false where the fact is no number. A text contains a
   * part of it, a list what it lists. */
  readonly operator: RuleOperator
  /** A list for `in` and `notIn`, a number for those that order, else a text, a number, true, false or null; or
   * `{ fact: '…' }`, another fact. */
  readonly value: unknown
}

export type RuleOperator =
  | 'equal'
  | 'notEqual'
  | 'lessThan'
  | 'lessThanInclusive'
  | 'greaterThan'
  | 'greaterThanInclusive'
  | 'in'
  | 'notIn'
  | 'contains'
  | 'doesNotContain'

export type Condition =
  | FactCondition
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }

/** A rule in its JSON form. Of an action's rules the first that matches decides. */
export interface RuleDefinition {
  /** What `track` answers in `ruleIds`. */
  readonly ruleId: string
  /** What `get action` answers as the rule's name. Default: the ruleId. */
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly when: Condition
  readonly outcome: Outcome
}
