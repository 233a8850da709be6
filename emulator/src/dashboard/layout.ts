import { randomBytes } from 'node:crypto'
import type { Response } from 'express'
import { Html, html } from '../pages/html'
import { styleSheet } from '../pages/style-sheet'
import { liveScript } from './live-script'
import { dashboardStyleSheet } from './style-sheet'

export interface DashboardPage {
  readonly title: string
  readonly path: '/' | '/outbox'
  readonly main: Html
  /** Where there are no scripts to follow what happens. */
  readonly refreshSeconds?: number
}

/** A page for the developer, which follows what happens by itself. */
export function sendDashboard(res: Response, page: DashboardPage): void {
  const nonce = randomBytes(16).toString('base64')
  res
    .set({
      'Content-Security-Policy': `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
    })
    .type('html')
    .send(render(page, nonce).text)
}

function render({ title, path, main, refreshSeconds }: DashboardPage, nonce: string): Html {
  const link = (to: string, text: string): Html =>
    html`<a href="${to}" ${to === path && html`aria-current="page"`}>${text}</a>`
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        ${refreshSeconds !== undefined && html`<noscript><meta http-equiv="refresh" content="${refreshSeconds}" /></noscript>`}
        <title>${title} · Authsignal emulator</title>
        <link rel="icon" href="data:," />
        <style nonce="${nonce}">
          ${styleSheet}${dashboardStyleSheet}
        </style>
      </head>
      <body class="dashboard">
        <header class="bar">
          <p class="brand">Authsignal <span>emulator</span></p>
          <nav aria-label="Emulator">${link('/', 'Dashboard')}${link('/outbox', 'Outbox')}</nav>
          <p class="live" id="live" role="status" hidden>Live</p>
          <noscript><a class="live" href="${path}">Reload for news</a></noscript>
        </header>
        ${main}
        <script nonce="${nonce}">
          ${new Html(liveScript)}
        </script>
      </body>
    </html> `
}
