import { fork } from 'node:child_process'
import { once } from 'node:events'

/** Starts a script as a process of its own, which tells its port once it listens. */
export async function startChild(file, args = [], options = {}) {
  const child = fork(file, args, options)
  const [{ port }] = await once(child, 'message')
  return { child, port }
}

/** What the process answers to that message; one at a time. */
export async function ask({ child }, message) {
  child.send(message)
  const [answer] = await once(child, 'message')
  return answer
}
