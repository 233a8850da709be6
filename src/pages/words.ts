/** The words of the built-in pages; the `texts` option replaces any of them. */
export interface Words {
  /** The language of the words, for screen readers. */
  lang: string
  /** The direction they are written in. */
  dir: 'ltr' | 'rtl'
  goOnTitle: string
  goOnText: string
  goOnLink: string
  frameTitle: string
  frameText: string
  frameLink: string
  resumeTitle: string
  resumeText: string
  resumeButton: string
  quitTitle: string
  quitText: string
  tryAgainLink: string
  goBackLink: string
  sendAgainTitle: string
  sendAgainText: string
  spentTitle: string
  spentText: string
  elsewhereTitle: string
  elsewhereText: string
  unreadableTitle: string
  unreadableText: string
}

export const ENGLISH: Words = {
  lang: 'en',
  dir: 'ltr',
  goOnTitle: 'Just a moment',
  goOnText: 'You are being taken on.',
  goOnLink: 'Continue',
  frameTitle: 'Confirm that it is you',
  frameText: 'This step opens in the whole window.',
  frameLink: 'Confirm',
  resumeTitle: 'Confirmed',
  resumeText: 'Thank you. If your request is not sent on in a moment, use the button.',
  resumeButton: 'Send my request',
  quitTitle: 'Not confirmed yet',
  quitText: 'You left before you confirmed that it is you. Nothing has been done.',
  tryAgainLink: 'Try again',
  goBackLink: 'Go back',
  sendAgainTitle: 'Confirmed',
  sendAgainText:
    'Thank you. Your form could not be kept, so nothing has been done yet. Please go back and send it once more. ' +
    'You will not be asked to confirm it again.',
  spentTitle: 'Already done',
  spentText: 'This was confirmed and sent on already, and is not done twice. If you do not find it done, start again.',
  elsewhereTitle: 'You can close this page',
  elsewhereText: 'Go back to where you began. Once you have confirmed that it is you, it goes on there.',
  unreadableTitle: 'Please send it again',
  unreadableText: 'What you sent could not be kept. Nothing has been done. Please go back and send it again.',
}
