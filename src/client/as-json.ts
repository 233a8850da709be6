import { misconfigured } from '../errors'

/** In characters. A gateway that cuts off a larger one would look like an outage. */
const MAX_LENGTH = 256 * 1024

/** What is sent to the API. Throws `ERR_AUTHSIGNAL_MISCONFIGURED` where it can't be. */
export function asJson(body: object): string {
  const text = stringify(body)
  if (text.length <= MAX_LENGTH) return text
  throw misconfigured('What is to be sent to Authsignal is above 256 KB. Send less in attributes(req).custom.')
}

function stringify(body: object): string {
  try {
    return JSON.stringify(body)
  } catch {
    // The error itself may quote the body.
    throw misconfigured(
      'What is to be sent to Authsignal holds a BigInt or a circle, which JSON has no form for. Check attributes(req), of ' +
        'a guard.',
    )
  }
}
