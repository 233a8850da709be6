import { cookieOf } from '../helpers/customer'
import { startWorld, type WorldOptions } from '../helpers/world'

/* How a form comes back from its challenge: sent again by a page, or asked for once more. */

const toAlice = { payee: 'Alice', amount: '10' }

async function challengedWorld(options: WorldOptions = {}) {
  const world = await startWorld(options)
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  return world
}

describe('resume: false', () => {
  it.each<[string, WorldOptions]>([
    ['of a guard', { guard: { resume: false } }],
    ['of createAuthsignal', { authsignal: { resume: false } }],
  ])('%s asks to send the form again, which passes then', async (_whose, options) => {
    const world = await challengedWorld(options)
    const customer = world.customer()
    await customer.post('/transfers', toAlice).set('referer', `${world.url}/account`).expect(303)
    const page = await customer.passAndReturn()
    expect(page.status).toBe(200)
    expect(page.text).toContain('send it once more')
    expect(page.text).toContain('href="/account"')
    expect(page.text).not.toMatch(/<form|Alice/)
    expect(page.get('set-cookie')).toBeUndefined()
    expect(world.booked).toEqual([])
    await customer.post('/transfers', toAlice).expect(200)
    expect(world.booked).toMatchObject([{ body: toAlice, authsignal: { challenged: true } }])
    expect(world.emulator.actions).toHaveLength(1)
  })
})

describe('a form', () => {
  /** As a browser sends it, of so many bytes. */
  function formOf(bytes: number, letter: string): string {
    const begin = 'payee=Alice&note='
    const encoded = encodeURIComponent(letter)
    const letters = Math.floor((bytes - begin.length) / encoded.length)
    return (begin + encoded.repeat(letters)).padEnd(bytes, 'x')
  }

  // In UTF-8, and in the parser's characters, the second is much shorter.
  describe.each(['x', 'é'])('of many %s', (letter) => {
    it('is brought back with 65,536 bytes', async () => {
      const world = await challengedWorld()
      const customer = world.customer()
      const form = formOf(65_536, letter)
      expect(form).toHaveLength(65_536)
      await customer.post('/transfers', form).expect(303)
      await customer.sendAgain(await customer.passAndReturn()).expect(200)
      expect(world.booked).toMatchObject([{ body: Object.fromEntries(new URLSearchParams(form)) }])
    })

    it('is asked for once more with 65,537', async () => {
      const world = await challengedWorld()
      const customer = world.customer()
      const form = formOf(65_537, letter)
      await customer.post('/transfers', form).expect(303)
      const { text } = await customer.passAndReturn()
      expect(text).toContain('send it once more')
      expect(text).not.toContain('<form')
      await customer.post('/transfers', form).expect(200)
      expect(world.booked).toHaveLength(1)
    })
  })

  it.each([
    ['http', /^authsignal-resumed=[^;]+; Max-Age=60; Path=\/; HttpOnly; SameSite=Lax$/],
    ['https', /^__Host-authsignal-resumed=[^;]+; Max-Age=60; Path=\/; HttpOnly; Secure; SameSite=Lax$/],
  ])('is known as one that was brought back for a minute, over %s', async (scheme, expected) => {
    const world = await challengedWorld({ authsignal: { baseUrl: `${scheme}://bank.example` } })
    const customer = world.customer()
    // A browser would send it over https alone.
    const cookie = cookieOf(await customer.post('/transfers', toAlice).expect(303))
    await world.emulator.challenges.succeed(customer.latest.idempotencyKey)
    const page = await world.customer().get(customer.callbackPath).set('cookie', cookie).expect(200)
    expect(page.get('set-cookie')).toEqual([expect.stringMatching(expected)])
  })
})
