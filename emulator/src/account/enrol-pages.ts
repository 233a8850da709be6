import type { AppKey } from '../tenant/authenticator-apps'
import { maxAttempts } from '../tenant/codes'
import type { PendingAddress } from '../tenant/enrolments'
import { facts } from '../pages/facts'
import { type Html, html } from '../pages/html'
import { card, codeInput, emulatorNote, focusFirst, leaveForm, outboxNote, wrongCode } from '../pages/parts'
import { passkeyForm, type PasskeyOffer, passkeyScripts } from '../pages/passkey'
import type { Page } from '../pages/send-page'
import { hiddenFields, linkTo, popupOf, type Visit } from '../pages/visit'
import { inWords } from '../pages/words'
import type { TrackedAction, VerificationMethod } from '../types'
import type { AccountVisit } from './read-visit'

export type Enrollable = 'EMAIL_OTP' | 'SMS' | 'AUTHENTICATOR_APP' | 'PASSKEY'

interface Wording {
  readonly name: string
  readonly hint: string
}

export const enrollable: Record<Enrollable, Wording> = {
  PASSKEY: { name: 'Passkey', hint: 'Your fingerprint, your face or a screen lock' },
  AUTHENTICATOR_APP: { name: 'Authenticator app', hint: 'Codes from an app on your phone' },
  EMAIL_OTP: { name: 'E-mail', hint: 'Codes to your e-mail address' },
  SMS: { name: 'Text message', hint: 'Codes to your phone' },
}

export interface EnrolView {
  readonly visit: Visit
  readonly purpose: AccountVisit['purpose']
  /** What the user approves by this: the challenge that enrolment passes. */
  readonly action?: TrackedAction
}

export function choicePage(view: EnrolView, enrolled: readonly VerificationMethod[]): Page {
  // One more passkey makes sense, for another device; the others would only replace what is there.
  const offered = Object.entries(enrollable).filter(
    ([method]) => method === 'PASSKEY' || !enrolled.includes(method as VerificationMethod),
  )
  return pageOf('Set up an authenticator', view, [
    html`<p>Choose how you want to confirm that it is you.</p>
      <ul class="links">
        ${offered.map(
          ([method, { name, hint }]) =>
            html`<li>
              <a href="${linkTo('/enroll', view.visit, { method })}">${name} <span class="soft">${hint}</span></a>
            </li> `,
        )}
      </ul>
      ${wayOut(view)} ${emulatorNote}`,
  ])
}

export interface AddressView extends EnrolView {
  readonly method: 'EMAIL_OTP' | 'SMS'
  readonly known: string | undefined
  readonly error?: string
}

export function addressPage(view: AddressView): Page {
  const { visit, method, known, error } = view
  const isEmail = method === 'EMAIL_OTP'
  return pageOf(
    isEmail ? 'Set up codes by e-mail' : 'Set up codes by text message',
    view,
    [
      html`<form method="post" action="/enroll">
          ${hiddenFields(visit, { method, intent: 'send' })}
          ${error !== undefined && html`<p id="error" class="error" role="alert">${error}</p>`}
          <label for="address">${isEmail ? 'E-mail address' : 'Phone number, with the country code'}</label>
          <input
            class="wide"
            id="address"
            name="address"
            ${
              isEmail
                ? html`type="email" autocomplete="email"`
                : html`type="tel" autocomplete="tel" placeholder="+64 21 123 4567"`
            }
            value="${known ?? ''}"
            required
            ${error !== undefined && html`aria-invalid="true" aria-describedby="error"`}
            ${focusFirst(visit)}
          />
          <div class="buttons"><button class="primary">Send a code</button></div>
        </form>
        ${toChoice(view)} ${emulatorNote}`,
    ],
    error,
  )
}

