import { setImmediate } from 'node:timers'

setImmediate(() => {
  throw Object.assign(new Error('redis://:store-password@redis.example'), { code: 'ECONNREFUSED' })
})
export default {}
