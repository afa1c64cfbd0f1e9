import type { Clock } from '../clock.ts'
import { CleverTimedOut, CleverUnavailable } from '../model/clever-errors.ts'

/** How long Clever counts as down. ms */
const DOWN_MS = 5_000
/** The number of time-outs in a row. One short deadline or one slow record is not an outage. */
const DOWN_AFTER = 3

/** Whether Clever answers the calls for one district. */
export class Outage {
  readonly #clock: Clock
  #downUntil = Number.NEGATIVE_INFINITY
  #failures = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether Clever failed to answer a few seconds ago, and has not answered since. */
  get isDown(): boolean {
    return this.#clock.elapsed() < this.#downUntil
  }

  noteAnswer() {
    this.#downUntil = Number.NEGATIVE_INFINITY
    this.#failures = 0
  }

  noteFailure(error: unknown) {
    if (error instanceof CleverUnavailable) this.#failures += DOWN_AFTER
    if (error instanceof CleverTimedOut) this.#failures += 1
    if (this.#failures >= DOWN_AFTER) this.#downUntil = this.#clock.elapsed() + DOWN_MS
  }
}
