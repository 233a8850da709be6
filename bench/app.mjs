// An Express 5 app whose one route is guarded as its first argument says. It tells its CPU time when asked.
import http from 'node:http'
import { randomUUID } from 'node:crypto'
import express from 'express'

const [guardName, apiUrl] = process.argv.slice(2)
const apiSecretKey = 'a-secret-key'
const attributes = { email: 'alice@example.com', custom: { payee: 'Alice', amount: 10, note: 'x'.repeat(120) } }

const guards = {
  none: async () => (_req, _res, next) => next(),

  ours: async () => {
    const { createAuthsignal } = await import('authsignal-express')
    const { guard } = createAuthsignal({ apiUrl, apiSecretKey, baseUrl: 'http://bank.example' })
    return guard('transfer', { userId: () => 'alice', attributes: () => attributes })
  },

  // What the published SDK's documentation shows, written into the app by hand.
  sdk: async () => {
    const { Authsignal } = await import('@authsignal/node')
    const authsignal = new Authsignal({ apiUrl, apiSecretKey })
    return async (req, res, next) => {
      const { state, url } = await authsignal.track({ userId: 'alice', action: 'transfer', attributes: signals(req) })
      decide(state, url, res, next)
    }
  },

  // The least that Node can do: no deadline, no bound, no retry, no check.
  raw: async () => {
    const agent = new http.Agent({ keepAlive: true })
    const { hostname, port, pathname } = new URL(apiUrl)
    const authorization = `Basic ${Buffer.from(`${apiSecretKey}:`).toString('base64')}`
    return (req, res, next) => {
      const body = JSON.stringify(signals(req))
      const headers = { authorization, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const path = `${pathname}/users/alice/actions/transfer`
      const asked = http.request({ agent, hostname, port, path, method: 'POST', headers }, (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (part) => (text += part))
        answer.on('end', () => {
          const { state, url } = JSON.parse(text)
          decide(state, url, res, next)
        })
      })
      asked.end(body)
    }
  },
}

function signals(req) {
  const { 'user-agent': userAgent, cookie = '' } = req.headers
  const deviceId = /__as_aid=([^;]+)/.exec(cookie)?.[1]
  return {
    ...attributes,
    idempotencyKey: randomUUID(),
    userAgent,
    deviceId,
    ipAddress: req.ip,
    redirectUrl: 'http://bank.example/back',
  }
}

function decide(state, url, res, next) {
  if (state === 'BLOCK') res.status(403).end()
  else if (state === 'CHALLENGE_REQUIRED') res.redirect(url)
  else next()
}

const app = express()
app.post('/transfers', express.urlencoded(), await guards[guardName](), (_req, res) => {
  res.send('done')
})
const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send({ cpu: user + system, rss: process.memoryUsage.rss() })
})
