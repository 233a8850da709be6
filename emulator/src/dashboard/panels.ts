import { type Html, html } from '../pages/html'
import type { SentMessage } from '../tenant/outbox'
import type { Tenant } from '../tenant/tenant'
import type { RecordedRequest, User } from '../types'
import type { WebhookDelivery } from '../webhook-types'
import { clock } from './clock'

const shown = 12

export function messageList(messages: readonly SentMessage[]): Html {
  return html`<ol class="messages">
    ${messages.map(
      ({ to, code, userId, actionCode, idempotencyKey, sentAt }) =>
        html`<li class="message" data-key="${idempotencyKey} ${sentAt.toISOString()}">
          <p class="big-code">${code}</p>
          <p class="soft">
            to ${to} at ${clock(sentAt)}, for <code>${actionCode}</code>${userId !== '' && ` of ${userId}`}
          </p>
        </li> `,
    )}
  </ol>`
}

export function userList(users: readonly User[]): Html {
  if (users.length === 0) return html`<p class="soft">No user was met yet.</p>`
  return html`<ul class="plain users">
    ${users.map(
      ({ userId, email, phoneNumber, authenticators }) =>
        html`<li>
          <strong>${userId}</strong> <span class="soft">${[email, phoneNumber].filter(Boolean).join(' · ')}</span>
          <span class="tags"
            >${authenticators.map(({ verificationMethod }) => html`<span class="tag">${verificationMethod}</span> `)}${
              authenticators.length === 0 && html`<span class="soft">no authenticators</span>`
            }</span
          >
        </li>`,
    )}
  </ul>`
}

export function callList(requests: readonly RecordedRequest[]): Html {
  if (requests.length === 0) return html`<p class="soft">Your app has not called yet.</p>`
  return html`<ol class="plain calls">
    ${requests
      .toReversed()
      .slice(0, shown)
      .map(
        ({ method, path, status }) =>
          html`<li>
            <span class="status ${(status ?? 500) < 400 ? 'good' : 'bad'}">${status ?? 'none'}</span>
            <code>${method} ${path.replace(/^\/v1/, '')}</code>
          </li>`,
      )}
  </ol>`
}

export function webhookList({ webhooks }: Tenant): Html {
  if (webhooks.url === undefined) return html`<p class="soft">No url to send them to: see <code>webhookUrl</code>.</p>`
  const deliveries = webhooks.deliveries().toReversed().slice(0, shown)
  return html`<p class="soft">To <code>${webhooks.url}</code></p>
    <ol class="plain calls">
      ${deliveries.map(deliveryItem)}
    </ol>`
}

function deliveryItem({ event, state, status, attempts }: WebhookDelivery): Html {
  const tone = { delivered: 'good', failed: 'bad', sending: '' }[state]
  return html`<li>
    <span class="status ${tone}">${status ?? (state === 'sending' ? '…' : 'none')}</span> <code>${event.type}</code>
    ${attempts > 1 && html`<span class="soft">after ${attempts} tries</span>`}
  </li>`
}
