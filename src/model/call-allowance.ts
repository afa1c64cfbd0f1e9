/** One request would take more of the minute's calls than is its due. */
export class CallAllowanceExceeded extends Error {
  override readonly name = 'CallAllowanceExceeded'
  readonly max: number
  constructor(max: number) {
    super(`more than ${max} calls for one request`)
    this.max = max
  }
}

/** The calls to Clever that one request has made, and may make; of a subscription, those for one change. */
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

  /** Before each call, retries included. Throws CallAllowanceExceeded. */
  spend() {
    if (this.#calls >= this.#max) throw new CallAllowanceExceeded(this.#max)
    this.#calls += 1
    this.#all.calls += 1
  }

  /** For a call that was not sent after all. */
  refund() {
    this.#calls -= 1
    this.#all.calls -= 1
  }

  /** For the next change of a subscription: with an allowance of its own. */
  forNextChange(): CallAllowance {
    return new CallAllowance(this.#max, this.#all)
  }

  /** With those of the other changes. */
  get totalCalls(): number {
    return this.#all.calls
  }
}
