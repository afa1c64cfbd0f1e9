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
export interface Ledger {
  readonly calls: number
  /** How many it may still make. */
  readonly left: number
  /** Before each call, retries included. Throws AllowanceSpent. */
  spend(): void
  /** For a call that was not sent after all. */
  giveBack(): void
  /** For the next change of a subscription: with an allowance of its own. */
  another(): Ledger
  /** With those of the others. */
  readonly callsOfAll: number
}

export function createLedger(most: number, all = { calls: 0 }): Ledger {
  let calls = 0
  return {
    get calls() {
      return calls
    },
    get left() {
      return most - calls
    },
    spend() {
      if (calls >= most) throw new AllowanceSpent(most)
      calls += 1
      all.calls += 1
    },
    giveBack() {
      calls -= 1
      all.calls -= 1
    },
    another: () => createLedger(most, all),
    get callsOfAll() {
      return all.calls
    },
  }
}
