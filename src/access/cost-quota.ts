import { type KindLimits, kindOf } from './kind-limits.ts'
import { type Principal, principalKey } from './principal.ts'
import { type QuotaSharing, shareOf } from './quota-sharing.ts'

const MINUTE_MS = 60_000
const MAX_PRINCIPALS = 50_000
/** Principals whose points are complete again that each request may remove. */
const REMOVED_AT_ONCE = 2

interface Account {
  /** Below 0 if other replicas have spent them meanwhile. */
  points: number
  /** For all replicas. */
  readonly limit: number
  /** Spent since the last exchange with the other replicas. */
  unsaid: number
  /** ms */
  at: number
}

/** Limits the points that each principal spends on queries. They come back evenly within a minute, by a clock that never jumps. */
export class CostQuota {
  readonly #limits: KindLimits
  readonly #elapsed: () => number
  /** The principal that spent last is the last. */
  readonly #accounts = new Map<string, Account>()
  #sharing: QuotaSharing | undefined

  /** `elapsed`: ms */
  constructor(limits: KindLimits, elapsed: () => number) {
    this.#limits = limits
    this.#elapsed = elapsed
  }

  /** Takes the points. If they are not there, takes none and returns the seconds until they are. */
  charge(principal: Principal, points: number): number | undefined {
    const limit = this.limitOf(principal)
    if (limit === Number.POSITIVE_INFINITY) return undefined
    const now = this.#elapsed()
    const key = principalKey(principal)
    const account = this.#accounts.get(key) ?? {
      points: limit,
      unsaid: 0,
      at: now,
      limit: this.#limits.of(kindOf(principal)),
    }
    account.points = Math.min(account.points + ((now - account.at) * limit) / MINUTE_MS, limit)
    account.at = now
    this.#accounts.delete(key)
    this.#accounts.set(key, account)
    this.#removeIdle(now)
    const lacking = Math.min(points, limit) - account.points
    if (lacking > 0) return Math.ceil((lacking * MINUTE_MS) / limit / 1_000)
    account.points -= points
    if (this.#sharing === undefined) return undefined
    account.unsaid += points
    this.#sharing.unsaid.add(key)
    return undefined
  }

  /** The points within a minute that this replica may give. */
  limitOf(principal: Principal): number {
    return shareOf(this.#limits.of(kindOf(principal)), this.#sharing)
  }

  beginSharing(share: () => number): QuotaSharing {
    this.#sharing = { share, unsaid: new Set() }
    return this.#sharing
  }

  /** The points spent since the last exchange, and those that are left. */
  spentBy(key: string) {
    const account = this.#accounts.get(key)
    return account && { points: account.unsaid, limit: account.limit, left: account.points }
  }

  /** The replicas know of the points that were spent. `left`: for all of them. */
  exchanged(key: string, points: number, left: number) {
    const account = this.#accounts.get(key)
    if (account === undefined) return
    account.unsaid = Math.max(account.unsaid - points, 0)
    account.points = left - account.unsaid
  }

  #removeIdle(now: number) {
    let removed = 0
    for (const [key, { at }] of this.#accounts) {
      const isComplete = at <= now - MINUTE_MS && removed < REMOVED_AT_ONCE
      if (!isComplete && this.#accounts.size <= MAX_PRINCIPALS) return
      this.#accounts.delete(key)
      this.#sharing?.unsaid.delete(key)
      removed += 1
    }
  }
}
