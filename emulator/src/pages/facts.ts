import type { TrackedAction } from '../types'
import { type Html, html } from './html'
import { asText, inWords } from './words'

/** What is being approved. */
export function facts({ userId, attributes }: TrackedAction): Html {
  const { amount, payee, ...others } = withMoney(attributes.custom ?? {})
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

type Custom = NonNullable<TrackedAction['attributes']['custom']>

/** A number beside the code of its currency, as people write it. */
function withMoney(custom: Custom): Custom {
  const { amount, currency, ...others } = custom
  if (typeof amount !== 'number' || typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) return custom
  return { amount: new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount), ...others }
}
