import express from 'express'
import multer from 'multer'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { enterCode } from '../helpers/challenge-page'
import { screenshot, useBrowser } from '../helpers/chromium'
import { startWorld, type World } from '../helpers/world'

/* What a real browser makes of a form on its way through the challenge; __tests__/flow/forms.test.ts has the other shapes. */

const CSRF_TOKEN = 'Zm9ybQ=='

const text = (kilobytes: number) => `<textarea name="note">${'x'.repeat(kilobytes * 1024)}</textarea>`
const forms: Record<string, string> = {
  'every kind of control': `<input name="isindex" value="first"><input name="payee" value='Zoë & "Söhne" <b>'>
    <input name="tags[]" value="one"><input name="lines[0][sum]" value="1"><input name="lines[1][sum]" value="">
    <input type="checkbox" name="box" value="a" checked><input type="checkbox" name="box" value="b" checked>
    <input type="checkbox" name="box" value="c"><select name="pick" multiple><option selected>x<option selected>y</select>
    <textarea name="note">\n\n one\n two 100% %41 + 🦊👩‍👩‍👧\n</textarea><input type="date" name="when" value="2030-01-02">`,
  'names that a page may give without thinking': `<input name="submit" value="1"><input name="action" value="/elsewhere">
    <input name="method" value="get"><input name="forms" value="2"><input name="constructor" value="3">
    <input name="hasOwnProperty" value="4"><input name="__proto__" value="5"><input name="querySelector" value="6">
    <input name="" value="7"><input value="8"><input name="a name" value="9"><input name="100%" value="10">`,
  'the encoding of the form': `<input type="hidden" name="_charset_"><input name="payee" value="Łódź">`,
  'nothing but its button': '',
  'almost 64 KB': text(63),
}
/** These can't be brought back as they were. */
const others: Record<string, string> = {
  'more than 64 KB': text(65),
  'a field that the parser drops': `<input name="a[__proto__][b]" value="1"><input name="payee" value="Bob">`,
}

const browser = useBrowser()
let world: World
let context: BrowserContext
let page: Page
let plain: unknown[]

beforeAll(async () => {
  world = await startWorld({
    routes: (app, { authsignal, booked }) => {
      app.get('/form/:name', (req, res) => {
        const fields = { ...forms, ...others }[req.params.name] ?? ''
        res.cookie('csrf', CSRF_TOKEN).send(`<!doctype html><title>Form</title><form method="post">${fields}
          <button formaction="/plain?_csrf=${encodeURIComponent(CSRF_TOKEN)}">Plain</button>
          <button formaction="/transfers?_csrf=${encodeURIComponent(CSRF_TOKEN)}">Guarded</button></form>`)
      })
      app.get('/upload/:path', (req, res) => {
        res.send(`<!doctype html><title>Upload</title><form method="post" action="/${req.params.path}"
          enctype="multipart/form-data"><input name="payee" value="Zoë"><label>Receipt <input type="file" name="receipt">
          </label><button>Send</button></form>`)
      })
      const upload = multer().single('receipt')
      const bind = ({ body, file }: express.Request): unknown => ({
        body: { ...(body as object) },
        receipt: file?.buffer,
      })
      const book: express.RequestHandler = (req, res) => {
        const { path, method, authsignal: stepUp } = req
        booked.push({ userId: 'alice', method, path, body: req.file?.buffer.toString(), authsignal: stepUp })
        res.send('Uploaded')
      }
      app.post('/bound', upload, authsignal.guard('transfer', { bind }), book)
      app.post('/unbound', upload, authsignal.guard('transfer'), book)
      app.post(['/plain', '/transfers'], refuseForgeries)
      app.post('/plain', (req, res) => {
        plain.push(req.body)
        res.send('Plain')
      })
    },
  })
})
beforeEach(() => {
  world.emulator.reset()
  world.emulator.rules.set('transfer', 'CHALLENGE_REQUIRED')
  world.errors.length = 0
  world.booked.length = 0
  plain = []
})
afterEach(() => context.close())

