import { Authsignal } from '@authsignal/browser'
import { createStepUpFetch } from 'authsignal-express/browser'

/* The page works without this script: the form is sent, and the guard redirects. With it the user stays on the page. */

const authsignal = new Authsignal({ tenantId: 'demo' })
const stepUpFetch = createStepUpFetch({ launch: (url, options) => authsignal.launch(url, options) })

/** What the bank answers to a script. */
interface Answer {
  title: string
  text: string
  balance?: string
}

const CANCELLED: Answer = { title: 'Not confirmed', text: 'You closed the confirmation, so no money has moved.' }
const OFFLINE: Answer = {
  title: 'The bank is out of reach',
  text: 'Please look at your movements before you try again.',
}

const form = element('form.form', HTMLFormElement)
const button = element('form.form button', HTMLButtonElement)
const result = element('#result', HTMLElement)

form.addEventListener('submit', (event) => {
  event.preventDefault()
  void withdraw()
})

async function withdraw(): Promise<void> {
  button.disabled = true
  result.hidden = true
  try {
    const response = await stepUpFetch(form.action, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams(new FormData(form) as unknown as Record<string, string>),
    })
    show(response.stepUp === 'cancelled' ? CANCELLED : ((await response.json()) as Answer), response.ok)
  } catch {
    show(OFFLINE, false)
  } finally {
    button.disabled = false
  }
}

function show({ title, text, balance }: Answer, done: boolean): void {
  result.className = done ? 'card result done' : 'card result'
  element('#result strong', HTMLElement).textContent = title
  element('#result span', HTMLElement).textContent = text
  if (balance !== undefined) element('#amount-hint', HTMLElement).textContent = `You have ${balance}.`
  if (done) form.reset()
  result.hidden = false
  result.focus()
}

function element<T extends HTMLElement>(selector: string, type: new () => T): T {
  const found = document.querySelector(selector)
  if (!(found instanceof type)) throw new Error(`The page has no ${selector}`)
  return found
}
