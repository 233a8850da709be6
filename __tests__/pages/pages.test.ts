import axe from 'axe-core'
import { MemoryStore, type AuthsignalOptions } from 'authsignal-express'
import type { Browser, Page } from 'playwright-core'
import type { Response } from 'supertest'
import { cookieOf } from '../helpers/customer'
import { screenshot, useBrowser } from '../helpers/chromium'
import { startWorld } from '../helpers/world'

/* Each page as the app answered it, with its own policy, shown in Chromium. Nothing else is reached from it, so that a
   page that goes on by itself stays. */

const ARABIC = {
  lang: 'ar',
  dir: 'rtl',
  goOnTitle: 'لحظة من فضلك',
  goOnText: 'جارٍ تحويلك.',
  goOnLink: 'متابعة',
  frameTitle: 'أكّد هويتك',
  frameText: 'تُفتح هذه الخطوة في النافذة كاملة.',
  frameLink: 'تأكيد',
  resumeTitle: 'تم التأكيد',
  resumeText: 'شكرًا. يُرسل طلبك تلقائيًا. إن لم يحدث شيء فاستخدم الزر.',
  resumeButton: 'إرسال طلبي',
  quitTitle: 'لم يتم التأكيد بعد',
  quitText: 'غادرت قبل تأكيد هويتك. لم يُنفَّذ شيء.',
  tryAgainLink: 'حاول مرة أخرى',
  goBackLink: 'رجوع',
  sendAgainTitle: 'تم التأكيد',
  sendAgainText: 'شكرًا. تعذّر حفظ النموذج، ولم يُنفَّذ شيء بعد. ارجع وأرسله مرة أخرى.',
  spentTitle: 'تم ذلك من قبل',
  spentText: 'تم التأكيد والتنفيذ من قبل. لم يُنفَّذ مرة أخرى.',
  unreadableTitle: 'أرسله مرة أخرى من فضلك',
  unreadableText: 'تعذّر حفظ ما أرسلته. لم يُنفَّذ شيء. ارجع وأرسله مرة أخرى.',
} satisfies AuthsignalOptions['texts']

const browser = useBrowser()

type Texts = AuthsignalOptions['texts']

async function start(texts: Texts, authsignal: AuthsignalOptions = {}) {
  const world = await startWorld({
    authsignal: { texts, ...authsignal },
    routes: (app, { authsignal: { guard } }) => {
      app.post('/via-page', guard('transfer', { challengeVia: 'page' }))
    },
  })
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  return world
}

/** A customer who has sent a form, and is challenged. */
async function challenged(texts: Texts, fields: object = { payee: 'Zoë & Söhne' }) {
  const customer = (await start(texts)).customer()
  await customer.post('/transfers', { ...fields }).expect(303)
  return customer
}

const pages: Record<string, (texts: Texts) => Promise<Response>> = {
  'go on': async (texts) => (await start(texts)).customer().post('/via-page', { payee: 'Zoë' }),
  frame: async (texts) => {
    const headers = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }
    return (await start(texts)).customer().get('/account').set(headers)
  },
  resume: async (texts) => (await challenged(texts)).passAndReturn(),
  quit: async (texts) => {
    const customer = await challenged(texts)
    return customer.get(customer.callbackPath)
  },
  'send again': async (texts) => (await challenged(texts, { note: 'x'.repeat(70_000) })).passAndReturn(),
  done: async (texts) => {
    const customer = await challenged(texts)
    const { callbackPath } = customer
    await customer.sendAgain(await customer.passAndReturn()).expect(200)
    return customer.get(callbackPath)
  },
  unreadable: async (texts) => {
    const shared = { store: new MemoryStore(), baseUrl: 'http://bank.localhost' }
    const before = await start(texts, { ...shared, secret: 'the old secret, 32 characters long' })
    const customer = before.customer()
    const cookie = cookieOf(await customer.post('/transfers', { payee: 'Zoë' }))
    const after = await start(texts, { ...shared, secret: 'the new secret, 32 characters long' })
    return after.customer().get(customer.callbackPath).set('cookie', cookie)
  },
}

async function show(answer: Response, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const context = await browser().newContext(options)
  const page = await context.newPage()
  const headers = { ...(answer.headers as Record<string, string>) }
  // By its script a form would be on its way before anyone could look at the page.
  headers['content-security-policy'] = `${headers['content-security-policy'] ?? ''}, script-src 'none'`
  await page.route('**/*', (route) => route.fulfill({ status: 204 }))
  await page.route('**/shown', (route) => route.fulfill({ status: answer.status, headers, body: answer.text }))
  await page.goto('http://bank.localhost/shown')
  return page
}

/** What a user can press, by role and name. */
async function actionsOn(page: Page): Promise<string[]> {
  const found = await Promise.all(
    (['link', 'button'] as const).map(async (role) =>
      (await page.getByRole(role).allTextContents()).map((name) => `${role} ${name}`),
    ),
  )
  return found.flat()
}

const actions: Record<string, string[]> = {
  'go on': ['link Continue'],
  frame: ['link Confirm'],
  resume: ['button Send my request'],
  quit: ['link Try again', 'link Go back'],
  'send again': ['link Go back'],
  done: ['link Go back'],
  unreadable: ['link Go back'],
}

describe.each(Object.entries(pages))('the page "%s"', (name, get) => {
  const file = `page-${name.replace(' ', '-')}`

  it('can be used by everyone, on a small screen and in the dark', async () => {
    const page = await show(await get(undefined), { colorScheme: 'dark', viewport: { width: 320, height: 640 } })
    await screenshot(page, file)
    expect(await violationsOn(page)).toEqual([])
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    expect(await page.locator('h1').allTextContents()).toEqual([await page.title()])
    expect(await actionsOn(page)).toEqual(actions[name])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320)
    await page.context().close()
  })

  it('loads nothing, runs nothing but its own, and is kept by nobody', async () => {
    const { headers } = await get(undefined)
    const directives = String(headers['content-security-policy']).split('; ')
    const frames = name === 'frame' ? "'self'" : "'none'"
    expect(directives).toEqual([
      "default-src 'none'",
      expect.stringMatching(/^style-src 'sha256-[^' ]+'$/),
      expect.stringMatching(/^script-src 'sha256-[^' ]+'$/),
      "base-uri 'none'",
      `frame-ancestors ${frames}`,
    ])
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
  })

  it('says it all in another language, from right to left', async () => {
    const page = await show(await get(ARABIC))
    await screenshot(page, `${file}-rtl`)
    expect(await violationsOn(page)).toEqual([])
    expect(await page.locator('html').getAttribute('lang')).toBe('ar')
    expect(await page.evaluate('getComputedStyle(document.body).direction')).toBe('rtl')
    expect((await page.title()) + (await page.locator('body').innerText())).not.toMatch(/[a-z]/i)
    await page.context().close()
  })
})

async function violationsOn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<axe.AxeResults>('axe.run()')
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}
