// One of several processes of an app that share a Redis. It tells its port, books in Redis, and stops for ever at the
// step that it is told of, having told that it is there.
import { AuthsignalClient, RedisStore, createAuthsignal } from 'authsignal-express'
import express from 'express'
import { createClient } from 'redis'

const { socket, apiUrl, apiSecretKey } = JSON.parse(process.argv[2])
const redis = createClient({ socket: { path: socket } }).on('error', () => undefined)
await redis.connect()

let stopAt
process.on('message', (step) => {
  stopAt = step
  process.send('told')
})

async function reached(step) {
  if (step !== stopAt) return
  process.send(step)
  await new Promise(() => undefined)
}

/** 'before SET spent', 'after SET spent': each command is a step before and after it. */
async function sendCommand(args) {
  const step = `${args[0]} ${args[1].split(':')[1]}`
  await reached(`before ${step}`)
  const answer = await redis.sendCommand(args)
  await reached(`after ${step}`)
  return answer
}

const authsignal = createAuthsignal({
  client: new AuthsignalClient({ apiUrl, apiSecretKey, timeout: 30_000 }),
  secret: 'the same in every process, 32 characters and more',
  baseUrl: 'http://bank.localhost',
  store: new RedisStore({ sendCommand }),
  userId: () => 'alice',
  attributes: () => reached('before track'),
})
const app = express()
app.use('/authsignal/callback', authsignal.callback())
app.post('/transfers', express.json(), express.urlencoded(), authsignal.guard('transfer'), async (req, res) => {
  await reached('before the booking')
  await redis.rPush('booked', req.authsignal.idempotencyKey)
  await reached('after the booking')
  res.json({ booked: req.body.number })
})
app.get('/account', authsignal.guard('viewAccount', { maxAge: '5m' }), (_req, res) => {
  res.send('your account')
})
const server = app.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.once('disconnect', () => {
  server.close()
  server.closeAllConnections()
  redis.destroy()
})
