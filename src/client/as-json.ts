import { misconfigured } from '../errors'

/** In bytes. A gateway that cuts off a larger one would look like an outage. */
const MAX_LENGTH = 256 * 1024

/** What is sent to the API. Throws `ERR_AUTHSIGNAL_MISCONFIGURED` where it can't be. */
export function asJson(body: object): string {
  const text = stringify(body)
  if (Buffer.byteLength(text) > MAX_LENGTH)
    throw misconfigured('What is to be sent to Authsignal is above 256 KB. Send less in attributes(req).custom.')
  // Few bodies hold one, and to look at each value takes as long as ten times writing them.
  if (text.includes('null')) JSON.stringify(body, finite)
  return text
}

/** JSON has no form for NaN, nor for a date that is none: what a rule would be told is null, which is above no amount. */
function finite(this: Record<string, unknown>, key: string, value: unknown): unknown {
  // What `value` was before its toJSON.
  const { [key]: given } = this
  const number = given instanceof Date || given instanceof Number ? given.valueOf() : given
  if (typeof number !== 'number' || Number.isFinite(number)) return value
  throw misconfigured(
    'What is to be sent to Authsignal holds a number that is NaN or infinite, or an invalid Date. Check the input before ' +
      'attributes(req), of a guard, makes that of it.',
  )
}

function stringify(body: object): string {
  try {
    return JSON.stringify(body)
  } catch {
    // The error itself may quote the body.
    throw misconfigured(
      'What is to be sent to Authsignal holds a BigInt or a circular reference, which JSON cannot represent. Check attributes(req), of ' +
        'a guard.',
    )
  }
}
