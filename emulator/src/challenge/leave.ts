import type { Response } from 'express'
import { closeScript } from '../pages/popup-scripts'
import { html } from '../pages/html'
import { card } from '../pages/parts'
import { type Page, sendPage } from '../pages/send-page'
import type { Tenant } from '../tenant/tenant'
import type { TrackedAction } from '../types'
import type { Problem } from './read-challenge'

export interface Exit {
  readonly redirectUrl: string | undefined
  /** Says which challenge or visit ended, and nothing more. */
  readonly token: string
}

export function exitOf(tenant: Tenant, action: TrackedAction): Exit {
  return { redirectUrl: action.attributes.redirectUrl, token: tenant.tokens.sign(action) }
}

/** Passed, failed, quit or done: the app is told the same way, and asks the API which it was. */
export function leave(res: Response, exit: Exit, popup: boolean): void {
  const back = wayBack(exit)
  if (popup) closePopup(res, exit.token)
  else if (back === undefined) sendPage(res, endPage())
  else res.redirect(303, back)
}

/** Without a token where its link is good for nothing: it ended no challenge. */
export function closePopup(res: Response, token?: string): void {
  sendPage(res, { ...endPage(), popup: { script: closeScript, data: token } })
}

function wayBack({ redirectUrl, token }: Exit): string | undefined {
  if (redirectUrl === undefined) return undefined
  const url = new URL(redirectUrl)
  // Not by searchParams, which would write the query that is there already anew.
  url.search = `${url.search === '' ? '?' : `${url.search}&`}token=${token}`
  return url.href
}

/** From a link that is no longer good; one that has expired gets no fresh token by it. */
export function wayBackFrom(tenant: Tenant, { action, expired }: Problem, token: string): string | undefined {
  if (action) return wayBack(exitOf(tenant, action))
  return expired && wayBack({ redirectUrl: expired.attributes.redirectUrl, token })
}

/** Where there is nowhere to redirect to. */
function endPage(): Page {
  return {
    title: 'All done here',
    body: card(
      html`<h1>All done here</h1>
        <p>You can close this page and go back to the app.</p>`,
    ),
  }
}
