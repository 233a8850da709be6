// An app with a subscriber that throws; it tells how two requests were answered, and what was thrown past them.
import { subscribe } from 'node:diagnostics_channel'
import { startEmulator } from 'authsignal-emulator'
import { createAuthsignal } from 'authsignal-express'
import express from 'express'

const uncaught = []
process.on('uncaughtException', (error) => uncaught.push(error.message))
subscribe('authsignal:decision', () => {
  throw new Error('of the subscriber')
})
const emulator = await startEmulator({ port: 0 })
const { apiUrl, apiSecretKey } = emulator
const app = express()
app.get('/', createAuthsignal({ apiUrl, apiSecretKey, userId: () => 'alice' }).guard('see'), (_req, res) => res.end())
app.use((error, _req, res, _next) => res.sendStatus(error.status))
const server = app.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}`
  const statuses = []
  for (const outcome of ['ALLOW', 'BLOCK']) {
    emulator.rules.set('see', outcome)
    statuses.push((await fetch(url)).status)
  }
  process.send({ statuses, uncaught })
  server.close()
  server.closeAllConnections()
  await emulator.close()
  process.disconnect()
})
