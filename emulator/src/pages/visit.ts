import { type Html, html } from './html'
import { readyScript } from './popup-scripts'
import type { Page } from './send-page'

/** What every link and form of a page for users carries on. */
export interface Visit {
  readonly token: string
  /** In an iframe of the app's page, or a window it opened. */
  readonly popup: boolean
}

export type Fields = Readonly<Record<string, unknown>>

export function visitOf({ token, mode }: Fields): Visit {
  return { token: textOf(token), popup: mode === 'popup' }
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function linkTo(path: string, { token, popup }: Visit, query: Readonly<Record<string, string>> = {}): string {
  return `${path}?${new URLSearchParams({ token, ...query, ...(popup && { mode: 'popup' }) }).toString()}`
}

export function hiddenFields({ token, popup }: Visit, fields: Readonly<Record<string, string>> = {}): Html {
  const all = Object.entries({ token, ...fields, ...(popup && { mode: 'popup' }) })
  return html`${all.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}`
}

/** What makes a page a pop-up's, where it is one. */
export function popupOf({ popup }: Visit): Pick<Page, 'popup'> {
  return popup ? { popup: { script: readyScript } } : {}
}
