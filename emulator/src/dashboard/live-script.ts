/**
 * Takes the page anew from the server whenever something happened, and puts what changed in place: one way to render,
 * with and without scripts. What the reader has opened stays open, and a form that is being filled in is left alone.
 */
export const liveScript = `
const live = document.getElementById('live')
const source = new EventSource('/events')
const say = (text, on) => { live.hidden = false; live.textContent = text; live.classList.toggle('on', on) }
source.addEventListener('open', () => { say('Live', true); refresh() })
source.addEventListener('error', () => say('Not connected', false))
source.addEventListener('changed', refresh)

let busy = false, again = false
async function refresh() {
  if (busy) { again = true; return }
  busy = true
  try {
    const answer = await fetch(location.pathname, { headers: { accept: 'text/html' } })
    if (answer.ok) update(parse(await answer.text()))
  } catch { /* the event source says so */ }
  busy = false
  if (again) { again = false; refresh() }
}

// Without its head, whose style sheet has another answer's nonce.
function parse(page) {
  return new DOMParser().parseFromString(page.slice(page.indexOf('<main')), 'text/html')
}

function update(next) {
  for (const part of document.querySelectorAll('[data-live]')) {
    const fresh = next.getElementById(part.id)
    if (!fresh || part.dataset.shown === fresh.innerHTML) continue
    if (part.contains(document.activeElement) && document.activeElement.matches('input, select')) continue
    put(part, fresh)
  }
}

function put(part, fresh) {
  const before = new Map([...part.querySelectorAll('[data-key]')].map((one) => [one.dataset.key, one]))
  const { focus, then } = part.contains(document.activeElement) ? document.activeElement.dataset : {}
  const shown = fresh.innerHTML
  for (const one of fresh.querySelectorAll('[data-key]')) {
    const old = before.get(one.dataset.key)
    if (!old) one.classList.add('new')
    else if (old.open) one.open = true
  }
  part.replaceChildren(...fresh.childNodes)
  part.dataset.shown = shown
  const next = toFocus(focus) ?? toFocus(then)
  next?.focus()
}

// A button that did its work may be gone: the focus goes on to what it names by data-then.
function toFocus(key) {
  return document.querySelector('[data-focus="' + CSS.escape(key ?? '') + '"]')
}

function done(form) {
  if (form.dataset.once !== undefined) form.reset()
  const asked = form.closest('details.ask')
  if (asked) { asked.open = false; asked.firstElementChild.focus() }
}

document.addEventListener('submit', async (event) => {
  event.preventDefault()
  const { target: form, submitter } = event
  const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form, submitter)) })
  if (answer.ok) { done(form); refresh() }
  else document.querySelector('main').replaceWith(parse(await answer.text()).querySelector('main'))
})
`
