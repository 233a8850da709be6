/** The page that opened the challenge: around an iframe, or behind a window. */
const host = `const host = window.parent === window ? window.opener : window.parent`

/**
 * `@authsignal/browser` shows its iframe when it is told READY, and sizes it by the heights it is told. Its dialog hears no
 * key that is pressed inside of the iframe.
 */
export const readyScript = `${host}
document.querySelector('[data-autofocus]')?.focus()
addEventListener('keydown', ({ key, isComposing }) => {
  if (key === 'Escape' && !isComposing) document.querySelector('[data-escape]')?.click()
})
if (host) {
  const tellHeight = () => host.postMessage({ height: document.body.offsetHeight }, '*')
  new ResizeObserver(tellHeight).observe(document.body)
  tellHeight()
  host.postMessage(JSON.stringify({ event: 'AUTHSIGNAL_READY' }), '*')
}`

/**
 * The token says which challenge ended and nothing more, so any origin may hear it; the API is asked how it ended. Without
 * one it is a pop-up that its user closed.
 */
export const closeScript = `${host}
if (host) {
  const { token } = document.currentScript.dataset
  host.postMessage(JSON.stringify({ event: 'AUTHSIGNAL_CLOSE_POPUP', token }), '*')
}`
