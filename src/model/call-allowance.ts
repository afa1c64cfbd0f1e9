/** One request would take more calls of the minute than it may. */
export class CallAllowanceExceeded extends Error {
  override readonly name = 'CallAllowanceExceeded'
  readonly max: number
  constructor(max: number) {
    super(`more than ${max} calls for one request`)
    this.max = max
  }
}

/**
 * The calls to Clever that one request has made, and may still make. A subscription has an allowance for each
 * change.
 */
export class CallAllowance {
  readonly #max: number
  readonly #all: { calls: number }
  #calls = 0

  constructor(max: number, all = { calls: 0 }) {
    this.#max = max
    this.#all = all
  }

  get calls(): number {
    return this.#calls
  }

  /** How many it may still make. */
  get remaining(): number {
    return this.#max - this.#calls
  }

  /** Called before each call, including retries. Throws CallAllowanceExceeded. */
  spend() {
    if (this.#calls >= this.#max) throw new CallAllowanceExceeded(this.#max)
    this.#calls += 1
    this.#all.calls += 1
  }

  /** Returns the call to the allowance, because it was not sent. */
  refund() {
    this.#calls -= 1
    this.#all.calls -= 1
  }

  /** Starts a new allowance for the next change of a subscription. */
  forNextChange(): CallAllowance {
    return new CallAllowance(this.#max, this.#all)
  }

  /** Includes the calls for the other changes. */
  get totalCalls(): number {
    return this.#all.calls
  }
}
