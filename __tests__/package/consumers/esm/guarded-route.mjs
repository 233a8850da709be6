import { once } from 'node:events'
import { startEmulator } from 'authsignal-emulator'
import { createAuthsignal } from 'authsignal-express'
import express from 'express'

const emulator = await startEmulator({ port: 0 })
const authsignal = createAuthsignal({
  apiUrl: emulator.apiUrl,
  apiSecretKey: emulator.apiSecretKey,
  userId: () => 'alice',
})

const app = express()
app.get('/statement', authsignal.guard('viewStatement'), (req, res) => {
  res.json({ state: req.authsignal.state })
})
// The arguments that Express tells an error handler by.
app.use((error, _req, res, _next) => {
  res.status(error.status).json({ code: error.code })
})

const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')

const answers = {}
for (const outcome of ['ALLOW', 'BLOCK']) {
  emulator.rules.set('viewStatement', outcome)
  const response = await fetch(`http://127.0.0.1:${server.address().port}/statement`)
  answers[outcome] = { status: response.status, ...(await response.json()) }
}
console.log(JSON.stringify(answers))

server.close()
server.closeAllConnections()
await emulator.close()
