// npm run bench: guards side by side in one run. Ratios count; the times are this machine's.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { ask, startChild } from './child.mjs'
import { benchImport } from './import.mjs'
import { median } from './median.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const GUARDS = ['none', 'ours', 'sdk', 'raw']
const AT_ONCE = [1, 32, 128]
const REPEATS = 5
const SECONDS = Number(process.env.BENCH_SECONDS ?? 2)

const api = await start('api.mjs')
const apps = {}
for (const name of GUARDS) apps[name] = await start('app.mjs', name, `http://127.0.0.1:${api.port}/v1`)

console.log('Warming up …')
for (const name of GUARDS) await measure(name, 32, 2)
const results = []
for (const connections of AT_ONCE) {
  const of = Object.fromEntries(GUARDS.map((name) => [name, []]))
  for (let repeat = 1; repeat <= REPEATS; repeat += 1) {
    console.log(`${connections} at once, ${repeat} of ${REPEATS} …`)
    // In turn, so that a machine whose speed drifts is no guard's advantage.
    for (const name of GUARDS) of[name].push(await measure(name, connections, SECONDS))
  }
  results.push({ connections, of })
}
for (const { connections, of } of results) print(connections, of)
for (const { child } of [api, ...Object.values(apps)]) child.kill()
benchImport()

function start(file, ...args) {
  return startChild(join(here, file), args)
}

async function measure(name, connections, duration) {
  const app = apps[name]
  const before = await ask(app, 'usage')
  const { requests, latency, non2xx, errors } = await autocannon({
    url: `http://127.0.0.1:${app.port}/transfers`,
    method: 'POST',
    connections,
    duration,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0',
      cookie: 'authsignal=AAAAAAAAAAAAAAAAAAAAAA; __as_aid=8c9f4f4e-5b1c-4c3e-9b1f-0f8fad5bd9cb; session=abc',
    },
    body: 'payee=Alice&amount=10',
  })
  if (non2xx + errors > 0) throw new Error(`${name}: ${non2xx} refused, ${errors} lost`)
  const after = await ask(app, 'usage')
  return {
    cpu: (after.cpu - before.cpu) / requests.total,
    rps: requests.average,
    p50: latency.p50,
    p99: latency.p99,
    rss: after.rss / 1e6,
  }
}

function print(connections, of) {
  const row = (name) =>
    Object.fromEntries(['cpu', 'rps', 'p50', 'p99', 'rss'].map((key) => [key, median(of[name].map((run) => run[key]))]))
  const rows = Object.fromEntries(GUARDS.map((name) => [name, row(name)]))
  const added = Object.fromEntries(GUARDS.map((name) => [name, rows[name].cpu - rows.none.cpu]))
  console.log(`\n${connections} at once   requests/s   CPU µs   added µs   p50 ms   p99 ms   MB`)
  for (const name of GUARDS) {
    const { rps, cpu, p50, p99, rss } = rows[name]
    const cells = [
      rps.toFixed(0),
      cpu.toFixed(0),
      added[name].toFixed(0),
      p50.toFixed(1),
      p99.toFixed(1),
      rss.toFixed(0),
    ]
    console.log(`  ${name.padEnd(10)} ${cells.map((cell) => cell.padStart(9)).join(' ')}`)
  }
  const ratio = (a, b) => (a / b).toFixed(2)
  console.log(
    `  added CPU, ours to sdk by hand ${ratio(added.ours, added.sdk)}, to raw node:http ${ratio(added.ours, added.raw)}`,
  )
  console.log(`  requests/s, ours to sdk by hand ${ratio(rows.ours.rps, rows.sdk.rps)}`)
}
