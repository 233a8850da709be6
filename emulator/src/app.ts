import express, { type Express } from 'express'
import { accountRouter } from './account/router'
import { apiRouter } from './api/router'
import { challengeRouter } from './challenge/router'
import { answerPageError, dashboardRouter } from './dashboard/router'
import { passkeyLibraryFile, passkeyLibraryPath } from './pages/passkey'
import type { Tenant } from './tenant/tenant'

/** `closing` ends whatever still waits when the emulator stops. */
export function createApp(tenant: Tenant, closing: AbortSignal, reset: () => void): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use('/v1', apiRouter(tenant, closing))
  app.use('/challenge', challengeRouter(tenant))
  app.use(accountRouter(tenant))
  app.get(passkeyLibraryPath, (_req, res) => {
    res.sendFile(passkeyLibraryFile)
  })
  app.use(dashboardRouter(tenant, reset))
  app.use(answerPageError)
  return app
}
