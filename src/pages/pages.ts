import type { Fields } from '../flow/form'
import type { GuardedResponse } from '../http'
import { form, link, sendPage } from './page'
import type { Words } from './words'

/* The few pages that a browser may see. */

/** Goes on to `url` by itself, where a redirect would be blocked or would lack cookies. */
export function sendGoOnPage(res: GuardedResponse, words: Words, url: string): void {
  const { goOnTitle: title, goOnText: text } = words
  sendPage(res, words, { status: 200, title, text, actions: link(url, words.goOnLink, { first: true }), goesTo: url })
}

/** Leads out of a frame, which the challenge page would refuse to be shown in. */
export function sendFramePage(res: GuardedResponse, words: Words, url: string): void {
  const { frameTitle: title, frameText: text } = words
  const actions = link(url, words.frameLink, { first: true, top: true })
  sendPage(res, words, { status: 200, title, text, actions, framed: true })
}

/** Leads out of a frame to `url`, which is no challenge. */
export function sendOutOfFramePage(res: GuardedResponse, words: Words, url: string): void {
  const { goOnTitle: title, frameText: text } = words
  const actions = link(url, words.goOnLink, { first: true, top: true })
  sendPage(res, words, { status: 200, title, text, actions, framed: true })
}

/** Sends a form again with its fields. */
export function sendResumePage(res: GuardedResponse, words: Words, path: string, fields: Fields): void {
  const { resumeTitle: title, resumeText: text } = words
  sendPage(res, words, { status: 200, title, text, actions: form(path, fields, words), submits: true })
}

export function sendQuitPage(res: GuardedResponse, words: Words, challengeUrl: string, backUrl: string): void {
  const { quitTitle: title, quitText: text } = words
  const actions = link(challengeUrl, words.tryAgainLink, { first: true }) + link(backUrl, words.goBackLink)
  sendPage(res, words, { status: 200, title, text, actions })
}

/** The challenge is passed, but its request could not be kept. */
export function sendAgainPage(res: GuardedResponse, words: Words, backUrl: string): void {
  const { sendAgainTitle: title, sendAgainText: text } = words
  sendPage(res, words, { status: 200, title, text, actions: link(backUrl, words.goBackLink, { first: true }) })
}

export function sendSpentPage(res: GuardedResponse, words: Words, backUrl: string): void {
  const { spentTitle: title, spentText: text } = words
  sendPage(res, words, { status: 200, title, text, actions: link(backUrl, words.goBackLink, { first: true }) })
}

/** It goes on in another client than this browser. */
export function sendElsewherePage(res: GuardedResponse, words: Words): void {
  const { elsewhereTitle: title, elsewhereText: text } = words
  sendPage(res, words, { status: 200, title, text, actions: '' })
}

/** What was kept can't be unsealed any more. */
export function sendUnreadablePage(res: GuardedResponse, words: Words, backUrl: string): void {
  const { unreadableTitle: title, unreadableText: text } = words
  sendPage(res, words, { status: 400, title, text, actions: link(backUrl, words.goBackLink, { first: true }) })
}
