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
const amount = element('#amount', HTMLInputElement)
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
    const { answer, status } = await ask()
    show(answer, status === 200)
    // The amount is the form's one field, so it is what has to be changed.
    mark(status === 422)
  } finally {
    button.disabled = false
  }
}

/** What the bank says. What goes wrong after its answer is no outage, so nothing else is tried here. */
async function ask(): Promise<{ answer: Answer; status?: number }> {
  try {
    const response = await stepUpFetch(form.action, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams(new FormData(form) as unknown as Record<string, string>),
    })
    if (response.stepUp === 'cancelled') return { answer: CANCELLED }
    return { answer: (await response.json()) as Answer, status: response.status }
  } catch {
    return { answer: OFFLINE }
  }
}

function show({ title, text, balance }: Answer, done: boolean): void {
  result.className = done ? 'card result done' : 'card result'
  element('#result strong', HTMLElement).textContent = title
  element('#result span', HTMLElement).textContent = text
  if (balance !== undefined) element('#amount-hint', HTMLElement).textContent = `You have ${balance}.`
  // Not by a reset of the form, which would bring back an amount that the page came with.
  if (done) amount.value = ''
  result.hidden = false
  result.focus()
}

/** Takes the place of the problem that the page came with. */
function mark(invalid: boolean): void {
  document.querySelector('#amount-problem')?.remove()
  if (invalid) amount.setAttribute('aria-invalid', 'true')
  else amount.removeAttribute('aria-invalid')
  amount.setAttribute('aria-describedby', invalid ? 'result amount-hint' : 'amount-hint')
}

function element<T extends HTMLElement>(selector: string, type: new () => T): T {
  const found = document.querySelector(selector)
  if (!(found instanceof type)) throw new Error(`The page has no ${selector}`)
  return found
}
