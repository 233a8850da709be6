import type { ActionRequest, Outcome, Rule } from '../types'

export const anyAction = '*'

export interface Verdict {
  readonly outcome: Outcome
  readonly ruleIds: readonly string[]
}

export class Rules {
  readonly #rules = new Map<string, Rule>()

  set(actionCode: string, rule: Rule): void {
    if (typeof rule !== 'function' && (typeof rule !== 'string' || rule === '')) {
      throw new TypeError(`rules.set('${actionCode}', …): the outcome must be a state or a function that gives one`)
    }
    this.#rules.set(actionCode, rule)
  }

  get(actionCode: string): Rule | undefined {
    return this.#rules.get(actionCode)
  }

  actionCodes(): string[] {
    return [...this.#rules.keys()].filter((actionCode) => actionCode !== anyAction)
  }

  async decide(action: ActionRequest): Promise<Verdict> {
    const own = this.#rules.get(action.actionCode)
    const rule = own ?? this.#rules.get(anyAction) ?? 'ALLOW'
    const outcome = typeof rule === 'function' ? await rule(action) : rule
    return { outcome, ruleIds: own === undefined ? [] : [ruleIdOf(action.actionCode)] }
  }

  clear(): void {
    this.#rules.clear()
  }
}

function ruleIdOf(actionCode: string): string {
  return `rule-${actionCode}`
}
