/**
 * Lets one answer be read in each turn of the event loop. Answers that arrive together would otherwise all be read before the calls
 * that wait for their places are sent.
 */
class ReadingTurns {
  readonly #waiting: (() => void)[] = []
  #isTaken = false

  /** Undefined if an answer may be read at once. Otherwise resolves in its turn, in the order of the calls. */
  wait(): Promise<void> | undefined {
    if (this.#isTaken) return new Promise((resolve) => this.#waiting.push(resolve))
    this.#take()
    return undefined
  }

  #take() {
    this.#isTaken = true
    setImmediate(() => {
      const next = this.#waiting.shift()
      if (next === undefined) this.#isTaken = false
      else {
        this.#take()
        next()
      }
    })
  }
}

/** The turns of this process, which has one event loop. */
export const readingTurns: ReadingTurns = new ReadingTurns()
