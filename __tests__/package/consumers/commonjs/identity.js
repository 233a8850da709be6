const required = require('authsignal-express')
const { createStepUpFetch } = require('authsignal-express/browser')
const { startEmulator } = require('authsignal-emulator')

async function main() {
  const imported = await import('authsignal-express')
  const importedEmulator = await import('authsignal-emulator')
  console.log(
    JSON.stringify({
      sameError: required.AuthsignalError === imported.AuthsignalError,
      sameStore: required.MemoryStore === imported.MemoryStore,
      browser: typeof createStepUpFetch({ launch: async () => ({}) }),
      sameEmulator: startEmulator === importedEmulator.startEmulator,
    }),
  )
}

main()
