import { type Html, html } from '../pages/html'
import { nameOf } from '../pages/method-names'
import { card, emulatorNote, leaveForm } from '../pages/parts'
import type { Page } from '../pages/send-page'
import { hiddenFields, linkTo, popupOf, type Visit } from '../pages/visit'
import type { Authenticator, User } from '../types'

export interface SettingsView {
  readonly user: User
  readonly visit: Visit
  readonly recoveryCodesLeft: number
  readonly canGoBack: boolean
}

/** Self-service: a user's own authenticators. */
export function settingsPage({ user, visit, recoveryCodesLeft, canGoBack }: SettingsView): Page {
  const { authenticators } = user
  return {
    title: 'Your authenticators',
    ...popupOf(visit),
    body: card(
      html`<p class="eyebrow">Settings</p>
        <h1>Your authenticators</h1>
        <p class="soft">How you confirm that it is you, ${user.displayName ?? user.username ?? user.userId}.</p>
        ${authenticators.length === 0 && html`<p>You have none yet.</p>`}
        <ul class="authenticators">
          ${authenticators.map((authenticator) => authenticatorRow(authenticator, visit))}
        </ul>
        <p><a class="button primary" href="${linkTo('/enroll', visit)}">Add an authenticator</a></p>
        ${authenticators.length > 0 && recoveryCodesPart(recoveryCodesLeft, visit)}
        ${canGoBack && leaveForm(visit, 'Back')} ${emulatorNote}`,
    ),
  }
}

function authenticatorRow(authenticator: Authenticator, visit: Visit): Html {
  const { userAuthenticatorId, verificationMethod, createdAt, isDefault } = authenticator
  const detail = detailOf(authenticator)
  return html`<li>
    <div>
      <strong>${nameOf(verificationMethod)}</strong>${isDefault && html` <span class="tag">Default</span>`}
      ${detail !== undefined && html`<div class="soft">${detail}</div>`}
      <div class="soft">Added <time datetime="${createdAt}">${createdAt.slice(0, 10)}</time></div>
    </div>
    <details class="remove">
      <summary aria-label="Remove: ${nameOf(verificationMethod)} ${detail}">Remove</summary>
      <form method="post" action="/settings">
        ${hiddenFields(visit, { userAuthenticatorId })}
        <button class="bad" name="intent" value="remove">Yes, remove it</button>
      </form>
    </details>
  </li> `
}

function detailOf({ email, phoneNumber, webauthnCredential }: Authenticator): string | undefined {
  return email ?? phoneNumber ?? webauthnCredential?.name
}

function recoveryCodesPart(left: number, visit: Visit): Html {
  return html`<form method="post" action="/settings" class="buttons">
    ${hiddenFields(visit)}
    <p class="soft">Recovery codes left: ${left}</p>
    <button name="intent" value="recovery-codes">Make new recovery codes</button>
  </form>`
}

/** Shown once: the only copy is the user's. */
export function recoveryCodesPage(
  { visit, heading, next }: { visit: Visit; heading: string; next: Html },
  codes: readonly string[] | undefined,
): Page {
  return {
    title: heading,
    ...popupOf(visit),
    body: card(
      html`<h1>${heading}</h1>
        ${
          codes &&
          html`<h2>Your recovery codes</h2>
            <p>
              Keep them somewhere safe. Each lets you in once, should you lose everything else. They are not shown
              again.
            </p>
            <ul class="codes">
              ${codes.map((code) => html`<li><code>${code}</code></li> `)}
            </ul>`
        }
        ${next} ${emulatorNote}`,
    ),
  }
}
