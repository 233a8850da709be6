import { createHash } from 'node:crypto'
import escapeHtml from 'escape-html'
import type { GuardedResponse } from '../http'
import type { Fields } from '../flow/form'
import type { Words } from './words'

const STYLE =
  ':root{color-scheme:light dark;font:1.0625rem/1.5 system-ui,sans-serif}' +
  'body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;box-sizing:border-box}' +
  'main{max-width:26rem;width:100%}h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem}p{margin:0 0 1.5rem}' +
  'a,button{font:inherit;display:inline-block;padding:.6rem 1.2rem;margin-block:0 .5rem;margin-inline:0 .5rem;border-radius:.5rem;' +
  'border:1px solid currentColor;background:none;color:inherit;text-decoration:none;cursor:pointer}' +
  '.first{background:CanvasText;color:Canvas;border-color:CanvasText}' +
  ':focus-visible{outline:3px solid Highlight;outline-offset:2px}'

/** The form's own fields may be named `submit` or `querySelector`, and hide what is reached by name at the form. */
const SUBMIT =
  "var d=document;d.querySelector('form button').hidden=true;HTMLFormElement.prototype.submit.call(d.querySelector('form'))"

/**
 * No `form-action`: browsers apply it to the redirects after the post too, and the app's handler may redirect
 * elsewhere.
 */
const POLICY = [
  "default-src 'none'",
  `style-src '${hash(STYLE)}'`,
  `script-src '${hash(SUBMIT)}'`,
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')
const FRAME_POLICY = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")

interface Page {
  status: number
  title: string
  text: string
  actions: string
  /** Where a page without scripts goes by itself, at once. */
  goesTo?: string
  submits?: boolean
  framed?: boolean
}

export function sendPage(res: GuardedResponse, words: Words, page: Page): void {
  res.statusCode = page.status
  res.setHeader('content-type', 'text/html; charset=utf-8')
  res.setHeader('content-security-policy', page.framed ? FRAME_POLICY : POLICY)
  res.setHeader('x-content-type-options', 'nosniff')
  res.end(render(words, page))
}

export function link(url: string, words: string, { first = false, top = false } = {}): string {
  const attributes = `${first ? ' class="first"' : ''}${top ? ' target="_top"' : ''}`
  return `<a${attributes} href="${escapeHtml(url)}">${escapeHtml(words)}</a>`
}

/** A form that posts `fields` to `path` when its button is pressed, or by itself. */
export function form(path: string, fields: Fields, words: Words): string {
  const inputs = fields.map(
    ([name, value]) => `<input type="hidden" name="${attribute(name)}" value="${attribute(value)}">`,
  )
  return (
    `<form method="post" action="${escapeHtml(path)}" accept-charset="utf-8">${inputs.join('')}` +
    `<button class="first">${escapeHtml(words.resumeButton)}</button></form>`
  )
}

function render({ lang, dir }: Words, { title, text, actions, goesTo, submits }: Page): string {
  const refresh = goesTo === undefined ? '' : `<meta http-equiv="refresh" content="0;url=${escapeHtml(goesTo)}">`
  return (
    `<!doctype html><html lang="${escapeHtml(lang)}" dir="${dir}"><head><meta charset="utf-8">` +
    `<meta name="viewport" content="width=device-width,initial-scale=1">${refresh}` +
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>` +
    `<body><main><h1>${escapeHtml(title)}</h1><p role="status">${escapeHtml(text)}</p>${actions}</main>` +
    `${submits ? `<script>${SUBMIT}</script>` : ''}</body></html>`
  )
}

/** The HTML parser would make LF of a CRLF that stands as it is. */
function attribute(value: string): string {
  return escapeHtml(value).replace(/\r/g, '&#13;')
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
