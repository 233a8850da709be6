/** What is under way when all is forgotten belongs to nothing any more. */
export class Forgotten extends Error {
  constructor() {
    super('The emulator was reset while this call was under way.')
  }
}

/** Counts resets, so that whoever waited can tell whether there was one meanwhile. */
export class Generation {
  #count = 0

  /** For who is about to wait: true as long as nothing was forgotten since. */
  watch(): () => boolean {
    const began = this.#count
    return () => this.#count === began
  }

  clear(): void {
    this.#count += 1
  }
}
