import { resumedForm } from 'authsignal-express/testing'
import { startWorld } from '../helpers/world'

it('reads what the page would post, whatever the fields hold', async () => {
  const world = await startWorld()
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  const customer = world.customer()
  const fields = { 'a"b<c>': '"quotes" & \'<b>\' &amp; &#13;', lines: 'one\r\ntwo', ü: '𝄞 100 %' }
  const sent = new URLSearchParams(fields)
  await customer.post('/transfers?to=a&b="c"', sent.toString()).expect(303)
  const page = await customer.passAndReturn()
  expect(resumedForm(page.text)).toEqual({ path: '/transfers?to=a&b=%22c%22', body: sent.toString() })
})

it('says so where the page is another', () => {
  expect(() => resumedForm('<form action="/search">')).toThrow(TypeError)
})
