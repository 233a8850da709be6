import { randomBytes } from 'node:crypto'
import type { Response } from 'express'
import { Html, html } from './html'
import { styleSheet } from './style-sheet'

/** A script of the page's own: inline, or a file of the emulator's. */
export interface PageScript {
  readonly src?: string
  readonly text?: string
  /** What it reads from `document.currentScript.dataset`. */
  readonly data?: Readonly<Record<string, string>>
}

export interface Page {
  readonly title: string
  readonly body: Html
  readonly status?: number
  /** Shown in another site's iframe or in a window it opened: the challenge's pop-up mode. */
  readonly popup?: { readonly script: string; readonly data?: string }
  readonly scripts?: readonly PageScript[]
}

export function sendPage(res: Response, page: Page): void {
  const nonce = randomBytes(16).toString('base64')
  res
    .status(page.status ?? 200)
    .set({
      'Content-Security-Policy': policy(nonce, page),
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
    })
    .type('html')
    .send(render(page, nonce).text)
}

/** No form-action: Chrome would apply it to the redirect back to the app too, which follows the challenge's form. */
function policy(nonce: string, { popup, scripts = [] }: Page): string {
  const directives = [`default-src 'none'`, `style-src 'nonce-${nonce}'`, `img-src data:`, `base-uri 'none'`]
  if (popup || scripts.length > 0) directives.push(`script-src 'nonce-${nonce}'`)
  if (!popup) directives.push(`frame-ancestors 'none'`)
  return directives.join('; ')
}

function render({ title, body, popup, scripts = [] }: Page, nonce: string): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Authsignal emulator</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${styleSheet}</style>
</head>
<body${popup && html` class="popup"`}>
${body}
${
  popup &&
  html`<script nonce="${nonce}" ${popup.data !== undefined && html` data-token="${popup.data}"`}>
    ${new Html(popup.script)}
  </script>`
}
${scripts.map((script) => scriptTag(script, nonce))}
</body>
</html>
`
}

function scriptTag({ src, text = '', data = {} }: PageScript, nonce: string): Html {
  const attributes = Object.entries({ ...(src !== undefined && { src }), ...dataAttributes(data) })
  return html`<script nonce="${nonce}" ${attributes.map(([name, value]) => html` ${name}="${value}"`)}>
    ${new Html(text)}
  </script>`
}

function dataAttributes(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [`data-${name}`, value]))
}