export function addressCodePage(view: EnrolView & { method: 'EMAIL_OTP' | 'SMS' }, pending: PendingAddress): Page {
  const { visit, method } = view
  const { address, wrongCodes } = pending
  const wrong = wrongCodes > 0
  return pageOf(
    'Enter the code',
    view,
    [
      html`<form method="post" action="/enroll">
          ${hiddenFields(visit, { method, address })}
          <p id="sent" role="status">We sent a code to ${address}.</p>
          ${wrong && wrongCode(maxAttempts - wrongCodes)}
          ${codeInput({ label: '6-digit code', digits: true, describedBy: 'sent', wrong, focus: focusFirst(visit) })}
          <div class="buttons">
            <button class="primary" name="intent" value="verify">Verify</button>
            <button name="intent" value="send" formnovalidate>Send another code</button>
          </div>
        </form>
        <p class="buttons">
          <a href="${linkTo('/enroll', visit, { method, change: '1' })}"
            >${method === 'SMS' ? 'Use another number' : 'Use another address'}</a
          >
        </p>
        ${outboxNote}`,
    ],
    wrong ? 'Wrong code' : undefined,
  )
}

export function appPage(view: EnrolView, key: AppKey, qrCode: string, wrong: boolean): Page {
  const { visit } = view
  return pageOf(
    'Set up an authenticator app',
    view,
    [
      html`<p>Scan this with the app on your phone.</p>
        <p><img class="qr" src="${qrCode}" alt="QR code for an authenticator app" width="200" height="200" /></p>
        <p>Or type this key into it: <code class="key">${inGroups(key.secret)}</code></p>
        <form method="post" action="/enroll">
          ${hiddenFields(visit, { method: 'AUTHENTICATOR_APP' })}
          <p id="how">Then enter the code it shows.</p>
          ${wrong && wrongCode(undefined)}
          ${codeInput({ label: '6-digit code', digits: true, describedBy: 'how', wrong, focus: wrong && focusFirst(visit) })}
          <div class="buttons"><button class="primary" name="intent" value="verify">Verify</button></div>
        </form>
        ${toChoice(view)} ${emulatorNote}`,
    ],
    wrong ? 'Wrong code' : undefined,
  )
}

export function passkeyPage(view: EnrolView, offer: PasskeyOffer, error?: string): Page {
  const form = passkeyForm(offer, { visit: view.visit, action: '/enroll', label: 'Create a passkey', error })
  return {
    ...pageOf(
      'Set up a passkey',
      view,
      [
        html`<p>Your device asks for your fingerprint, your face or its screen lock, and keeps the passkey.</p>
          ${form} ${toChoice(view)} ${emulatorNote}`,
      ],
      error,
    ),
    scripts: passkeyScripts(offer),
  }
}

function pageOf(
  heading: string,
  { visit, purpose, action }: EnrolView,
  content: readonly Html[],
  error?: string,
): Page {
  return {
    title: error === undefined ? heading : `${error}. ${heading}`,
    status: error === undefined ? 200 : 422,
    ...popupOf(visit),
    body: card(
      html`<p class="eyebrow">
          ${
            action
              ? `To approve: ${inWords(action.actionCode)}`
              : purpose === 'settings'
                ? 'Settings'
                : 'Protect your account'
          }
        </p>
        <h1>${heading}</h1>
        ${action && facts(action)} ${content}`,
    ),
  }
}

function toChoice({ visit }: EnrolView): Html {
  return html`<p class="buttons"><a href="${linkTo('/enroll', visit)}">Choose something else</a></p>`
}

function wayOut({ visit, purpose }: EnrolView): Html {
  if (purpose === 'enrolment') return leaveForm(visit, 'Not now')
  const path = purpose === 'settings' ? '/settings' : '/challenge'
  return html`<p class="buttons"><a class="button" href="${linkTo(path, visit)}">Back</a></p>`
}

function inGroups(secret: string): string {
  return secret.replaceAll(/(.{4})(?=.)/g, '$1 ')
}
