// What loading the package costs a new process, beside the published SDK: alone, and after Express.
import { execFileSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from './median.mjs'

const REPEATS = 7
const PACKAGES = {
  ours: `const { AuthsignalClient } = require('authsignal-express')`,
  'ours, with a client': `const { AuthsignalClient } = require('authsignal-express'); new AuthsignalClient({ apiSecretKey: 'k' })`,
  sdk: `const { Authsignal } = require('@authsignal/node')`,
  'sdk, with a client': `const { Authsignal } = require('@authsignal/node'); new Authsignal({ apiSecretKey: 'k', apiUrl: 'https://api.authsignal.com/v1' })`,
}

/** In milliseconds and MB. */
export function benchImport() {
  console.log(`\nloading                    alone: ms     MB   after express: ms     MB`)
  for (const [name, code] of Object.entries(PACKAGES)) {
    const [alone, after] = ['', `require('express')`].map((before) => cost(before, code))
    const cells = [alone.ms, alone.mb, after.ms, after.mb].map((value) => value.toFixed(1))
    console.log(
      `  ${name.padEnd(26)} ${cells[0].padStart(6)} ${cells[1].padStart(6)} ${cells[2].padStart(19)} ${cells[3].padStart(6)}`,
    )
  }
}

function cost(before, code) {
  const script = `${before}; const since = performance.now(); const rss = process.memoryUsage.rss()
    ;(() => { ${code} })()
    console.log(JSON.stringify({ ms: performance.now() - since, mb: (process.memoryUsage.rss() - rss) / 1e6 }))`
  const cwd = dirname(fileURLToPath(import.meta.url))
  const runs = Array.from({ length: REPEATS }, () =>
    JSON.parse(execFileSync(process.execPath, ['-e', script], { cwd, encoding: 'utf8' })),
  )
  return { ms: median(runs.map(({ ms }) => ms)), mb: median(runs.map(({ mb }) => mb)) }
}