/** By token, and by the page that sent it. */
const refuseForgeries: express.RequestHandler = (req, res, next) => {
  const own = req.get('origin') === world.url && req.get('sec-fetch-site') === 'same-origin'
  if (own && req.query._csrf === CSRF_TOKEN && req.get('cookie')?.includes('csrf=')) next()
  else res.status(403).send('Forged')
}

async function open(options: Parameters<Browser['newContext']>[0] = {}) {
  context = await browser().newContext({ extraHTTPHeaders: { 'x-user': 'alice' }, ...options })
  page = await context.newPage()
}

async function send(form: string, button: 'Plain' | 'Guarded') {
  await page.goto(`${world.url}/form/${encodeURIComponent(form)}`)
  await page.click(`text=${button}`)
}

describe.each([
  ['by itself', true],
  ['by its button where scripts are off', false],
])('a form is sent on %s', (_, javaScriptEnabled) => {
  it.each(Object.keys(forms))('with %s', async (form) => {
    await open({ javaScriptEnabled })
    await send(form, 'Plain')
    await send(form, 'Guarded')
    await enterCode(page, world.emulator)
    await page.waitForURL(`${world.url}/**`)
    if (!javaScriptEnabled) await page.getByRole('button', { name: 'Send my request' }).click()
    await page.waitForSelector('text="done":true')
    expect(world.booked.map(({ body }) => body)).toEqual(plain)
  })
})

it('the answer to a form that was sent on may be loaded again: it is not done again', async () => {
  await open()
  await send('the encoding of the form', 'Guarded')
  await enterCode(page, world.emulator)
  await page.waitForSelector('text="done":true')
  await page.reload()
  expect(page.url()).toContain(`${world.url}/transfers`)
  expect(await page.textContent('body')).toContain(
    'This was sent on already, it is not what was confirmed, or it comes too late.',
  )
  expect(world.booked).toHaveLength(1)
  expect(world.emulator.actions).toHaveLength(1)
})

describe('a form that can not be kept is asked for once more, and passes then', () => {
  async function expectAskedOnce() {
    await enterCode(page, world.emulator)
    await page.waitForURL(`${world.url}/authsignal/callback/**`)
    await screenshot(page, 'page-send-again')
    expect(await page.textContent('main')).toContain('nothing has been done yet. Please go back and send it once more.')
    expect(world.booked).toEqual([])
    await page.getByRole('link', { name: 'Go back' }).click()
  }

  it.each(Object.keys(others))('where it has %s', async (form) => {
    await open()
    await send(form, 'Plain')
    await send(form, 'Guarded')
    await expectAskedOnce()
    await page.click('text=Guarded')
    await page.waitForSelector('text="done":true')
    expect(world.booked.map(({ body }) => body)).toEqual(plain)
    expect(world.emulator.actions).toHaveLength(1)
  })

  const file = { name: 'receipt.txt', mimeType: 'text/plain', buffer: Buffer.from('the receipt') }
  async function upload() {
    await page.getByLabel('Receipt').setInputFiles(file)
    await page.click('button')
    await page.waitForURL((url) => !url.pathname.startsWith('/upload/'))
  }

  it('where it has a file, whose content it is bound to', async () => {
    await open()
    await page.goto(`${world.url}/upload/bound`)
    await upload()
    await expectAskedOnce()
    await upload()
    await page.waitForSelector('text=Uploaded')
    expect(world.booked).toMatchObject([{ body: 'the receipt', authsignal: { challenged: true } }])
    expect(world.emulator.actions).toHaveLength(1)
  })

  it('and one that nothing binds is not challenged: the error says what to do', async () => {
    await open()
    await page.goto(`${world.url}/upload/unbound`)
    await upload()
    expect(world.errors).toMatchObject([
      { code: 'ERR_AUTHSIGNAL_MISCONFIGURED', message: expect.stringContaining('multipart. Put the guard') as string },
    ])
    expect(await page.textContent('body')).toContain('give bind a function')
    expect(world.booked).toEqual([])
  })
})
