import { createRequire } from 'node:module'
import * as imported from 'authsignal-express'
import * as browser from 'authsignal-express/browser'

const required = createRequire(import.meta.url)('authsignal-express')
const { AuthsignalError, MemoryStore, createAuthsignal } = imported

console.log(
  JSON.stringify({
    sameNames: Object.keys(imported).join() === Object.keys(required).sort().join(),
    sameError: AuthsignalError === required.AuthsignalError,
    sameStore: MemoryStore === required.MemoryStore,
    browser: Object.keys(browser),
    sameFactory: createAuthsignal === required.createAuthsignal,
  }),
)
