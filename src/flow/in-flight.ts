import type { Challenge } from './challenges'

/**
 * Equal requests at once make one challenge: the later ones wait for the first one's answer. Only a challenge or an
 * error is shared. Where Authsignal lets the first one pass, blocks or reviews it, each of the others asks for itself, so
 * that its rules count every action.
 */
export class InFlight {
  readonly #questions = new Map<string, Promise<Challenge | undefined>>()

  /** The first one's answer, where there is a first one. At once, so that nobody else becomes the first meanwhile. */
  join(questionId: string): Promise<Challenge | undefined> | undefined {
    return this.#questions.get(questionId)
  }

  /** Runs `ask`; its challenge, where it makes one, is given to those who join meanwhile. */
  async lead<Outcome extends { challenge?: Challenge }>(
    questionId: string,
    ask: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const asking = ask()
    const shared = asking.then(({ challenge }) => challenge)
    // The leader reports the error; without a joiner it must not count as unhandled.
    shared.catch(() => undefined)
    this.#questions.set(questionId, shared)
    try {
      return await asking
    } finally {
      if (this.#questions.get(questionId) === shared) this.#questions.delete(questionId)
    }
  }
}
