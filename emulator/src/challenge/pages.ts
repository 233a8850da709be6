import type { Challenge } from '../tenant/challenges'
import { maxAttempts } from '../tenant/challenges'
import { type Html, html } from '../pages/html'
import type { Page } from '../pages/send-page'
import { asText, inWords, masked } from '../pages/words'
import type { TrackedAction } from '../types'
import { closeScript, readyScript } from './popup-scripts'
import type { Problem } from './read-challenge'

export interface Visit {
  readonly token: string
  readonly popup: boolean
}

export function challengePage(action: TrackedAction, challenge: Challenge, visit: Visit, wrong: boolean): Page {
  const title = `Approve: ${inWords(action.actionCode)}`
  return {
    title: wrong ? `Wrong code. ${title}` : title,
    status: wrong ? 422 : 200,
    popup: visit.popup ? { script: readyScript } : undefined,
    body: html`<main class="narrow">
      <section class="card">
        <p class="eyebrow">Confirm that it is you</p>
        <h1>${title}</h1>
        ${facts(action)} ${codeForm(challenge, visit, wrong)} ${emulatorNote}
      </section>
    </main>`,
  }
}

export function problemPage(problem: Problem, backUrl: string | undefined, popup: boolean): Page {
  return {
    title: problem.title,
    status: problem.status,
    popup: popup ? { script: readyScript } : undefined,
    body: html`<main class="narrow">
      <section class="card">
        <h1>${problem.title}</h1>
        <p>${problem.text}</p>
        ${!popup && backUrl !== undefined && html`<p><a href="${backUrl}">Back to the app</a></p>`}
      </section>
    </main>`,
  }
}

/** Where there is nowhere to redirect to. */
export function endPage(popupToken?: string): Page {
  return {
    title: 'All done here',
    popup: popupToken === undefined ? undefined : { script: closeScript, data: popupToken },
    body: html`<main class="narrow">
      <section class="card">
        <h1>All done here</h1>
        <p>You can close this page and go back to the app.</p>
      </section>
    </main>`,
  }
}

function facts({ userId, attributes }: TrackedAction): Html {
  const { amount, payee, ...others } = attributes.custom ?? {}
  const shown = Object.entries({ amount, payee, ...others }).filter(([, value]) => value !== undefined)
  return html`<dl class="facts">
    ${shown.map(
      ([name, value]) =>
        html`<dt>${inWords(name)}</dt>
          <dd>${asText(value)}</dd> `,
    )}
    <dt>User</dt>
    <dd>${userId}</dd>
  </dl>`
}

function codeForm(challenge: Challenge, { token, popup }: Visit, wrong: boolean): Html {
  // No autofocus in a pop-up: browsers refuse it to another site's iframe, with a warning.
  return html`<form method="post" action="/challenge">
    <input type="hidden" name="token" value="${token}" />
    ${popup && html`<input type="hidden" name="mode" value="popup" />`}
    <p id="sent">${sentTo(challenge.address)}</p>
    ${wrong && html`<p id="error" class="error" role="alert">That code is not right. ${attemptsLeft(challenge)}</p>`}
    <label for="code">6-digit code</label>
    <input
      class="code"
      id="code"
      name="code"
      type="text"
      inputmode="numeric"
      autocomplete="one-time-code"
      pattern="\\s*([0-9]\\s*){6}"
      title="Six digits"
      required
      ${!popup && html` autofocus`}
      aria-describedby="sent${wrong && ' error'}"
      ${wrong && html` aria-invalid="true"`}
    />
    <div class="buttons">
      <button class="primary" name="intent" value="verify">Verify</button>
      <button name="intent" value="cancel" formnovalidate>Cancel</button>
    </div>
  </form>`
}

function sentTo(address: string | undefined): string {
  return address === undefined
    ? 'No address is known for this user: the code is in the emulator’s outbox.'
    : `We sent a code to ${masked(address)}.`
}

function attemptsLeft({ wrongCodes }: Challenge): string {
  const left = maxAttempts - wrongCodes
  return left === 1 ? 'You have one more try.' : `You have ${left} more tries.`
}

const emulatorNote = html`<p class="note">
  This is the local Authsignal <strong>emulator</strong>. Nothing was really sent:
  <a href="/outbox" target="_blank" rel="noopener">read the code in the outbox</a> (opens in a new tab).
</p>`
