/**
 * Lets one piece of work run in each turn of the event loop. Pieces that are ready together would otherwise all run before requests
 * are answered and calls are sent.
 */
class Turns {
  readonly #waiting: (() => void)[] = []
  #isTaken = false

  /** Undefined if the work may run at once. Otherwise resolves in its turn, first come, first served. */
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

/** The turns in which answers of Clever are read. Both are of the whole process, which has one event loop. */
export const readingTurns: Turns = new Turns()
/** The turns in which parts of large pages are stored. */
export const storingTurns: Turns = new Turns()
