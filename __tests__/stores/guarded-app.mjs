// One of several processes of an app that share a Redis: told where it is and what to guard with, it tells its port.
import { AuthsignalClient, RedisStore, createAuthsignal } from 'authsignal-express'
import express from 'express'
import { createClient } from 'redis'

const { socket, apiUrl, apiSecretKey } = JSON.parse(process.argv[2])
const redis = createClient({ socket: { path: socket } }).on('error', () => undefined)
await redis.connect()
const authsignal = createAuthsignal({
  client: new AuthsignalClient({ apiUrl, apiSecretKey, timeout: 30_000 }),
  secret: 'the same in every process, 32 characters and more',
  baseUrl: 'http://bank.localhost',
  store: new RedisStore({ sendCommand: (args) => redis.sendCommand(args) }),
  userId: () => 'alice',
})
const app = express()
app.post('/transfers', express.json(), authsignal.guard('transfer'), (req, res) => {
  res.json({ booked: req.body.number })
})
const server = app.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.once('disconnect', () => {
  server.close()
  server.closeAllConnections()
  redis.destroy()
})
