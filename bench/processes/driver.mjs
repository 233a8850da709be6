import { performance } from 'node:perf_hooks'
import { Pool } from 'undici'

/** Each transfer of a run has a number of its own, whoever drives it. */
let lastNumber = 0

/** Sends what users do, and keeps what they were told: which transfers are booked, and how long each answer took. */
export class Driver {
  told = new Set()
  #times = new Map()
  #pool
  #succeed

  constructor({ url, emulator }, connections) {
    this.#pool = new Pool(url, { connections })
    this.#succeed = emulator.succeed
  }

  close() {
    return this.#pool.destroy()
  }

  /** A browser of a user of its own, which has its cookie already. */
  async browser(user) {
    const browser = { user, cookie: '' }
    await this.allow(browser)
    return browser
  }

  async allow(browser) {
    await this.#transfer(browser, 'allow', 200)
  }

  async block(browser) {
    await this.#transfer(browser, 'block', 403)
  }

  async challenge(browser) {
    await this.spend(browser, await this.begin(browser))
  }

  /** A challenge that is passed, and waits to be spent; by another process than began it, perhaps. */
  async begin(browser) {
    const { number, text, process } = await this.#transfer(browser, 'challenge', 401, 'begin')
    const { idempotencyKey } = JSON.parse(text)
    return { number, idempotencyKey, process }
  }

  async comeBack(browser, challenge) {
    const { idempotencyKey } = challenge
    await this.pass(challenge)
    await this.#send(browser, 'callback', 'GET', `/authsignal/callback/${idempotencyKey}`, undefined, 303)
  }

  async spend(browser, challenge) {
    const { number, process } = challenge
    await this.pass(challenge)
    const spent = await this.transferOnce(browser, number, 200)
    return spent.process !== process
  }

  /** The user's part, once. */
  async pass(challenge) {
    if (challenge.passed) return
    challenge.passed = true
    await this.#succeed(challenge.idempotencyKey)
  }

  /** One of any number of equal requests; any answer will do where no status is given. */
  async transferOnce(browser, number, status) {
    const answer = await this.#send(browser, 'spend', 'POST', '/transfers', { kind: 'challenge', number }, status)
    if (answer.status === 200) this.told.add(number)
    return answer
  }

  async unguarded(browser) {
    await this.#send(browser, 'unguarded', 'POST', '/unguarded', { kind: 'unguarded', number: 0 }, 200)
  }

  async direct(browser) {
    await this.#send(browser, 'direct', 'POST', '/direct', { kind: 'direct', number: 0 }, 200)
  }

  /** The milliseconds that each answer of that kind took, and forgets them. */
  takeTimes(kind) {
    const times = this.#times.get(kind) ?? []
    this.#times.delete(kind)
    return times
  }

  async #transfer(browser, kind, status, name = kind) {
    const number = (lastNumber += 1)
    const answer = await this.#send(browser, name, 'POST', '/transfers', { kind, number }, status)
    if (answer.status === 200) this.told.add(number)
    return { ...answer, number }
  }

  async #send(browser, name, method, path, sent, expected) {
    const since = performance.now()
    const { statusCode, headers, body } = await this.#pool.request({
      method,
      path,
      headers: {
        ...(sent && { 'content-type': 'application/json' }),
        'x-user': browser.user,
        cookie: browser.cookie,
      },
      body: sent && JSON.stringify(sent),
    })
    const text = await body.text()
    this.#note(name, performance.now() - since)
    browser.cookie ||= String(headers['set-cookie'] ?? '').split(';')[0]
    if (expected !== undefined && statusCode !== expected)
      throw new Error(`${name} of ${browser.user} was answered ${statusCode} instead of ${expected}:\n${text}`)
    return { status: statusCode, text, process: headers['x-process'] }
  }

  #note(name, time) {
    if (!this.#times.has(name)) this.#times.set(name, [])
    this.#times.get(name).push(time)
  }
}
