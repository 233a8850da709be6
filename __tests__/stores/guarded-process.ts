import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Emulator } from 'authsignal-emulator'
import type { RedisServer } from './redis-server'

const open = new Set<GuardedProcess>()

// Whatever becomes of the tests: no process may outlive them.
afterAll(async () => {
  await Promise.all([...open].map((app) => app.close()))
})

/** A process of its own that runs guarded-app.mjs on what is built, as users do. */
export class GuardedProcess {
  readonly #child: ChildProcess

  private constructor(
    child: ChildProcess,
    readonly port: number,
  ) {
    this.#child = child
    open.add(this)
  }

  static async start(redis: RedisServer, { apiUrl, apiSecretKey }: Emulator): Promise<GuardedProcess> {
    const args = [JSON.stringify({ socket: redis.socket, apiUrl, apiSecretKey })]
    const child = fork(require.resolve('./guarded-app.mjs'), args)
    const [port] = (await once(child, 'message')) as [number]
    return new GuardedProcess(child, port)
  }

  /** From now on it stops at that step, for ever. */
  async stopAt(step: string): Promise<void> {
    this.#child.send(step)
    await once(this.#child, 'message')
  }

  /** Once it has stopped. */
  async stopped(): Promise<void> {
    await once(this.#child, 'message')
  }

  async kill(): Promise<void> {
    open.delete(this)
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }

  async close(): Promise<void> {
    if (!open.delete(this)) return
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }
}
