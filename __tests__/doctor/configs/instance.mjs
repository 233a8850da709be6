// What an app may export by mistake: not its options but what it made of them.
import { createAuthsignal } from 'authsignal-express'

export default createAuthsignal()
