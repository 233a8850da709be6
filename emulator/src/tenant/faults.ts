import type { ApiCall, Fault } from '../types'

const known: Record<keyof Fault, true> = {
  latencyMs: true,
  hang: true,
  status: true,
  headers: true,
  body: true,
  drop: true,
  truncate: true,
  match: true,
}

const calls: Record<ApiCall, true> = {
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
}

export class Faults {
  #waiting: { readonly fault: Fault; readonly times: number }[] = []

  next(fault: Fault, times = 1): void {
    refuseUnknown(fault)
    if (!Number.isInteger(times) || times < 1) throw new TypeError('faults.next: times must be a positive integer')
    this.#waiting.push({ fault: { ...fault }, times })
  }

  /** The first waiting fault for this call; each is handed out as often as it was asked for. */
  take(call: ApiCall): Fault | undefined {
    const found = this.#waiting.find(({ fault }) => fault.match === undefined || fault.match === call)
    if (!found) return undefined
    this.#waiting = this.#waiting.flatMap((one) => (one === found ? oneLess(one) : [one]))
    return found.fault
  }

  clear(): void {
    this.#waiting = []
  }
}

function oneLess({ fault, times }: { fault: Fault; times: number }): { fault: Fault; times: number }[] {
  return times > 1 ? [{ fault, times: times - 1 }] : []
}

function refuseUnknown(fault: Fault): void {
  const unknown = Object.keys(fault).filter((key) => !Object.hasOwn(known, key))
  if (unknown.length > 0) {
    throw new TypeError(`faults.next: unknown ${unknown.join(', ')}; known are ${Object.keys(known).join(', ')}`)
  }
  if (fault.match !== undefined && !Object.hasOwn(calls, fault.match)) {
    throw new TypeError(`faults.next: '${fault.match}' is no call; known are ${Object.keys(calls).join(', ')}`)
  }
}
