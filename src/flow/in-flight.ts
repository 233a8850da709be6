import type { Challenge } from './challenges'

/**
 * Equal requests at once make one challenge: the later ones wait for the first one's answer. Only a challenge or an
 * error is shared. Where Authsignal lets the first one pass, blocks or reviews it, each of the others asks for itself, so
 * that its rules count every action.
 */
export class InFlight {
  readonly #questions = new Map<string, Promise<{ challenge?: Challenge }>>()

  /** The first one's challenge, where there is a first one. At once, so that nobody else becomes the first meanwhile. */
  join(questionId: string): Promise<Challenge | undefined> | undefined {
    return this.#questions.get(questionId)?.then(({ challenge }) => challenge)
  }

  /** Runs `ask`; its challenge, where it makes one, is given to those who join meanwhile. */
  async lead<Outcome extends { challenge?: Challenge }>(
    questionId: string,
    ask: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const asking = ask()
    this.#questions.set(questionId, asking)
    try {
      return await asking
    } finally {
      if (this.#questions.get(questionId) === asking) this.#questions.delete(questionId)
    }
  }
}
