import { randomUUID } from 'node:crypto'
import type { Request } from 'express'
import { toString as qrCodeOf } from 'qrcode'
import { elsewhere, type PasskeyOffer, siteOf } from '../pages/passkey'
import type { Page } from '../pages/send-page'
import { type Fields, linkTo, textOf, type Visit } from '../pages/visit'
import type { Enrolled } from '../tenant/enrolments'
import type { Tenant } from '../tenant/tenant'
import { enrolledMethods } from '../tenant/users'
import {
  addressCodePage,
  addressPage,
  appPage,
  choicePage,
  enrollable,
  type Enrollable,
  type EnrolView,
  passkeyPage,
} from './enrol-pages'
import type { AccountVisit } from './read-visit'

/** One user's step towards an authenticator. */
export interface Step {
  readonly tenant: Tenant
  readonly req: Request
  readonly visit: Visit
  readonly account: AccountVisit
  readonly fields: Fields
}

/** A page, or where the answer to a form leads: to load that again sends no form again. */
export type Answer = Page | { readonly location: string }

/** The page for the method that was chosen, or the choice. */
export async function enrolPage(step: Step): Promise<Page> {
  const { tenant, account, fields } = step
  const user = tenant.users.get(account.userId)
  const { method } = fields
  if (!isEnrollable(method)) return choicePage(viewOf(step), enrolledMethods(user))
  if (method === 'AUTHENTICATOR_APP') return appPageFor(step, false)
  if (method === 'PASSKEY') return passkeyPage(viewOf(step), await passkeyOffer(step))
  const pending = tenant.enrolments.pending(account.userId, method)
  if (pending && fields.change === undefined) return addressCodePage({ ...viewOf(step), method }, pending)
  const known = method === 'EMAIL_OTP' ? user.email : user.phoneNumber
  return addressPage({ ...viewOf(step), method, known })
}

/** The authenticator that the form enrolled, or what comes next. */
export async function takeStep(step: Step): Promise<Enrolled | Answer> {
  const { method, intent } = step.fields
  if (!isEnrollable(method)) return enrolPage(step)
  if (method === 'PASSKEY') return enrolPasskey(step)
  if (method === 'AUTHENTICATOR_APP') return enrolApp(step)
  return intent === 'verify' ? enrolAddress(step, method) : sendCode(step, method)
}

async function enrolApp(step: Step): Promise<Enrolled | Page> {
  const { tenant, account, fields } = step
  return tenant.enrolments.verifyApp(account.userId, textOf(fields.code)) ?? appPageFor(step, true)
}

function enrolAddress(step: Step, method: 'EMAIL_OTP' | 'SMS'): Enrolled | Answer {
  const { tenant, account, fields } = step
  const { attempt, enrolled } = tenant.enrolments.verifyCode(account.userId, method, textOf(fields.code))
  if (enrolled) return enrolled
  if (attempt === 'wrong') return codePageOf(step, method)
  const error = 'There were too many wrong codes. Have another one sent'
  return addressPage({ ...viewOf(step), method, known: textOf(fields.address), error })
}

function sendCode(step: Step, method: 'EMAIL_OTP' | 'SMS'): Answer {
  const { tenant, account, fields } = step
  const given = textOf(fields.address)
  const address = method === 'EMAIL_OTP' ? emailOf(given) : phoneNumberOf(given)
  if (address === undefined) {
    const error =
      method === 'EMAIL_OTP'
        ? 'Enter an e-mail address such as alice@example.com'
        : 'Enter a phone number with its country code, such as +64 21 123 4567'
    return addressPage({ ...viewOf(step), method, known: given, error })
  }
  tenant.enrolments.sendCode(account.userId, method, address, account.action)
  return codePageOf(step, method)
}

/** The page shows the code that is pending, and whether one was wrong. */
function codePageOf({ visit }: Step, method: 'EMAIL_OTP' | 'SMS'): Answer {
  return { location: linkTo('/enroll', visit, { method }) }
}

async function enrolPasskey(step: Step): Promise<Enrolled | Page> {
  const { tenant, account, req, fields } = step
  const site = siteOf(req)
  const isCurrent = tenant.generation.watch()
  const credential = site && (await tenant.passkeys.register(textOf(fields.response), site))
  if (!credential || !isCurrent()) {
    return passkeyPage(viewOf(step), await passkeyOffer(step), 'That passkey was not accepted. Try again')
  }
  const ua = req.get('user-agent') ?? ''
  const deviceId = account.action?.attributes.deviceId ?? randomUUID()
  const webauthnCredential = { ...credential, deviceId, name: passkeyName(ua), parsedUserAgent: { ua } }
  return tenant.enrolments.enroll(account.userId, { verificationMethod: 'PASSKEY', webauthnCredential })
}

async function appPageFor(step: Step, wrong: boolean): Promise<Page> {
  const { userId } = step.account
  const { username, email } = step.tenant.users.get(userId)
  const key = step.tenant.apps.offer(userId, username ?? email ?? userId)
  const svg = await qrCodeOf(key.uri, { type: 'svg', margin: 2 })
  return appPage(viewOf(step), key, `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`, wrong)
}

async function passkeyOffer({ tenant, req, visit, account }: Step): Promise<PasskeyOffer> {
  const site = siteOf(req)
  if (!site) return elsewhere(req, linkTo('/enroll', visit, { method: 'PASSKEY' }), visit)
  const options = await tenant.passkeys.registrationOptions(tenant.users.get(account.userId), site)
  return { ceremony: 'startRegistration', options }
}

function viewOf({ visit, account: { purpose, action } }: Step): EnrolView {
  return { visit, purpose, ...(purpose === 'challenge' && { action }) }
}

function isEnrollable(method: unknown): method is Enrollable {
  return typeof method === 'string' && Object.hasOwn(enrollable, method)
}

function emailOf(given: string): string | undefined {
  const email = given.trim()
  return /^[^\s@]{1,64}@[^\s@]{1,255}$/.test(email) ? email : undefined
}

/** E.164, however it was grouped. */
function phoneNumberOf(given: string): string | undefined {
  const phoneNumber = given.replaceAll(/[\s().-]/g, '')
  return /^\+[1-9]\d{6,14}$/.test(phoneNumber) ? phoneNumber : undefined
}

function passkeyName(userAgent: string): string {
  const system = /Windows|Android|iPhone|iPad|Mac|Linux/.exec(userAgent)?.[0]
  return system === undefined ? 'Passkey' : `Passkey on ${system}`
}
