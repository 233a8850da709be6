import type { Fault } from '../types'
import { invalidRequest } from './api-error'

/** Asks for a fault of this one request, such as `latency=200; status=503`. */
export const faultHeader = 'Authsignal-Emulator-Fault'

const usage = `${faultHeader} is one or more of latency=<ms>, status=<200-599>, retry-after=<seconds>, drop, hang and truncate, with ; between`

export function readFaultHeader(value: string | undefined): Fault | undefined {
  if (value === undefined) return undefined
  return Object.assign({}, ...value.split(';').map((part) => readPart(part.trim()))) as Fault
}

function readPart(part: string): Fault {
  const [name = '', value = ''] = part.split('=').map((text) => text.trim())
  const number = /^\d{1,6}$/.test(value) ? Number(value) : NaN
  if (value === '' && (name === 'drop' || name === 'hang' || name === 'truncate')) return { [name]: true }
  if (name === 'latency' && !Number.isNaN(number)) return { latencyMs: number }
  if (name === 'status' && number >= 200 && number <= 599) return { status: number }
  if (name === 'retry-after' && !Number.isNaN(number)) return { headers: { 'Retry-After': value } }
  throw invalidRequest(`'${part}' is no fault: ${usage}.`)
}
