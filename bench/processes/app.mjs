// One of several processes of an app. Transfers are guarded, and what is booked is written to this process' ledger.
import http from 'node:http'
import { openSync, writeSync } from 'node:fs'
import { RedisStore, createAuthsignal } from 'authsignal-express'
import express from 'express'
import { createClient } from 'redis'

const { apiUrl, apiSecretKey, redisSocket, ledger } = JSON.parse(process.argv[2])
const book = openSync(ledger, 'a')
const redis = createClient({ socket: { path: redisSocket } })
await redis.connect()

const authsignal = createAuthsignal({
  apiUrl,
  apiSecretKey,
  // Nothing is to be given up because the machine is busy.
  timeout: 60_000,
  baseUrl: 'http://bank.localhost',
  store: new RedisStore({ sendCommand: (args) => redis.sendCommand(args) }),
  userId: (req) => req.headers['x-user'],
  attributes: (req) => ({ custom: req.body }),
})

const app = express()
app.use((_req, res, next) => {
  res.setHeader('x-process', process.pid)
  next()
})
app.use('/authsignal/callback', authsignal.callback())
app.post('/transfers', express.json(), authsignal.guard('transfer'), (req, res) => {
  const { number } = req.body
  writeSync(book, `${JSON.stringify({ number, idempotencyKey: req.authsignal.idempotencyKey })}\n`)
  res.json({ booked: number })
})
app.post('/unguarded', express.json(), (req, res) => {
  res.json({ booked: req.body.number })
})
app.post('/direct', express.json(), (req, res) => {
  track(req.body, () => res.json({ booked: req.body.number }))
})

app.use((error, _req, res, _next) => {
  res.status(error.status ?? 500).send(error.message)
})

/* The least that asking the API can cost: its own latency. */
const agent = new http.Agent({ keepAlive: true })
const { hostname, port, pathname } = new URL(apiUrl)
const authorization = `Basic ${Buffer.from(`${apiSecretKey}:`).toString('base64')}`

function track(custom, done) {
  const body = JSON.stringify({ custom })
  const headers = { authorization, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  const path = `${pathname}/users/direct/actions/direct`
  http
    .request({ agent, hostname, port, path, method: 'POST', headers }, (res) => res.resume().on('end', done))
    .end(body)
}

const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
const usage = {
  cpu: () => {
    const { user, system } = process.cpuUsage()
    return user + system
  },
  memory: () => {
    globalThis.gc()
    return process.memoryUsage()
  },
}
process.on('message', (what) => process.send(usage[what]()))
process.once('disconnect', () => process.exit())
