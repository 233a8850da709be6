import { parseFault, parseTimes } from '../schema/fault-schema'
import type { ApiCall, Fault } from '../types'
import type { TenantEvents } from './events'

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
  next(given: Fault, asked?: number): void {
    const fault = parseFault(given)
    const times = parseTimes(asked ?? (fault.share === undefined ? 1 : Infinity))
    this.#replace([...this.#waiting, { fault, times, met: 0 }])
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
