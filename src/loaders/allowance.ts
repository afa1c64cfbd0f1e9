import pLimit from 'p-limit'

/** One request would take more of the minute's calls than is its due. */
export class AllowanceSpent extends Error {
  override readonly name = 'AllowanceSpent'
  readonly most: number
  constructor(most: number) {
    super(`more than ${most} calls for one request`)
    this.most = most
  }
}

/** The calls to Clever that one request may make. */
export interface Allowance {
  /** Throws AllowanceSpent, without calling, when the request has had its share. */
  ask<Answer>(call: () => Promise<Answer>): Promise<Answer>
}

/** Side by side for one request, so that a large one leaves connections to the others. */
const CALLS_AT_ONCE = 32

export function createAllowance(most: number): Allowance {
  const limit = pLimit(CALLS_AT_ONCE)
  let asked = 0
  return {
    async ask(call) {
      if (asked >= most) throw new AllowanceSpent(most)
      asked += 1
      return limit(call)
    },
  }
}
