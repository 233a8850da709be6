import { type Html, html } from '../pages/html'
import { calls } from '../schema/fault-schema'
import type { WaitingFault } from '../tenant/faults'
import type { Tenant } from '../tenant/tenant'
import type { Fault } from '../types'

/** What the form offers. */
export const faultKinds: Readonly<Record<string, { readonly label: string; readonly fault: Fault }>> = {
  slow: { label: 'Slow: 3 seconds', fault: { latencyMs: 3000 } },
  down: { label: '503 unavailable', fault: { status: 503 } },
  limited: { label: '429 with Retry-After', fault: { status: 429, headers: { 'Retry-After': '1' } } },
  broken: { label: '500 and a page of HTML', fault: { status: 500, body: '<h1>Internal server error</h1>' } },
  drop: { label: 'Connection lost, nothing done', fault: { drop: true } },
  truncate: { label: 'Connection lost in the answer', fault: { truncate: true } },
  hang: { label: 'No answer at all', fault: { hang: true } },
  malformed: { label: 'Malformed JSON', fault: { body: '{"state":' } },
}

export const faultExtents: Readonly<Record<string, { label: string; times?: number; share?: number }>> = {
  once: { label: 'the next call', times: 1 },
  thrice: { label: 'the next 3 calls', times: 3 },
  always: { label: 'every call', times: Infinity },
  half: { label: 'every 2nd call', share: 0.5 },
  tenth: { label: 'every 10th call', share: 0.1 },
}

export const faultForm = html`<form class="stack" method="post" action="/faults">
  ${select('kind', 'What goes wrong', labels(faultKinds))}
  ${select('match', 'With', [['', 'any API call'], ...calls.map((call): [string, string] => [call, call])])}
  ${select('extent', 'For', labels(faultExtents))}
  <button class="primary">Cause it</button>
</form>`

export function waitingFaults({ faults }: Tenant): Html {
  const waiting = faults.waiting()
  if (waiting.length === 0) return html`<p class="soft">Nothing goes wrong now.</p>`
  return html`<ul class="plain">
      ${waiting.map((one) => html`<li><strong>${labelOf(one.fault)}</strong> <span class="soft">${extentOf(one)}</span></li>`)}
    </ul>
    <form method="post" action="/faults/clear">
      <button data-focus="clear-faults" data-then="fault-kind">Clear all</button>
    </form>`
}

/** A fault that was set in code may be none of those in the form. */
function labelOf(fault: Fault): string {
  const same = inJson(fault)
  return Object.values(faultKinds).find((kind) => inJson(kind.fault) === same)?.label ?? same
}

/** What goes wrong, without whom it hits. */
function inJson(fault: Fault): string {
  return JSON.stringify({ ...fault, match: undefined, share: undefined })
}

function extentOf({ fault: { match, share }, times }: WaitingFault): string {
  const left = times === Infinity ? 'until cleared' : `${times} more`
  const hit = share === undefined ? '' : `${Math.round(share * 100)} % of them, `
  return `${match ?? 'any call'}, ${hit}${left}`
}

function labels(all: Readonly<Record<string, { readonly label: string }>>): [string, string][] {
  return Object.entries(all).map(([value, { label }]) => [value, label])
}

function select(name: string, label: string, choices: readonly [string, string][]): Html {
  return html`<div>
    <label for="fault-${name}">${label}</label>
    <select id="fault-${name}" name="${name}" data-focus="fault-${name}">
      ${choices.map(([value, text]) => html`<option value="${value}">${text}</option>`)}
    </select>
  </div>`
}
