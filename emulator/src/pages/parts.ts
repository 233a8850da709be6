import { type Html, html } from './html'
import { hiddenFields, type Visit } from './visit'

export const outboxNote = html`<p class="note">
  This is the local Authsignal <strong>emulator</strong>. Nothing was really sent:
  <a href="/outbox" target="_blank" rel="noopener">read the code in the outbox</a> (opens in a new tab).
</p>`

export const emulatorNote = html`<p class="note">This is the local Authsignal <strong>emulator</strong>.</p>`

export function card(content: Html): Html {
  return html`<main class="narrow"><section class="card">${content}</section></main>`
}

export interface CodeInput {
  readonly label: string
  /** Six digits, or a recovery code. */
  readonly digits: boolean
  readonly describedBy: string
  readonly wrong: boolean
  readonly focus: Html | false
}

/** Marks the field to begin with. Browsers refuse `autofocus` to another site's iframe, where a script does it. */
export function focusFirst({ popup }: Visit): Html {
  return popup ? html` data-autofocus` : html` autofocus`
}

/** Marks the button that Escape presses in a pop-up. */
export const byEscape = html` data-escape`

export function codeInput({ label, digits, describedBy, wrong, focus }: CodeInput): Html {
  return html`<label for="code">${label}</label>
    <input
      class="${digits ? 'code' : 'code words'}"
      id="code"
      name="code"
      type="text"
      ${
        digits
          ? html`inputmode="numeric" autocomplete="one-time-code" pattern="\\s*([0-9]\\s*){6}" title="Six digits"`
          : html`autocomplete="off" autocapitalize="none" spellcheck="false"`
      }
      required
      ${focus}
      aria-describedby="${describedBy}${wrong && ' error'}"
      ${wrong && html` aria-invalid="true"`}
    />`
}

/** Ends the visit: back to the app. Escape does so too, but not from recovery codes, which are shown once: `primary`. */
export function leaveForm(visit: Visit, label: string, primary = false): Html {
  return html`<form method="post" action="/leave" class="buttons">
    ${hiddenFields(visit)}
    <button${primary ? html` class="primary"` : byEscape}>${label}</button>
  </form>`
}

export function wrongCode(attemptsLeft: number | undefined): Html {
  const rest =
    attemptsLeft === undefined
      ? ''
      : attemptsLeft === 1
        ? ' You have one more try.'
        : ` You have ${attemptsLeft} more tries.`
  return html`<p id="error" class="error" role="alert">That code is not right.${rest}</p>`
}
