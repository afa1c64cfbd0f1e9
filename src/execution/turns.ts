import { performance } from 'node:perf_hooks'

/** The work on requests in one turn of the event loop, after which connections are read again. ms */
const TURN_MS = 20

/**
 * Spreads the work on requests over the turns of the event loop. A request that needs no call is answered without a pause, so
 * hundreds of them that arrive at once, or that wait for the same call, would keep `/health` and `/ready` waiting for seconds.
 */
export class Turns {
  readonly #waiting: (() => void)[] = []
  /** When the first request of this turn began; undefined before it. */
  #startedAt: number | undefined
  /** How many waiting requests begin in one turn, by the time that the last turn took. */
  #batch = 1

  /** Undefined if the request may begin. Otherwise resolves in its turn, in the order of the calls. */
  wait(): Promise<void> | undefined {
    const now = performance.now()
    if (this.#startedAt === undefined) {
      this.#startedAt = now
      setImmediate(() => this.#next())
    }
    if (this.#waiting.length === 0 && now - this.#startedAt < TURN_MS) return undefined
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #next() {
    const now = performance.now()
    const lasted = now - (this.#startedAt ?? now)
    this.#startedAt = undefined
    if (this.#waiting.length === 0) {
      this.#batch = 1
      return
    }
    const fitting = Math.floor((this.#batch * TURN_MS) / Math.max(lasted, 1))
    this.#batch = Math.max(Math.min(fitting, this.#batch * 2), 1)
    this.#startedAt = now
    setImmediate(() => this.#next())
    for (const begin of this.#waiting.splice(0, this.#batch)) begin()
  }
}

/** The turns of this process, which has one event loop. */
export const turns = new Turns()
