import { isOver, type StepUp } from '../http'
import { getAction, unexpected } from './ask-api'
import type { Asked, Guard } from './asked'
import type { Challenge } from './challenges'
import { noteSpending } from './one-guard'
import { isPass, isTime, isYoung, methodCounts, windowRuleOf } from './pass'
import { refusal } from './refusal'
import { clearMarks, repeatedId } from './repeat'
import { isKnownState } from './states'
import type { WindowOwner } from './windows'

/** What the browser holds for this request: step 2, Grant. */
export type Grant =
  /** A passed challenge, just spent: the request goes on. */
  | { kind: 'passed'; stepUp: StepUp }
  /** The challenge still waits for its user. */
  | { kind: 'waiting'; challenge: Challenge }
  /** Another request was quicker to spend it. */
  | { kind: 'spent'; challengeId: string }
  /** Back from enrolment: nothing is granted, and the request is tracked once more. */
  | { kind: 'enrolled' }
  /** A challenge passed under `maxAge`: it answers CHALLENGE_REQUIRED, should track say so. */
  | { kind: 'window'; passed: Passed }
  | { kind: 'none' }

/** A challenge that get-action said was passed. */
export interface Passed {
  verificationMethod: string | undefined
}

export async function findGrant(guard: Guard, asked: Asked): Promise<Grant> {
  const challenge = asked.claimed && (await guard.shared.challenges.find(asked.claimed))
  // The key of one answer opens the challenge of that answer, and no other of the same browser.
  if (!challenge || (asked.browser.byKey && !challenge.byKey)) return { kind: 'none' }
  if (await guard.shared.challenges.isForgotten(challenge.holder)) return { kind: 'none' }
  return challenge.purpose === 'enrolment'
    ? useEnrolment(guard, asked, challenge)
    : useChallenge(guard, asked, challenge)
}

/** The window that this browser opened before, where it is still young enough for this guard. */
export async function findWindow({ shared, options }: Guard, asked: Asked): Promise<Passed | undefined> {
  const owner = windowOwner(asked)
  const rule = windowRuleOf(options)
  if (!rule || !owner) return undefined
  const window = await shared.windows.find(owner)
  if (!window || (await shared.challenges.isForgotten(owner.holder))) return undefined
  const { actionCode, signals } = asked
  const name = { userId: signals.userId, actionCode, idempotencyKey: window.idempotencyKey }
  const answer = await getAction(shared, name)
  return isPass(answer, rule) ? { verificationMethod: answer.verificationMethod } : undefined
}

/** A reload while the user enrols is no return; a script that repeats tells so itself. */
async function useEnrolment(guard: Guard, asked: Asked, challenge: Challenge): Promise<Grant> {
  const { shared } = guard
  const returned = isRepeat(asked, challenge) || (await shared.challenges.hasReturned(challenge))
  if (!returned) return offerAgain(guard, asked, challenge)
  if (!(await shared.challenges.useEnrolment(challenge))) return { kind: 'none' }
  clearMarks(asked)
  return { kind: 'enrolled' }
}

async function useChallenge(guard: Guard, asked: Asked, challenge: Challenge): Promise<Grant> {
  const { challenges } = guard.shared
  const name = { userId: challenge.userId, actionCode: challenge.actionCode, idempotencyKey: challenge.id }
  const { state, stateUpdatedAt, verificationMethod } = await getAction(guard.shared, name)
  if (!isKnownState(state)) throw unexpected('an unknown state of the action', name)
  if (state === 'CHALLENGE_REQUIRED') return waitingUnlessCovered(guard, asked, challenge)
  if (state !== 'CHALLENGE_SUCCEEDED') {
    await challenges.end(challenge)
    // Whoever repeats is told how it ended; whoever sends the same anew is asked anew.
    if (isRepeat(asked, challenge)) throw refusal('ERR_AUTHSIGNAL_CHALLENGE_FAILED', name)
    return { kind: 'none' }
  }
  await requireMethod(guard, asked, challenge, verificationMethod)
  const { maxAgeMs } = guard.options
  if (maxAgeMs === undefined) return spend(guard, asked, challenge, { verificationMethod })
  if (!isTime(stateUpdatedAt)) throw unexpected('no time of the state', name)
  // The challenge is known on, so that a form which comes back is asked about anew, and not taken for a second one.
  if (isYoung(stateUpdatedAt, maxAgeMs)) return openWindow(guard, asked, challenge, { verificationMethod })
  await challenges.release(challenge)
  return { kind: 'none' }
}

