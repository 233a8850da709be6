// npm run bench -- --processes 4: mixed traffic to so many processes of an app that share a Redis, and races for passed
// challenges. At the end nothing may be lost or booked twice: else it says what, and ends with exit code 1.
import { parseArgs } from 'node:util'
import { median } from '../median.mjs'
import { mismatches } from './check.mjs'
import { costs } from './costs.mjs'
import { Driver } from './driver.mjs'
import { races } from './races.mjs'
import { setStage } from './stage.mjs'
import { mixedTraffic } from './traffic.mjs'

const {
  processes,
  seconds,
  users,
  samples,
  races: raceCount,
  size,
  latency,
} = numbers({
  processes: '4',
  /** Of mixed traffic. */
  seconds: '60',
  /** At once. */
  users: '16',
  /** Of each kind of request, to tell what it costs. */
  samples: '1000',
  races: '100',
  /** Equal requests in each race. */
  size: '500',
  /** Of the API, in milliseconds. */
  latency: '20',
})

const WARM_UP_SECONDS = 10

console.log(`Starting Redis, the emulator at ${latency} ms, ${processes} processes and a proxy …`)
const stage = await setStage({ processes, latencyMs: latency })
const driver = new Driver(stage, users)
const racer = new Driver(stage, size)
try {
  console.log('Warming up …')
  await mixedTraffic(driver, users, Math.min(seconds, WARM_UP_SECONDS))
  console.log('One kind of request after another …')
  const rows = await costs(stage, driver, users, samples)
  for (const kind of ['allow', 'direct', 'unguarded']) driver.takeTimes(kind)
  console.log(`Mixed traffic for ${seconds} s from ${users} users at once …`)
  const before = await stage.usage('memory')
  const traffic = await mixedTraffic(driver, users, seconds)
  const after = await stage.usage('memory')
  console.log(`${raceCount} races of ${size} equal requests …`)
  const answers = await races(racer, raceCount, size)

  printCosts(rows)
  printTraffic(traffic)
  printMemory(before, after)
  if (raceCount > 0)
    console.log(`\nRaces: exactly one passed in each of ${raceCount}; answers: ${JSON.stringify(answers)}`)
  await report()
} catch (error) {
  console.error(`\nFAILED: ${error.message}`)
  process.exitCode = 1
} finally {
  await driver.close()
  await racer.close()
  stage.close()
}

function numbers(defaults) {
  const options = Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [name, { type: 'string', default: value }]),
  )
  const { values } = parseArgs({ options })
  return Object.fromEntries(
    Object.entries(values).map(([name, text]) => {
      if (/^\d+$/.test(text)) return [name, Number(text)]
      console.error(`--${name} must be a whole number, such as ${defaults[name]}.`)
      process.exit(1)
    }),
  )
}

async function report() {
  const booked = stage.booked()
  const wrong = mismatches(booked, await stage.emulator.transfers(), new Set([...driver.told, ...racer.told]))
  if (wrong.length > 0) throw new Error(`${wrong.length} mismatches:\n${wrong.slice(0, 20).join('\n')}`)
  console.log(
    `\nNothing lost, nothing twice: ${booked.length} transfers booked, each by one action, and each action once.`,
  )
}

function printCosts(rows) {
  console.log('\none request               GET   SET   DEL   Redis µs   Redis bytes kept   CPU µs of the app')
  for (const [name, { get, set, del, redisUs, redisBytes, cpuUs }] of Object.entries(rows)) {
    const cells = [get, set, del].map((value) => value.toFixed(1).padStart(5)).join(' ')
    const rest = `${redisUs.toFixed(0).padStart(10)} ${redisBytes.toFixed(0).padStart(18)} ${cpuUs.toFixed(0).padStart(19)}`
    console.log(`  ${name.padEnd(20)} ${cells} ${rest}`)
  }
}

function printTraffic({ requests, perSecond }) {
  const [guarded, direct, without] = ['allow', 'direct', 'unguarded'].map((kind) => median(driver.takeTimes(kind)))
  console.log(`\nMixed traffic: ${requests} requests, ${perSecond.toFixed(0)} a second`)
  console.log(
    `  median ms: guarded ${guarded.toFixed(1)}, the API asked directly ${direct.toFixed(1)}, neither ${without.toFixed(1)}`,
  )
  const ratio = (guarded - without) / (direct - without)
  console.log(`  latency of the guard to that of the API alone: ${ratio.toFixed(2)}`)
}

function printMemory(before, after) {
  const megabytes = (usages, field) => usages.map((usage) => (usage[field] / 1e6).toFixed(1)).join(', ')
  console.log('\nMemory of each process, MB, after a collection')
  for (const field of ['heapUsed', 'rss'])
    console.log(`  ${field.padEnd(9)} at the start ${megabytes(before, field)}; at the end ${megabytes(after, field)}`)
}
