import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { ask, startChild } from '../child.mjs'

const here = dirname(fileURLToPath(import.meta.url))

/** So many requests, each of a user and a browser of its own, each challenged and left. Tells the heap ten times. */
export async function guardedRequests(count, tell) {
  const api = await startChild(join(here, '../api.mjs'))
  const app = await startChild(join(here, 'app.mjs'), [`http://127.0.0.1:${api.port}/v1`], {
    execArgv: ['--expose-gc'],
  })
  try {
    const part = count / 10
    for (let done = 0; done < count; done += part) {
      await challenged(app.port, done, part)
      tell(done + part, await ask(app, 'memory'))
    }
  } finally {
    for (const { child } of [api, app]) child.kill()
  }
}

async function challenged(port, first, amount) {
  let number = first
  const { statusCodeStats } = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections: 32,
    amount,
    requests: [
      {
        method: 'POST',
        path: '/transfers',
        setupRequest: (request) => ({ ...request, ...transferOf((number += 1)) }),
      },
    ],
  })
  const asked = statusCodeStats['401']?.count ?? 0
  if (asked !== amount)
    throw new Error(`Of ${amount} requests ${asked} were challenged: ${JSON.stringify(statusCodeStats)}`)
}

function transferOf(number) {
  return {
    headers: { 'content-type': 'application/json', 'x-user': `user-${number}` },
    body: JSON.stringify({ payee: 'Alice', amount: number }),
  }
}