/** While one challenge waits, another may have opened a window that answers it. */
async function waitingUnlessCovered(guard: Guard, asked: Asked, challenge: Challenge): Promise<Grant> {
  const passed = await findWindow(guard, asked)
  return passed ? { kind: 'window', passed } : offerAgain(guard, asked, challenge)
}

/** Who sends the same again after a while is asked anew, since the challenge page may take the old link no more. */
async function offerAgain({ shared }: Guard, asked: Asked, challenge: Challenge): Promise<Grant> {
  if (shared.challenges.isOfferedAgain(challenge) || isRepeat(asked, challenge)) return { kind: 'waiting', challenge }
  await shared.challenges.askAnew(challenge)
  return { kind: 'none' }
}

/** Whether the request itself names the challenge as its own. */
function isRepeat(asked: Asked, { id }: Challenge): boolean {
  return asked.browser.byKey || repeatedId(asked) === id
}

async function spend(guard: Guard, asked: Asked, challenge: Challenge, { verificationMethod }: Passed): Promise<Grant> {
  const { challenges } = guard.shared
  // A request that was answered meanwhile, or whose client is gone, leaves the pass for the next try.
  if (isOver(asked.res)) return { kind: 'spent', challengeId: challenge.id }
  const passed = await challenges.spend(challenge)
  // Making room is best effort: only the `spent:` mark decides.
  await challenges.makeRoom(challenge).catch(() => undefined)
  if (!passed) return { kind: 'spent', challengeId: challenge.id }
  noteSpending(guard, asked)
  const { actionCode, id: idempotencyKey, ruleIds } = challenge
  const state = 'CHALLENGE_SUCCEEDED'
  const stepUp = { actionCode, state, idempotencyKey, challenged: true, verificationMethod, ruleIds }
  return { kind: 'passed', stepUp }
}

async function openWindow(guard: Guard, asked: Asked, challenge: Challenge, passed: Passed): Promise<Grant> {
  const { challenges, windows } = guard.shared
  const owner = windowOwner(asked)
  const window = { idempotencyKey: challenge.id }
  const opens = await challenges.spend(challenge)
  // What another guard has spent opens no window besides. Whoever spent it may be lost since then, so room is made
  // here too: else the user would be sent to this challenge again and again.
  if (opens && owner) await windows.open(owner, window)
  await challenges.release(challenge)
  if (opens) noteSpending(guard, asked)
  // The callback may have opened it.
  const open = opens || (owner && (await windows.find(owner))?.idempotencyKey === challenge.id)
  return open ? { kind: 'window', passed } : { kind: 'none' }
}

async function requireMethod(
  { shared, options }: Guard,
  asked: Asked,
  challenge: Challenge,
  verificationMethod: string | undefined,
): Promise<void> {
  if (methodCounts(verificationMethod, options.verificationMethods)) return
  await shared.challenges.end(challenge)
  clearMarks(asked)
  throw refusal('ERR_AUTHSIGNAL_METHOD_REFUSED', { actionCode: challenge.actionCode, idempotencyKey: challenge.id })
}

function windowOwner({ base, browser, actionCode, signals }: Asked): WindowOwner | undefined {
  const { claims, byKey } = browser
  if (claims === undefined) return undefined
  return { origin: base.origin, holder: claims, byKey, userId: signals.userId, actionCode }
}
