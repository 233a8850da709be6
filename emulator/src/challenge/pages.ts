import type { Challenge } from '../tenant/challenges'
import { maxAttempts } from '../tenant/codes'
import type { Notice } from '../tenant/notices'
import { isSent, type Way } from '../tenant/ways'
import { facts } from '../pages/facts'
import { type Html, html } from '../pages/html'
import { nameOf } from '../pages/method-names'
import { byEscape, card, codeInput, emulatorNote, focusFirst, leaveForm, outboxNote, wrongCode } from '../pages/parts'
import { passkeyForm, type PasskeyOffer, passkeyScripts } from '../pages/passkey'
import type { Page } from '../pages/send-page'
import { hiddenFields, linkTo, popupOf, type Visit } from '../pages/visit'
import { inWords, masked } from '../pages/words'
import type { TrackedAction } from '../types'
import type { Problem } from './read-challenge'

export interface ChallengeView {
  readonly action: TrackedAction
  readonly challenge: Challenge
  readonly ways: readonly Way[]
  readonly visit: Visit
  readonly notice: Notice | undefined
  readonly passkey?: PasskeyOffer
  /** A user without authenticators may set one up instead. */
  readonly canEnroll: boolean
}

export function challengePage(view: ChallengeView): Page {
  const { action, challenge, visit, passkey } = view
  const title = `Approve: ${inWords(action.actionCode)}`
  return {
    title: newsOf(view) + title,
    ...popupOf(visit),
    scripts: passkeyScripts(passkey),
    body: card(
      html`<p class="eyebrow">Confirm that it is you</p>
        <h1>${title}</h1>
        ${facts(action)} ${passkey ? passkeyPart(view, passkey) : codeForm(view)} ${otherWays(view)}
        ${isSent(challenge) ? outboxNote : emulatorNote}`,
    ),
  }
}

/** Screen readers read a new page's title first. */
function newsOf({ notice, passkey }: ChallengeView): string {
  if (notice === 'sent-again') return 'Another code was sent. '
  return notice === 'wrong' ? `${passkey ? 'Not confirmed' : 'Wrong code'}. ` : ''
}

export function problemPage(problem: Problem, backUrl: string | undefined, visit: Visit): Page {
  return {
    title: problem.title,
    status: problem.status,
    ...popupOf(visit),
    body: card(
      html`<h1>${problem.title}</h1>
        <p>${problem.text}</p>
        ${visit.popup ? leaveForm(visit, 'Close') : backUrl !== undefined && backLink(backUrl)}`,
    ),
  }
}

function backLink(url: string): Html {
  return html`<p><a href="${url}">Back to the app</a></p>`
}

function codeForm({ challenge, visit, notice }: ChallengeView): Html {
  const { verificationMethod: method } = challenge
  const wrong = notice === 'wrong'
  return html`<form method="post" action="/challenge">
    ${hiddenFields(visit, { method })}
    <p id="sent" ${notice === 'sent-again' && html` role="status"`}>
      ${instruction(challenge, notice === 'sent-again')}
    </p>
    ${wrong && wrongCode(maxAttempts - challenge.wrongCodes)}
    ${codeInput({
      label: method === 'RECOVERY_CODE' ? 'Recovery code' : '6-digit code',
      digits: method !== 'RECOVERY_CODE',
      describedBy: 'sent',
      wrong,
      focus: focusFirst(visit),
    })}
    <div class="buttons">
      <button class="primary" name="intent" value="verify">Verify</button>
      ${isSent(challenge) && html`<button name="intent" value="resend" formnovalidate>Send another code</button>`}
      <button name="intent" value="cancel" formnovalidate${byEscape}>Cancel</button>
    </div>
  </form>`
}

function instruction({ verificationMethod, address }: Challenge, again: boolean): string {
  if (verificationMethod === 'AUTHENTICATOR_APP') return 'Enter the code that your authenticator app shows.'
  if (verificationMethod === 'RECOVERY_CODE') return 'Enter one of your recovery codes. Each is good once.'
  if (address === undefined) return 'No address is known for this user: the code is in the emulator’s outbox.'
  return again
    ? `We sent another code to ${masked(address)}. The one before is no longer good.`
    : `We sent a code to ${masked(address)}.`
}

function passkeyPart({ challenge, visit, notice }: ChallengeView, passkey: PasskeyOffer): Html {
  const left = maxAttempts - challenge.wrongCodes
  const error = notice === 'wrong' ? `That passkey was not accepted. Tries left: ${left}.` : undefined
  return html`<p>Confirm with your fingerprint, your face or your device’s screen lock.</p>
    ${passkeyForm(passkey, { visit, action: '/challenge', label: 'Use your passkey', error })}
    <form method="post" action="/challenge" class="buttons">
      ${hiddenFields(visit)}
      <button name="intent" value="cancel" ${byEscape}>Cancel</button>
    </form>`
}

/** Opens without a script, and by keyboard. */
function otherWays({ ways, challenge, visit, canEnroll }: ChallengeView): Html | undefined {
  const others = ways.filter(({ verificationMethod }) => verificationMethod !== challenge.verificationMethod)
  if (others.length === 0 && !canEnroll) return undefined
  return html`<details class="ways">
    <summary>Try another way</summary>
    <ul class="links">
      ${others.map(
        ({ verificationMethod: method, address }) =>
          html`<li>
            <a href="${linkTo('/challenge', visit, { method })}">
              ${nameOf(method)} ${address !== undefined && html`<span class="soft">${masked(address)}</span>`}
            </a>
          </li> `,
      )}
      ${canEnroll && html`<li><a href="${linkTo('/enroll', visit)}">Set up an authenticator</a></li>`}
    </ul>
  </details>`
}
