import type { Emulator } from 'authsignal-emulator'
import { parse } from 'node-html-parser'
import request from 'supertest'
import type { Response, Test } from 'supertest'

type Fields = [name: string, value: string][]

/** A user at a browser: cookies are kept, redirects are not followed. */
export class Customer {
  readonly agent: ReturnType<typeof request.agent>
  readonly #emulator: Emulator

  constructor(
    url: string,
    public userId: string,
    emulator: Emulator,
  ) {
    this.agent = request.agent(url)
    this.#emulator = emulator
  }

  get(path: string): Test {
    return this.agent.get(path).set('x-user', this.userId).redirects(0)
  }

  /** Sends a form, as a page does. */
  post(path: string, fields: Record<string, string> | string): Test {
    return this.agent.post(path).set('x-user', this.userId).redirects(0).type('form').send(fields)
  }

  /** The path that the latest challenge leads back to. */
  get callbackPath(): string {
    const { pathname, search } = new URL(String(this.latest.attributes.redirectUrl))
    return pathname + search
  }

  get latest() {
    const action = this.#emulator.actions.at(-1)
    if (!action) throw new Error('nothing was tracked')
    return action
  }

  /** Passes the latest challenge, and comes back. */
  async passAndReturn(verificationMethod?: 'EMAIL_OTP' | 'SMS' | 'PASSKEY'): Promise<Response> {
    await this.#emulator.challenges.succeed(this.latest.idempotencyKey, { verificationMethod })
    return this.get(`${this.callbackPath}?token=whatever`)
  }

  /** Sends the form on the resume page, as it does by itself in a browser. */
  sendAgain(page: Response): Test {
    const form = parse(page.text).querySelector('form')
    if (!form) throw new Error(`no form on the page: ${page.status} ${page.text}`)
    const fields: Fields = form
      .querySelectorAll('input[type=hidden]')
      .map((input) => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? ''])
    return this.post(form.getAttribute('action') ?? '', serialised(fields))
  }
}

/** The first cookie that an answer sets, as a browser sends it back. */
export function cookieOf({ headers }: { headers: Record<string, unknown> }): string {
  const [first] = [headers['set-cookie']].flat()
  return String(first).split(';', 1)[0] ?? ''
}

/** As browsers do it: https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#constructing-entry-list */
function serialised(fields: Fields): string {
  const entries = fields
    .filter(([name]) => name !== '')
    .map(([name, value]) => [name, name.toLowerCase() === '_charset_' ? 'UTF-8' : value].map(withCrlf))
  return new URLSearchParams(entries).toString()
}

function withCrlf(text: string): string {
  return text.replace(/\r\n|\r|\n/g, '\r\n')
}
