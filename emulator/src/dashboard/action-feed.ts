import { awaitsUser, keyOf } from '../tenant/actions'
import type { Tenant } from '../tenant/tenant'
import { type Html, html } from '../pages/html'
import { asText } from '../pages/words'
import type { TrackedAction } from '../types'
import { clock } from './clock'

const shown = 50

export function actionFeed(tenant: Tenant): Html {
  const actions = tenant.actions.all().toReversed()
  if (actions.length === 0) return emptyFeed(tenant)
  return html`<ol class="feed">
      ${actions.slice(0, shown).map((action) => actionItem(tenant, action))}
    </ol>
    ${actions.length > shown && html`<p class="soft">And ${actions.length - shown} older.</p>`}`
}

function emptyFeed(tenant: Tenant): Html {
  return html`<div class="empty">
    <p><strong>Waiting for the first action.</strong> Give your app these two, and do something that it guards:</p>
    <pre>
AUTHSIGNAL_API_URL=${tenant.apiUrl}
AUTHSIGNAL_API_SECRET_KEY=${tenant.apiSecretKey}</pre>
  </div>`
}

function actionItem(tenant: Tenant, action: TrackedAction): Html {
  const { actionCode, userId, state, createdAt, verificationMethod } = action
  return html`<li>
    <details data-key="${keyOf(action)}" class="action ${toneOf(state)}">
      <summary data-focus="${keyOf(action)}">
        <span class="what"><code>${actionCode}</code> <span class="who">${userId}</span> ${gist(action)}</span>
        <span class="verdict"
          ><span class="state ${toneOf(state)}">${state}</span>${
            verificationMethod !== undefined && html` <span class="tag">${verificationMethod}</span>`
          }${action.ruleIds.map((ruleId) => html` <span class="tag">${ruleId}</span>`)}</span
        >
        ${clock(new Date(createdAt))}
      </summary>
      <div class="inside">
        <section>
          <h2>What your app sent</h2>
          ${attributesOf(action)}
        </section>
        <section>
          <h2>What became of it</h2>
          <ol class="timeline">
            ${tenant.timeline.of(action).map(({ at, text }) => html`<li>${clock(at)} ${text}</li>`)}
          </ol>
          ${awaitsUser(state) && userPart(tenant, action)}
        </section>
      </div>
    </details>
  </li>`
}

/** What is in custom, in brief. */
function gist({ attributes }: TrackedAction): Html {
  const words = Object.entries(attributes.custom ?? {}).map(([name, value]) => `${name} ${asText(value)}`)
  return html`<span class="gist">${words.join(' · ')}</span>`
}

function attributesOf({ idempotencyKey, attributes }: TrackedAction): Html {
  const { custom = {}, ...others } = attributes
  const entries = Object.entries({ ...custom, ...others, idempotencyKey })
  return html`<dl class="sent">
    ${entries.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${asText(value)}</dd>`,
    )}
  </dl>`
}

/** What a user would do, to be done by hand. */
function userPart(tenant: Tenant, action: TrackedAction): Html {
  return html`<form class="part" method="post" action="/challenges">
    <input type="hidden" name="idempotencyKey" value="${action.idempotencyKey}" />
    <a class="button" href="/challenge?token=${tenant.tokens.sign(action)}" target="_blank" rel="noopener"
      >Challenge page</a
    >
    <button name="intent" value="succeed" data-then="${keyOf(action)}">Let it pass</button>
    <button name="intent" value="fail" data-then="${keyOf(action)}">Let it fail</button>
  </form>`
}

function toneOf(state: string): string {
  if (state === 'ALLOW' || state.endsWith('_SUCCEEDED')) return 'good'
  return state === 'BLOCK' || state.endsWith('_FAILED') ? 'bad' : 'waiting'
}
