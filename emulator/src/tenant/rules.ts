import type { RuleDefinition } from '../rule-types'
import { shown } from '../schema/check'
import { checkActionCode } from '../schema/rule-schema'
import type { ActionRequest, Outcome, Rule } from '../types'
import type { TenantEvents } from './events'
import type { Facts } from './facts'
import { RuleSet } from './rule-set'

export const anyAction = '*'

export interface Verdict {
  readonly outcome: Outcome
  readonly ruleIds: readonly string[]
}

/**
 * Who decides an action: what was set for its code, the first of its defined rules that matches, its default; then
 * the same three of `*`; then ALLOW.
 */
export class Rules {
  readonly #set = new Map<string, Rule>()
  readonly #defined = new Map<string, RuleSet>()
  readonly #defaults = new Map<string, Outcome>()

  constructor(private readonly events: TenantEvents) {}

  /** Undefined takes back what was set. */
  set(actionCode: string, rule: Rule | undefined): void {
    checkActionCode(actionCode, 'set')
    if (rule !== undefined && typeof rule !== 'function') refuseNoOutcome(rule, `rules.set('${actionCode}', …)`)
    if (rule === undefined) this.#set.delete(actionCode)
    else this.#set.set(actionCode, rule)
    this.events.emit('changed')
  }

  /** Replaces the rules that stood. */
  define(actionCode: string, rules: readonly RuleDefinition[]): void {
    checkActionCode(actionCode, 'define')
    this.#defined.set(actionCode, new RuleSet(rules, `rules.define('${actionCode}', …)`))
    this.events.emit('changed')
  }

  setDefault(actionCode: string, outcome: Outcome): void {
    checkActionCode(actionCode, 'setDefault')
    refuseNoOutcome(outcome, `rules.setDefault('${actionCode}', …)`)
    this.#defaults.set(actionCode, outcome)
    this.events.emit('changed')
  }

  get(actionCode: string): Rule | undefined {
    return this.#set.get(actionCode)
  }

  definitions(actionCode: string): readonly RuleDefinition[] {
    return this.#defined.get(actionCode)?.definitions ?? []
  }

  defaultOf(actionCode: string): Outcome | undefined {
    return this.#defaults.get(actionCode)
  }

  actionCodes(): string[] {
    const codes = new Set([this.#set, this.#defined, this.#defaults].flatMap((map) => [...map.keys()]))
    return [...codes].filter((actionCode) => actionCode !== anyAction)
  }

  async decide(action: ActionRequest, facts: Facts): Promise<Verdict> {
    const { actionCode } = action
    return (
      (await this.#decideAs(actionCode, action, facts)) ??
      (await this.#decideAs(anyAction, action, facts)) ?? { outcome: 'ALLOW', ruleIds: [] }
    )
  }

  async #decideAs(code: string, action: ActionRequest, facts: Facts): Promise<Verdict | undefined> {
    const rule = this.#set.get(code)
    if (rule !== undefined) {
      const outcome = typeof rule === 'function' ? await rule(action) : rule
      refuseNoOutcome(outcome, `The rule of '${code}', asked for the action '${action.actionCode}'`)
      return { outcome, ruleIds: code === anyAction ? [] : [ruleIdOf(code)] }
    }
    const match = await this.#defined.get(code)?.firstMatch(facts)
    if (match) return { outcome: match.outcome, ruleIds: [match.ruleId] }
    const byDefault = this.#defaults.get(code)
    return byDefault === undefined ? undefined : { outcome: byDefault, ruleIds: [] }
  }

  clear(): void {
    for (const map of [this.#set, this.#defined, this.#defaults]) map.clear()
  }
}

function refuseNoOutcome(outcome: unknown, where: string): void {
  if (typeof outcome === 'string' && outcome !== '') return
  throw new TypeError(
    `${where}: the outcome must be a state such as ALLOW, or in rules.set a function that gives one, not ${shown(outcome)}`,
  )
}

function ruleIdOf(actionCode: string): string {
  return `rule-${actionCode}`
}
