import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

interface Answer {
  id: number
  /** JSON: objects of the channel are not of jest's own realm. */
  rows?: string
  failed?: string
}

/** A PostgreSQL of its own, empty, asked as `pg` is. */
export class Postgres {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #asked = 0

  private constructor(child: ChildProcess) {
    this.#child = child.on('message', (answer: Answer) => {
      this.#waiting.get(answer.id)?.(answer)
      this.#waiting.delete(answer.id)
    })
  }

  static async start(): Promise<Postgres> {
    const child = fork(require.resolve('./postgres-process.mjs'))
    await once(child, 'message')
    return new Postgres(child)
  }

  async query(text: string, values: unknown[] = []): Promise<{ rows: unknown[] }> {
    const id = (this.#asked += 1)
    const answered = new Promise<Answer>((done) => this.#waiting.set(id, done))
    this.#child.send({ id, text, values })
    const { rows, failed } = await answered
    if (rows === undefined) throw new Error(failed)
    return { rows: JSON.parse(rows) as unknown[] }
  }

  async close(): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }
}
