/** One request would take more of the minute's calls than is its due. */
export class AllowanceSpent extends Error {
  override readonly name = 'AllowanceSpent'
  readonly most: number
  constructor(most: number) {
    super(`more than ${most} calls for one request`)
    this.most = most
  }
}

/** The calls to Clever that one request has made, and may make; of a subscription, those for one change. */
export class Ledger {
  readonly #most: number
  readonly #all: { calls: number }
  #calls = 0

  constructor(most: number, all = { calls: 0 }) {
    this.#most = most
    this.#all = all
  }

  get calls(): number {
    return this.#calls
  }

  /** How many it may still make. */
  get left(): number {
    return this.#most - this.#calls
  }

  /** Before each call, retries included. Throws AllowanceSpent. */
  spend() {
    if (this.#calls >= this.#most) throw new AllowanceSpent(this.#most)
    this.#calls += 1
    this.#all.calls += 1
  }

  /** For a call that was not sent after all. */
  giveBack() {
    this.#calls -= 1
    this.#all.calls -= 1
  }

  /** For the next change of a subscription: with an allowance of its own. */
  another(): Ledger {
    return new Ledger(this.#most, this.#all)
  }

  /** With those of the other changes. */
  get callsOfAll(): number {
    return this.#all.calls
  }
}
