// An app whose one route is always challenged, with the MemoryStore that is the default. It tells its memory when asked.
import { createAuthsignal } from 'authsignal-express'
import express from 'express'

const { guard } = createAuthsignal({
  apiUrl: process.argv[2],
  apiSecretKey: 'a-secret-key',
  baseUrl: 'http://bank.example',
  userId: (req) => req.headers['x-user'],
})
const app = express()
app.post('/transfers', express.json(), guard('challenged'), (_req, res) => {
  res.send('done')
})
const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.on('message', () => {
  globalThis.gc()
  process.send(process.memoryUsage())
})
