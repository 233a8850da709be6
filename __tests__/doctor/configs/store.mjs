// Options as an app exports them, with the store that the environment names.
import { MemoryStore, RedisStore } from 'authsignal-express'
import { createClient } from 'redis'

const memory = new MemoryStore()
const own = {
  get: (id) => memory.get(id),
  add: (id, entry, ttlMs) => memory.add(id, entry, ttlMs),
  delete: (id, nonce) => memory.delete(id, nonce),
}

const stores = {
  redis: async () => {
    const redis = await createClient({ socket: { path: process.env.REDIS_SOCKET } }).connect()
    return new RedisStore({ sendCommand: (args) => redis.sendCommand(args) })
  },
  memory: async () => memory,
  'takes nothing': async () => ({ ...own, add: async () => false }),
  'takes all': async () => ({ ...own, add: async (...args) => (await memory.add(...args), true) }),
  'forgets fields': async () => ({ ...own, get: async (id) => ({ ...(await memory.get(id)), sealed: undefined }) }),
  'looks at no nonce': async () => ({ ...own, delete: async (id) => memory.delete(id, (await memory.get(id)).nonce) }),
  'deletes nothing': async () => ({ ...own, delete: async () => undefined }),
  'fails with a secret': async () => ({
    ...own,
    add: async () => {
      throw new Error('WRONGPASS redis://:store-password@redis.example')
    },
  }),
}

export default { store: await stores[process.env.STORE]() }
