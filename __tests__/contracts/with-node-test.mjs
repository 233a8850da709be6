import { test } from 'node:test'
import { MemoryStore } from 'authsignal-express'
import { storeContract } from 'authsignal-express/testing'

storeContract(() => new MemoryStore(), { test })
