import { type Html, html } from '../pages/html'

export function clock(at: Date): Html {
  return html`<time datetime="${at.toISOString()}">${at.toTimeString().slice(0, 8)}</time>`
}
