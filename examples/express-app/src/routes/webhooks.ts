import type { RequestHandler } from 'express'
import type { Services } from '../app'
import { methodInWords } from '../guard-note'
import type { SecurityEvent } from '../security-log'

/** Authsignal tells what happened. Each event that comes is signed, and is dealt with once. */
export function webhooks({ authsignal, bank, securityLog }: Services): RequestHandler {
  const note = (userId: string, event: SecurityEvent) => {
    securityLog.add(userId, event)
  }

  return authsignal.webhook({
    'authenticator.created': ({ time, data }) => {
      note(data.userId, {
        at: new Date(time),
        text: 'Way to confirm added',
        detail: methodInWords(data.verificationMethod),
      })
    },
    'authenticator.deleted': ({ time, data }) => {
      note(data.userId, {
        at: new Date(time),
        text: 'Way to confirm removed',
        detail: methodInWords(data.verificationMethod),
      })
    },
    'action.log_created': ({ data }) => {
      for (const { record } of data.records) note(String(record.userId), describe(record))
    },

    // Synchronous: the challenge counts as passed only if the bank says so. Whose account is closed confirms nothing.
    'action.verify': ({ data }) => bank.customer(data.userId) !== undefined,

    // Where a bank of yours sends the code by its own provider. Here it is read in the emulator's outbox.
    'email.created': () => undefined,
    'sms.created': () => undefined,
  })
}

const ACTIONS: Partial<Record<string, string>> = {
  transfer: 'Transfer',
  withdraw: 'Withdrawal',
  viewStatement: 'Statement',
  changeSettings: 'Change of settings',
  manageSecurity: 'Change of security',
  addPhone: 'Phone',
}

const OUTCOMES: Partial<Record<string, string>> = {
  ALLOW: 'allowed',
  BLOCK: 'refused',
  CHALLENGE_SUCCEEDED: 'confirmed',
  CHALLENGE_FAILED: 'not confirmed',
}

function describe(record: Record<string, unknown>): SecurityEvent {
  const [actionCode, state] = [String(record.actionCode), String(record.state)]
  const { createdAt, verificationMethod: method } = record
  const text = `${ACTIONS[actionCode] ?? actionCode} ${OUTCOMES[state] ?? state}`
  return { at: new Date(String(createdAt)), text, ...(typeof method === 'string' && { detail: methodInWords(method) }) }
}
