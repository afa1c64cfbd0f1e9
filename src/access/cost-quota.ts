import { type KindLimits, kindOf } from './kind-limits.ts'
import { type Principal, principalKey } from './principal.ts'

const MINUTE_MS = 60_000
const MAX_PRINCIPALS = 50_000
/** Principals whose points are complete again that each request may remove. */
const REMOVED_AT_ONCE = 2

interface Account {
  points: number
  /** ms */
  at: number
}

/** Limits the points that each principal spends on queries. They come back evenly within a minute, by a clock that never jumps. */
export class CostQuota {
  readonly #limits: KindLimits
  readonly #elapsed: () => number
  /** The principal that spent last is the last. */
  readonly #accounts = new Map<string, Account>()

  /** `elapsed`: ms */
  constructor(limits: KindLimits, elapsed: () => number) {
    this.#limits = limits
    this.#elapsed = elapsed
  }

  /** Takes the points. If they are not there, takes none and returns the seconds until they are. */
  charge(principal: Principal, points: number): number | undefined {
    const limit = this.#limits.of(kindOf(principal))
    if (limit === Number.POSITIVE_INFINITY) return undefined
    const now = this.#elapsed()
    const key = principalKey(principal)
    const account = this.#accounts.get(key) ?? { points: limit, at: now }
    account.points = Math.min(account.points + ((now - account.at) * limit) / MINUTE_MS, limit)
    account.at = now
    this.#accounts.delete(key)
    this.#accounts.set(key, account)
    this.#removeIdle(now)
    const lacking = Math.min(points, limit) - account.points
    if (lacking > 0) return Math.ceil((lacking * MINUTE_MS) / limit / 1_000)
    account.points -= points
    return undefined
  }

  #removeIdle(now: number) {
    let removed = 0
    for (const [key, { at }] of this.#accounts) {
      const isComplete = at <= now - MINUTE_MS && removed < REMOVED_AT_ONCE
      if (!isComplete && this.#accounts.size <= MAX_PRINCIPALS) return
      this.#accounts.delete(key)
      removed += 1
    }
  }
}
