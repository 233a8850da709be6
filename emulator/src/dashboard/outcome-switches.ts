import { type Html, html } from '../pages/html'
import { asText } from '../pages/words'
import type { Condition, RuleDefinition } from '../rule-types'
import { anyAction } from '../tenant/rules'
import type { Tenant } from '../tenant/tenant'
import type { Rule } from '../types'

/** What a switch offers, in the order of its buttons. */
export const outcomes: Readonly<Record<string, string>> = {
  ALLOW: 'Allow',
  CHALLENGE_REQUIRED: 'Challenge',
  REVIEW_REQUIRED: 'Review',
  BLOCK: 'Block',
}

export function outcomeSwitches(tenant: Tenant): Html {
  const tracked = tenant.actions.all().map(({ actionCode }) => actionCode)
  const codes = [...new Set([...tenant.rules.actionCodes(), ...tracked])].sort()
  return html`${[...codes, anyAction].map((actionCode) => outcomeSwitch(tenant, actionCode))}`
}

function outcomeSwitch(tenant: Tenant, actionCode: string): Html {
  const set = tenant.rules.get(actionCode)
  const definitions = tenant.rules.definitions(actionCode)
  return html`<form class="switch" method="post" action="/rules">
    <input type="hidden" name="actionCode" value="${actionCode}" />
    <fieldset>
      <legend>${actionCode === anyAction ? 'All others' : html`<code>${actionCode}</code>`}</legend>
      <div class="segments">
        ${choice(actionCode, '', definitions.length > 0 ? 'Rules' : 'Default', set === undefined)}
        ${Object.entries(outcomes).map(([outcome, label]) => choice(actionCode, outcome, label, set === outcome))}
      </div>
      ${setInCode(set)} ${(set === undefined || definitions.length > 0) && decidedBy(tenant, actionCode)}
    </fieldset>
  </form>`
}

function choice(actionCode: string, outcome: string, label: string, pressed: boolean): Html {
  return html`<button
    name="outcome"
    value="${outcome}"
    data-focus="${actionCode} ${outcome}"
    aria-pressed="${String(pressed)}"
  >
    ${label}
  </button>`
}

/** Who decides where the switch does not. */
function decidedBy({ rules }: Tenant, actionCode: string): Html {
  const definitions = rules.definitions(actionCode)
  const last = rules.defaultOf(actionCode) ?? (actionCode === anyAction ? 'ALLOW' : undefined)
  const fallback = last === undefined ? 'as all others' : (outcomes[last] ?? last).toLowerCase()
  return html`<div class="${rules.get(actionCode) !== undefined && 'off'}">
    ${
      definitions.length > 0 &&
      html`<ol class="rules">
        ${definitions.map(ruleItem)}
      </ol>`
    }
    <p class="soft default">${definitions.length > 0 ? 'Else' : 'Default'}: ${fallback}</p>
  </div>`
}

function setInCode(set: Rule | undefined): Html | false {
  if (set === undefined || (typeof set === 'string' && Object.hasOwn(outcomes, set))) return false
  return html`<p class="soft">Set in code: ${typeof set === 'string' ? set : 'a function'}</p>`
}

function ruleItem({ ruleId, name, when, outcome }: RuleDefinition): Html {
  return html`<li>
    <strong>${name ?? ruleId}</strong> ${conditionInWords(when)} → ${(outcomes[outcome] ?? outcome).toLowerCase()}
  </li>`
}

const symbols: Partial<Record<string, string>> = {
  equal: '=',
  notEqual: '≠',
  lessThan: '<',
  lessThanInclusive: '≤',
  greaterThan: '>',
  greaterThanInclusive: '≥',
  notIn: 'not in',
  doesNotContain: 'does not contain',
}

function conditionInWords(when: Condition): string {
  if ('all' in when) return when.all.map(bracketed).join(' and ')
  if ('any' in when) return when.any.map(bracketed).join(' or ')
  if ('not' in when) return `not ${bracketed(when.not)}`
  return `${when.fact} ${symbols[when.operator] ?? when.operator} ${asText(when.value)}`
}

function bracketed(when: Condition): string {
  return 'fact' in when ? conditionInWords(when) : `(${conditionInWords(when)})`
}

export const newSwitch = html`<form class="line" method="post" action="/rules" data-once>
  <label for="new-code" class="hidden">Another action code</label>
  <input
    id="new-code"
    name="actionCode"
    placeholder="Another action code"
    required
    maxlength="64"
    pattern="[a-zA-Z0-9_\\-]{1,64}"
    title="Up to 64 letters, digits, _ or -"
  />
  <button name="outcome" value="CHALLENGE_REQUIRED">Challenge it</button>
</form>`
