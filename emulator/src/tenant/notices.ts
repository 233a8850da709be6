export type Notice = 'wrong' | 'sent-again'

/**
 * What came of a form, for the page that its answer leads back to. To load that page again must not send the form again,
 * and its address must not tell of what is over.
 */
export class Notices {
  readonly #left = new Map<string, Notice>()

  leave(token: string, notice: Notice): void {
    this.#left.set(token, notice)
  }

  /** Told once. */
  take(token: string): Notice | undefined {
    const notice = this.#left.get(token)
    this.#left.delete(token)
    return notice
  }

  clear(): void {
    this.#left.clear()
  }
}
