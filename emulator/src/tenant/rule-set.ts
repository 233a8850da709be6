import { Engine, type TopLevelCondition } from 'json-rules-engine'
import type { Condition, RuleDefinition } from '../rule-types'
import { parseRules } from '../schema/rule-schema'
import type { Facts } from './facts'
import { operators } from './operators'

/** The rules of one action code, in the order in which they are asked. */
export class RuleSet {
  readonly #engine: Engine
  readonly definitions: readonly RuleDefinition[]

  constructor(definitions: unknown, where: string) {
    this.definitions = parseRules(definitions, where)
    // An attribute that a client did not send is no fault of the rule that asks for it.
    this.#engine = new Engine([], { allowUndefinedFacts: true })
    for (const [name, operator] of Object.entries(operators)) this.#engine.addOperator(name, operator)
    for (const { ruleId, when } of this.definitions) {
      this.#engine.addRule({ name: ruleId, conditions: topLevel(when), event: { type: ruleId } })
    }
  }

  async firstMatch(facts: Facts): Promise<RuleDefinition | undefined> {
    const { results } = await this.#engine.run({ ...facts })
    const matching = new Set(results.map(({ name }) => name))
    return this.definitions.find(({ ruleId }) => matching.has(ruleId))
  }
}

/** The engine wants a combination at the top; here a single comparison will do. */
function topLevel(when: Condition): TopLevelCondition {
  return ('fact' in when ? { all: [when] } : when) as TopLevelCondition
}
