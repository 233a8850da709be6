import type { TrackedAction } from '../types'
import { type Html, html } from './html'
import { asText, inWords } from './words'

/** What is being approved. */
export function facts({ userId, attributes }: TrackedAction): Html {
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
