import { isIP } from 'node:net'
import { dirname, join } from 'node:path'
import type { Request } from 'express'
import type { Site } from '../tenant/passkeys'
import { type Html, html } from './html'
import type { PageScript } from './send-page'
import { hiddenFields, type Visit } from './visit'

export const passkeyLibraryPath = '/assets/simplewebauthn-browser.js'
/** The library's build for a script tag, which its package does not export. */
export const passkeyLibraryFile = join(
  dirname(require.resolve('@simplewebauthn/browser')),
  '../dist/bundle/index.umd.min.js',
)

/** A passkey ceremony for the browser to perform, or the reason why this page can't have one. */
export type PasskeyOffer =
  | { readonly ceremony: 'startRegistration' | 'startAuthentication'; readonly options: object }
  | { readonly samePageByName: string | undefined; readonly ceremony?: undefined }

/** Undefined where the page was opened by an IP address, for which browsers make no passkeys. */
export function siteOf(req: Request): Site | undefined {
  const { hostname, host } = new URL(`http://${req.get('host') ?? ''}`)
  if (isIP(hostname.replace(/[[\]]/g, '')) > 0) return undefined
  // With https there is a proxy in front.
  return { rpId: hostname, origins: [`http://${host}`, `https://${host}`] }
}

/** In a pop-up the app waits for messages from this very origin: there is no way to the other one. */
export function elsewhere(req: Request, link: string, { popup }: Visit): PasskeyOffer {
  const { hostname, port } = new URL(`http://${req.get('host') ?? ''}`)
  const isLoopback = /^(127(\.\d+){3}|\[::1\])$/.test(hostname)
  return { samePageByName: isLoopback && !popup ? `http://localhost:${port}${link}` : undefined }
}

export function passkeyForm(
  offer: PasskeyOffer,
  { visit, action, label, error }: { visit: Visit; action: string; label: string; error: string | undefined },
): Html {
  if (!offer.ceremony) return byNameOnly(offer.samePageByName)
  return html`<form id="passkey" method="post" action="${action}">
    ${hiddenFields(visit, { method: 'PASSKEY', intent: 'verify', response: '' })}
    <p id="passkey-error" class="error" role="alert">${error}</p>
    <div class="buttons">
      <button class="primary" type="button" disabled aria-describedby="passkey-error">${label}</button>
    </div>
    <noscript><p>Passkeys need JavaScript. Choose another way, or allow scripts here.</p></noscript>
  </form>`
}

export function passkeyScripts(offer: PasskeyOffer | undefined): PageScript[] {
  if (!offer?.ceremony) return []
  const data = { ceremony: offer.ceremony, options: JSON.stringify(offer.options) }
  return [{ src: passkeyLibraryPath }, { text: script, data }]
}

function byNameOnly(url: string | undefined): Html {
  return html`<p>
    Browsers use passkeys only where the page’s address is a name, and this one is a
    number.${url !== undefined && html` <a href="${url}">Continue at localhost</a>.`}
  </p>`
}

const script = `const { ceremony, options } = document.currentScript.dataset
const form = document.getElementById('passkey')
const button = form.querySelector('button')
const error = document.getElementById('passkey-error')
button.addEventListener('click', async () => {
  button.disabled = true
  error.textContent = ''
  try {
    const response = await SimpleWebAuthnBrowser[ceremony]({ optionsJSON: JSON.parse(options) })
    form.elements.namedItem('response').value = JSON.stringify(response)
    form.submit()
  } catch (problem) {
    error.textContent = messages[problem.code] ?? messages[problem.name] ?? problem.message
    button.disabled = false
    button.focus()
  }
})
button.disabled = false
const messages = {
  NotAllowedError: 'The passkey was not used. Try again, or choose another way.',
  ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED: 'This device has a passkey for you already.',
}`
