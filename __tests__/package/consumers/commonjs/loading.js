// What importing the package loads, and what its first client adds.
const { AuthsignalClient } = require('authsignal-express')

const isLoaded = (name) => Object.keys(require.cache).some((file) => file.includes(`/node_modules/${name}/`))
const loaded = () => ({ axios: isLoaded('axios'), undici: isLoaded('undici') })

const atImport = loaded()
new AuthsignalClient({ apiSecretKey: 'a-secret-key' })
console.log(JSON.stringify({ atImport, withClient: loaded() }))
