import { type Html, html } from '../pages/html'
import type { Page } from '../pages/send-page'
import type { SentMessage } from '../tenant/outbox'
import type { Tenant } from '../tenant/tenant'
import { actionFeed } from './action-feed'
import { faultForm, waitingFaults } from './fault-switches'
import type { DashboardPage } from './layout'
import { newSwitch, outcomeSwitches } from './outcome-switches'
import { callList, messageList, userList, webhookList } from './panels'

const latestMessages = 3

export function homePage(tenant: Tenant): DashboardPage {
  const messages = tenant.outbox.newestFirst()
  return {
    title: 'Dashboard',
    path: '/',
    main: html`<main class="columns">
      <div class="column">
        <section class="card" aria-labelledby="actions-title">
          <h1 id="actions-title">Actions</h1>
          ${live('actions', actionFeed(tenant))}
        </section>
        ${panel('API calls', live('calls', callList(tenant.requests.all())))}
        ${panel('Webhooks', live('webhooks', webhookList(tenant)))} ${panel('Connect your app', connection(tenant))}
      </div>
      <div class="column">
        ${panel('Outbox', live('outbox', latest(messages)))}
        ${panel('Outcomes', html`${live('outcomes', outcomeSwitches(tenant))} ${newSwitch}`)}
        ${panel('Faults', html`${live('faults', waitingFaults(tenant))} ${faultForm}`)}
        ${panel('Users', live('users', userList(tenant.users.all())))}
      </div>
    </main>`,
  }
}

export function outboxPage(messages: readonly SentMessage[]): DashboardPage {
  return {
    title: 'Outbox',
    path: '/outbox',
    refreshSeconds: 3,
    main: html`<main class="narrow">
      <section class="card">
        <h1>Outbox</h1>
        <p class="soft">Codes that would have been sent, newest first.</p>
        ${live('outbox', messages.length === 0 ? nothingSent : messageList(messages))}
      </section>
    </main>`,
  }
}

export function errorPage(status: number, title: string, text: string): Page {
  return {
    title,
    status,
    body: html`<main class="narrow">
      <section class="card">
        <h1>${title}</h1>
        <p>${text}</p>
        <p><a href="/">To the dashboard</a></p>
      </section>
    </main>`,
  }
}

const nothingSent = html`<p class="soft">No code was sent yet. One is when a challenge page is opened.</p>`

function latest(messages: readonly SentMessage[]): Html {
  if (messages.length === 0) return nothingSent
  return html`${messageList(messages.slice(0, latestMessages))}
  ${messages.length > latestMessages && html`<p><a href="/outbox">All ${messages.length}</a></p>`}`
}

/** A part that the page's script keeps up to date. */
function live(id: string, content: Html): Html {
  return html`<div id="${id}" data-live>${content}</div>`
}

function panel(title: string, content: Html): Html {
  return html`<section class="card">
    <h2>${title}</h2>
    ${content}
  </section>`
}

function connection({ apiUrl, apiSecretKey }: Tenant): Html {
  return html`<pre>
AUTHSIGNAL_API_URL=${apiUrl}
AUTHSIGNAL_API_SECRET_KEY=${apiSecretKey}</pre>
    <details class="ask">
      <summary>Forget everything</summary>
      <form method="post" action="/reset">
        <p class="soft">
          Actions, users, codes, rules and faults are gone then. What the emulator was started with comes back.
        </p>
        <button class="bad">Yes, forget everything</button>
      </form>
    </details>`
}
