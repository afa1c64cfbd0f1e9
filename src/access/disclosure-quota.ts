import type { UserId } from '../model/ids.ts'
import type { Disclosures } from './disclosures.ts'
import { type KindLimits, kindOf, type PrincipalKind } from './kind-limits.ts'
import { type Principal, principalKey } from './principal.ts'
import { type QuotaSharing, shareOf } from './quota-sharing.ts'

/** s */
const WINDOW_S = 3_600
/** The share of the quota from which the operator is warned. */
const NEAR = 0.8
/** Records that are remembered of all principals: some 80 MB at the most. */
const MAX_REMEMBERED = 1_000_000
/** Principals without an answer for a window that each answer may remove. */
const REMOVED_AT_ONCE = 2

export interface Admission {
  readonly outcome: 'ADMITTED' | 'NEAR' | 'REFUSED'
  readonly kind: PrincipalKind
  readonly limit: number
  /** The records that the principal has been shown within the hour. */
  readonly shown: number
  /** The first such outcome of this principal since it was below the warning. */
  readonly isNews: boolean
  /** When the same answer would be admitted. Undefined if it never will be: it has more records than the limit. */
  readonly retryAfterSeconds?: number | undefined
}

/** What one principal was shown. */
interface Shown {
  /** Records in the order in which they were first shown, with the time. s */
  readonly firstAt: Map<UserId, number>
  /** Those that the other replicas do not know of. */
  unsaid: UserId[]
  /** How many others the other replicas have shown within the hour. */
  elsewhere: number
  usedAt: number
  noted: 'ADMITTED' | 'NEAR' | 'REFUSED'
}

/**
 * Limits how many people each principal is shown within an hour: students, and contacts that are shown without a student. A
 * record that was shown within the hour is not counted again. The clock never jumps.
 */
export class DisclosureQuota {
  readonly #limits: KindLimits
  readonly #elapsed: () => number
  readonly #maxRemembered: number
  /** The principal that was shown something last is the last. */
  readonly #principals = new Map<string, Shown>()
  #remembered = 0
  #sharing: QuotaSharing | undefined

  /** `elapsed`: ms */
  constructor(limits: KindLimits, elapsed: () => number, maxRemembered = MAX_REMEMBERED) {
    this.#limits = limits
    this.#elapsed = elapsed
    this.#maxRemembered = maxRemembered
  }

  /** Counts what an answer discloses, unless the answer is refused. Undefined for a principal without a limit. */
  admit(principal: Principal, disclosures: Disclosures): Admission | undefined {
    const kind = kindOf(principal)
    const limit = shareOf(this.#limits.of(kind), this.#sharing)
    if (limit === Number.POSITIVE_INFINITY || disclosures.groups.length === 0) return undefined
    const now = Math.floor(this.#elapsed() / 1_000)
    const shown = this.#shownTo(principal, now)
    this.#expire(shown, now)
    const fresh = newIn(disclosures, shown.firstAt)
    const before = shown.firstAt.size + shown.elsewhere
    const total = before + fresh.size
    // Also an answer that is refused asks the other replicas again.
    if (fresh.size > 0) this.#sharing?.unsaid.add(principalKey(principal))
    if (fresh.size > 0 && total > limit) {
      const retryAfterSeconds = fresh.size > limit ? undefined : waitFor(shown.firstAt, total - limit, now)
      const isNews = note(shown, 'REFUSED')
      return { outcome: 'REFUSED', kind, limit, shown: before, isNews, retryAfterSeconds }
    }
    for (const id of fresh) shown.firstAt.set(id, now)
    if (this.#sharing !== undefined) shown.unsaid.push(...fresh)
    this.#remembered += fresh.size
    this.#forgetOldest(now)
    const outcome = total >= limit * NEAR ? 'NEAR' : 'ADMITTED'
    return { outcome, kind, limit, shown: total, isNews: note(shown, outcome) }
  }

  beginSharing(share: () => number): QuotaSharing {
    this.#sharing = { share, unsaid: new Set() }
    return this.#sharing
  }

  /** The people that were shown since the last exchange. Those of more than an hour ago are left out. */
  unsaidOf(key: string): readonly UserId[] {
    const shown = this.#principals.get(key)
    if (shown === undefined) return []
    shown.unsaid = shown.unsaid.filter((id) => shown.firstAt.has(id))
    return shown.unsaid
  }

  /** The replicas know of the first of those. `total`: the people that all of them have shown within the hour. */
  exchanged(key: string, count: number, total: number) {
    const shown = this.#principals.get(key)
    if (shown === undefined) return
    shown.unsaid = shown.unsaid.slice(count)
    shown.elsewhere = Math.max(total - (shown.firstAt.size - shown.unsaid.length), 0)
  }

  /** Moved to the end of the order. */
  #shownTo(principal: Principal, now: number): Shown {
    const key = principalKey(principal)
    const shown = this.#principals.get(key) ?? newShown(now)
    // It may be as old, and the other replicas say it again within a second.
    if (shown.usedAt <= now - WINDOW_S) shown.elsewhere = 0
    shown.usedAt = now
    this.#principals.delete(key)
    this.#principals.set(key, shown)
    return shown
  }

  #expire(shown: Shown, now: number) {
    const { firstAt } = shown
    for (const [id, at] of firstAt) {
      if (at > now - WINDOW_S) break
      firstAt.delete(id)
      this.#remembered -= 1
    }
    // While Redis is away, nothing else removes them.
    if (shown.unsaid.length > firstAt.size) shown.unsaid = shown.unsaid.filter((id) => firstAt.has(id))
  }

  /** A principal that reads much is the last in the order, so that it is forgotten last. */
  #forgetOldest(now: number) {
    let removed = 0
    for (const [key, { firstAt, usedAt }] of this.#principals) {
      const isIdle = usedAt <= now - WINDOW_S && removed < REMOVED_AT_ONCE
      if (!isIdle && this.#remembered <= this.#maxRemembered) return
      if (this.#principals.size === 1) return
      this.#principals.delete(key)
      this.#sharing?.unsaid.delete(key)
      this.#remembered -= firstAt.size
      removed += 1
    }
  }
}

function newShown(usedAt: number): Shown {
  return { firstAt: new Map(), unsaid: [], elsewhere: 0, usedAt, noted: 'ADMITTED' }
}

function newIn({ groups }: Disclosures, known: ReadonlyMap<UserId, number>): ReadonlySet<UserId> {
  const fresh = new Set<UserId>()
  for (const { students, contacts } of groups) {
    for (const id of students.keys()) if (!known.has(id)) fresh.add(id)
    for (const id of contacts) if (!known.has(id)) fresh.add(id)
  }
  return fresh
}

/** The time until so many records have been remembered for a window. */
function waitFor(firstAt: ReadonlyMap<UserId, number>, count: number, now: number): number {
  let left = count
  for (const at of firstAt.values()) {
    left -= 1
    if (left === 0) return Math.max(at + WINDOW_S - now, 1)
  }
  return WINDOW_S
}

const ORDER = ['ADMITTED', 'NEAR', 'REFUSED'] as const

/** Whether the outcome is worse than any since the principal was below the warning. */
function note(shown: Shown, outcome: Shown['noted']): boolean {
  const isNews = ORDER.indexOf(outcome) > ORDER.indexOf(shown.noted)
  if (isNews || outcome === 'ADMITTED') shown.noted = outcome
  return isNews
}
