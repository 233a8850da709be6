import type { ApiCall, Fault } from '../types'
import type { TenantEvents } from './events'

const known: Record<keyof Fault, true> = {
  latencyMs: true,
  hang: true,
  status: true,
  headers: true,
  body: true,
  drop: true,
  truncate: true,
  match: true,
  share: true,
}

export const calls: Record<ApiCall, true> = {
  track: true,
  getAction: true,
  updateAction: true,
  queryUserActions: true,
  getUser: true,
  queryUsers: true,
  updateUser: true,
  deleteUser: true,
  enrollVerifiedAuthenticator: true,
  getAuthenticators: true,
  deleteAuthenticator: true,
  validateChallenge: true,
  claimChallenge: true,
  challenge: true,
  verify: true,
  getChallenge: true,
  createSession: true,
  validateSession: true,
  refreshSession: true,
  revokeSession: true,
  revokeUserSessions: true,
}

export interface WaitingFault {
  readonly fault: Fault
  /** How many more calls it is for. */
  readonly times: number
  /** How many calls it was for so far. */
  readonly met: number
}

export class Faults {
  #waiting: readonly WaitingFault[] = []

  constructor(private readonly events: TenantEvents) {}

  /** For a share of the calls: until it is cleared, unless `times` is given. */
  next(fault: Fault, times = fault.share === undefined ? 1 : Infinity): void {
    refuseUnknown(fault)
    if (!(times === Infinity || Number.isInteger(times)) || times < 1) {
      throw new TypeError('faults.next: times must be a positive integer, or Infinity')
    }
    this.#replace([...this.#waiting, { fault: { ...fault }, times, met: 0 }])
  }

  /** The first waiting fault for this call; one that spares the call, for its share is full, counts it nonetheless. */
  take(call: ApiCall): Fault | undefined {
    const found = this.#waiting.find(({ fault }) => fault.match === undefined || fault.match === call)
    if (!found) return undefined
    this.#replace(this.#waiting.flatMap((one) => (one === found ? oneLess(one) : [one])))
    return isHit(found) ? found.fault : undefined
  }

  waiting(): readonly WaitingFault[] {
    return this.#waiting
  }

  clear(): void {
    this.#replace([])
  }

  #replace(waiting: readonly WaitingFault[]): void {
    this.#waiting = waiting
    this.events.emit('changed')
  }
}

function oneLess({ fault, times, met }: WaitingFault): WaitingFault[] {
  return times > 1 ? [{ fault, times: times - 1, met: met + 1 }] : []
}

/** Evenly spread, not by chance: of a share of 0.1 every tenth call is hit, and a test knows which. */
function isHit({ fault: { share = 1 }, met }: WaitingFault): boolean {
  const upTo = (count: number): number => Math.floor(count * share + 1e-9)
  return upTo(met + 1) > upTo(met)
}

function refuseUnknown(fault: Fault): void {
  const unknown = Object.keys(fault).filter((key) => !Object.hasOwn(known, key))
  if (unknown.length > 0) {
    throw new TypeError(`faults.next: unknown ${unknown.join(', ')}; known are ${Object.keys(known).join(', ')}`)
  }
  if (fault.match !== undefined && !Object.hasOwn(calls, fault.match)) {
    throw new TypeError(`faults.next: '${fault.match}' is no call; known are ${Object.keys(calls).join(', ')}`)
  }
  if (fault.share !== undefined && !(fault.share > 0 && fault.share <= 1)) {
    throw new TypeError('faults.next: share must be more than 0 and at most 1')
  }
}
