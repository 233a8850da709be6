import { type Html, html } from '../pages/html'
import type { Page } from '../pages/send-page'
import type { Tenant } from '../tenant/tenant'
import { anyAction } from '../tenant/rules'
import type { SentMessage } from '../tenant/outbox'
import type { Rule, TrackedAction } from '../types'

export const outcomes = ['ALLOW', 'BLOCK', 'CHALLENGE_REQUIRED', 'REVIEW_REQUIRED']

const shownActions = 50
const outboxRefreshSeconds = 3

export function homePage(tenant: Tenant): Page {
  return {
    title: 'Actions',
    body: html`${navigation}
      <main>
        <h1>Actions</h1>
        <section class="card">
          <h2>Recent</h2>
          ${actionTable(tenant.actions.all().toReversed().slice(0, shownActions))}
        </section>
        <section class="card">
          <h2>Outcomes</h2>
          <div class="rows">
            ${actionCodes(tenant).map((actionCode) => ruleForm(actionCode, tenant.rules.get(actionCode)))}
            ${ruleForm(anyAction, tenant.rules.get(anyAction))} ${newRuleForm}
          </div>
        </section>
        <section class="card">
          <h2>Connect your app</h2>
          <p><code>AUTHSIGNAL_API_URL=${tenant.url}/v1</code></p>
          <p><code>AUTHSIGNAL_API_SECRET_KEY=${tenant.apiSecretKey}</code></p>
        </section>
      </main>`,
  }
}

export function outboxPage(messages: readonly SentMessage[]): Page {
  return {
    title: 'Outbox',
    refreshSeconds: outboxRefreshSeconds,
    body: html`${navigation}
      <main>
        <h1>Outbox</h1>
        <p class="soft">Codes that would have been sent, newest first. This page refreshes by itself.</p>
        ${messages.length === 0 && html`<p class="card">No code was sent yet. One is when a challenge page is opened.</p>`}
        <ol class="messages">
          ${messages.map(messageCard)}
        </ol>
      </main>`,
  }
}

export function errorPage(status: number, title: string, text: string): Page {
  return {
    title,
    status,
    body: html`${navigation}
      <main>
        <h1>${title}</h1>
        <p>${text}</p>
      </main>`,
  }
}

const navigation = html`<nav aria-label="Emulator">
  <strong>Authsignal emulator</strong> <a href="/">Actions</a><a href="/outbox">Outbox</a>
</nav>`

function actionTable(actions: readonly TrackedAction[]): Html {
  if (actions.length === 0) return html`<p>No action was tracked yet.</p>`
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Action</th>
          <th scope="col">User</th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        ${actions.map(actionRow)}
      </tbody>
    </table>
  </div>`
}

function actionRow({ createdAt, actionCode, userId, state, verificationMethod }: TrackedAction): Html {
  return html`<tr>
    <td>${time(new Date(createdAt))}</td>
    <td><code>${actionCode}</code></td>
    <td>${userId}</td>
    <td>
      <span class="state ${toneOf(state)}">${state}</span>${
        verificationMethod !== undefined && html` <span class="soft">${verificationMethod}</span>`
      }
    </td>
  </tr> `
}

function toneOf(state: string): string {
  if (state === 'ALLOW' || state.endsWith('_SUCCEEDED')) return 'good'
  return state === 'BLOCK' || state.endsWith('_FAILED') ? 'bad' : ''
}

function messageCard({ to, code, userId, actionCode, sentAt }: SentMessage): Html {
  return html`<li class="card">
    <p class="big-code">${code}</p>
    <p class="soft">To ${to} at ${time(sentAt)}, for <code>${actionCode}</code> of ${userId}</p>
  </li> `
}

function actionCodes(tenant: Tenant): string[] {
  const tracked = tenant.actions.all().map(({ actionCode }) => actionCode)
  return [...new Set([...tenant.rules.actionCodes(), ...tracked])].sort()
}

function ruleForm(actionCode: string, rule: Rule | undefined): Html {
  const id = `outcome-${actionCode}`
  return html`<form class="inline" method="post" action="/rules">
    <input type="hidden" name="actionCode" value="${actionCode}" />
    <div>
      <label for="${id}">${actionCode === anyAction ? 'All others' : html`<code>${actionCode}</code>`}</label>
      <select id="${id}" name="outcome">
        ${ruleOptions(actionCode, rule)}
      </select>
    </div>
    <button>Save</button>
  </form> `
}

/** What no list can offer, a function or a forced state, stands as the chosen option that can't be sent. */
function ruleOptions(actionCode: string, rule: Rule | undefined): Html[] {
  const current = rule ?? (actionCode === anyAction ? 'ALLOW' : undefined)
  const listed = outcomes.map((outcome) => option(outcome, outcome === current))
  if (typeof current === 'string' && outcomes.includes(current)) return listed
  const label =
    current === undefined ? 'As all others' : typeof current === 'string' ? current : 'A function, set in code'
  return [html`<option value="" selected disabled>${label}</option>`, ...listed]
}

function option(value: string, selected: boolean): Html {
  return html`<option${selected && html` selected`}>${value}</option>`
}

const newRuleForm = html`<form class="inline" method="post" action="/rules">
  <div>
    <label for="new-code">Another action code</label>
    <input
      id="new-code"
      name="actionCode"
      required
      pattern="[a-zA-Z0-9_\\-]{1,64}"
      title="Up to 64 letters, digits, _ or -"
    />
  </div>
  <div>
    <label for="new-outcome">Outcome</label>
    <select id="new-outcome" name="outcome">
      ${outcomes.map((outcome) => option(outcome, false))}
    </select>
  </div>
  <button>Add</button>
</form>`

function time(at: Date): Html {
  return html`<time datetime="${at.toISOString()}">${at.toTimeString().slice(0, 8)}</time>`
}
