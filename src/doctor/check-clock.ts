import ms from 'ms'
import type { Sighting } from './check-key'
import { failed, ok, skipped, warning, type Verdict } from './finding'

const SECOND = 1_000
const MINUTE = 60 * SECOND

const CURE = 'Let NTP keep the clock. By it webhooks count (5 minutes either way), maxAge, and what waits in the store.'

/** This machine's clock against that of the API. */
export function checkClock(sighting: Sighting | undefined): Verdict {
  if (!sighting) return skipped('no answer of the API told its time')
  const theirs = Date.parse(sighting.date)
  if (Number.isNaN(theirs)) return skipped("the API's Date header is not a date")
  // The header tells whole seconds.
  const ahead = sighting.readAt - theirs - SECOND / 2
  const apart = Math.abs(ahead)
  if (apart < 5 * SECOND) return ok("agrees with Authsignal's")
  const inWords = `${ms(apart, { long: true })} ${ahead > 0 ? 'ahead of' : 'behind'} Authsignal's`
  if (apart < 30 * SECOND) return ok(inWords)
  return apart < 5 * MINUTE ? warning(inWords, CURE) : failed(inWords, CURE)
}
