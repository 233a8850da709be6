import { startEmulator, type Emulator } from 'authsignal-emulator'
import {
  AuthsignalError,
  type GuardedRequest,
  MemoryStore,
  createAuthsignal,
  type AuthsignalErrorCode,
} from 'authsignal-express'
import { createStepUpFetch } from 'authsignal-express/browser'
import axios from 'axios'
import http2 from 'node:http2'
import connect from 'connect'
import express from 'express'

const emulator: Emulator = await startEmulator({ port: 0 })
const authsignal = createAuthsignal({ apiUrl: emulator.apiUrl, store: new MemoryStore() })
export const app = express()

app.use('/authsignal/callback', authsignal.callback())
app.post(
  '/transfers',
  authsignal.guard('transfer', {
    maxAge: '5m',
    attributes: (req: express.Request) => ({ custom: { amount: Number(req.get('x-amount')) } }),
  }),
  (req, res) => {
    const key: string | undefined = req.authsignal?.idempotencyKey
    res.json({ key })
  },
)

// The client is the one that was given, else an AuthsignalClient with every call.
export const changed = authsignal.client.identify({ userId: 'alice', attributes: { email: 'alice@bank.example' } })
const foreign = { track: authsignal.client.track, getAction: authsignal.client.getAction }
// @ts-expect-error It can only be tracked with.
createAuthsignal({ client: foreign, secret: 'a secret of thirty-two characters' }).client.identify({ userId: 'alice' })
app.get('/security', authsignal.manage({ returnTo: '/account' }))
app.post(
  '/webhooks',
  authsignal.webhook({
    'action.verify': ({ data }) => data.action === 'transfer',
    'action.log_created': ({ data }) => console.log(data.records.length),
  }),
)
// @ts-expect-error Neither true nor false.
authsignal.webhook({ 'action.verify': () => 'yes' })

export const stepUpFetch: typeof fetch = createStepUpFetch({
  launch: async (url: string, { mode }: { mode: 'popup' }) => ({ token: url + mode }),
})
export const wasCancelled = async (): Promise<boolean> =>
  (await createStepUpFetch({ launch: async () => ({}) })('/')).stepUp === 'cancelled'
// @ts-expect-error Nothing to launch with.
createStepUpFetch({ fetch })

// What may be missing may be undefined, under exactOptionalPropertyTypes too.
createAuthsignal({ baseUrl: process.env.BASE_URL, axios: axios.create(), texts: { lang: process.env.BANK_LANG } })
authsignal.guard('transfer', { attributes: (req) => ({ email: req.user?.email as string | undefined }) })

// The types that Express tells of a route are still told behind a guard.
app.get('/accounts/:id', authsignal.guard('viewAccount'), (req, res) => {
  const id: string = req.params.id
  // @ts-expect-error The route has no such parameter.
  res.json({ id, typo: req.params.typo })
})

connect()
  .use('/authsignal/callback', authsignal.callback())
  .use(authsignal.guard('transfer'))
  .use((req: GuardedRequest, res) => res.end(req.authsignal?.idempotencyKey))
http2.createServer((req, res) => {
  authsignal.guard('transfer')(req, res, () => res.end())
})

// @ts-expect-error No such option.
authsignal.guard('transfer', { maxAgee: '5m' })
// @ts-expect-error No duration.
authsignal.guard('transfer', { maxAge: 'a while' })
// @ts-expect-error Neither an outcome nor a function.
emulator.rules.set('transfer', 1)

export const codeOf = (error: unknown): AuthsignalErrorCode | undefined =>
  error instanceof AuthsignalError ? error.code : undefined
