import { performance } from 'node:perf_hooks'
import { clearInterval, setInterval } from 'node:timers'

/** What users do, and the two that the guard is compared with. */
const MIX = ['allow', 'challenge', 'allow', 'direct', 'allow', 'unguarded', 'allow', 'challenge', 'allow', 'block']
const TELL_EVERY_MS = 5_000

/** Mixed traffic for so many seconds, from so many users at once. Tells how many requests were answered, and how fast. */
export async function mixedTraffic(driver, users, seconds) {
  const since = performance.now()
  let requests = 0
  const tell = () => {
    const passed = (performance.now() - since) / 1000
    console.log(`  ${passed.toFixed(0)} s: ${requests} requests, ${(requests / passed).toFixed(0)} a second`)
  }
  const telling = setInterval(tell, TELL_EVERY_MS)
  try {
    let turn = 0
    const work = async (browser) => {
      while (performance.now() - since < seconds * 1000) {
        const kind = MIX[(turn += 1) % MIX.length]
        await driver[kind](browser)
        // A challenge takes two.
        requests += kind === 'challenge' ? 2 : 1
      }
    }
    const browsers = await Promise.all(Array.from({ length: users }, (_, n) => driver.browser(`user-${n}`)))
    await Promise.all(browsers.map(work))
    return { requests, perSecond: requests / ((performance.now() - since) / 1000) }
  } finally {
    clearInterval(telling)
  }
}
