import type { UserId } from '../model/ids.ts'

/** The times of the links that are followed. A link at another time can still make others uncertain. */
export interface Within {
  readonly since: number
  readonly until: number
}

type Ends = Map<UserId, Map<UserId, number>>
const NONE: ReadonlyMap<UserId, number> = new Map()

/**
 * Which contact may have replaced which. A link counts only if no other contact is a candidate. Times are ms since the
 * epoch.
 */
export class IdLinks {
  readonly #apart: number
  readonly #successors: Ends = new Map()
  readonly #predecessors: Ends = new Map()
  readonly #uncertain = new Set<string>()

  /** `apart`: ms between a deletion and the creation that replaces it, at most. */
  constructor(apart: number) {
    this.#apart = apart
  }

  /** `isCertain`: false for a link that makes others uncertain, and is never followed itself. */
  add(from: UserId, to: UserId, at: number, isCertain = true) {
    if (isCertain) this.#uncertain.delete(keyOf(from, to))
    else this.#uncertain.add(keyOf(from, to))
    for (const [ends, one, other] of this.#bothEnds(from, to))
      ends.set(one, (ends.get(one) ?? new Map<UserId, number>()).set(other, at))
  }

  /** Removes all links that go out from a contact, or all that lead to it. */
  remove(which: 'from' | 'to', id: UserId) {
    const others = [...((which === 'from' ? this.#successors : this.#predecessors).get(id) ?? NONE).keys()]
    for (const other of others) {
      if (which === 'from') this.#removeOne(id, other)
      else this.#removeOne(other, id)
    }
  }

  removeBefore(time: number) {
    for (const [from, ends] of this.#successors) {
      // The links after it are newer, or almost as old.
      if (Math.max(...ends.values()) >= time) break
      for (const to of [...ends.keys()]) this.#removeOne(from, to)
    }
  }

  removeSince(time: number) {
    for (const [from, ends] of this.#successors)
      for (const [to, at] of ends) if (at >= time) this.#removeOne(from, to)
  }

  /** The last contact in the chain of links from this contact. Undefined if it has no link. */
  lastAfter(id: UserId, within: Within): UserId | undefined {
    const seen = new Set([id])
    let last: UserId | undefined
    for (let to = this.#next(id, within); to !== undefined && !seen.has(to); to = this.#next(to, within)) {
      seen.add(to)
      last = to
    }
    return last
  }

  /** All contacts whose chain ends with this one, the latest first. */
  allBefore(id: UserId, within: Within): readonly UserId[] {
    const found = new Set([id])
    // The list grows during the loop.
    for (const each of found) for (const from of this.#before(each, within)) found.add(from)
    return [...found].slice(1)
  }

  #bothEnds(from: UserId, to: UserId) {
    return [[this.#successors, from, to] as const, [this.#predecessors, to, from] as const]
  }

  #removeOne(from: UserId, to: UserId) {
    this.#uncertain.delete(keyOf(from, to))
    for (const [ends, one, other] of this.#bothEnds(from, to)) {
      ends.get(one)?.delete(other)
      if (ends.get(one)?.size === 0) ends.delete(one)
    }
  }

  #leads(from: UserId, to: UserId): boolean {
    return this.#successors.get(from)?.has(to) ?? false
  }

  /** A contact that was replaced twice within the hour seems to lead to both; the second took the place of the first. */
  #onlySuccessor(id: UserId): UserId | undefined {
    const ids = [...(this.#successors.get(id) ?? NONE).keys()]
    return only(ids.filter((to) => !ids.some((other) => this.#leads(other, to))))
  }

  /**
   * Counts only links near that time, because a contact that is created again under the same id may replace a
   * different contact.
   */
  #onlyPredecessor(id: UserId, time: number): UserId | undefined {
    const ids = [...(this.#predecessors.get(id) ?? NONE)]
      .filter(([, at]) => Math.abs(at - time) <= 2 * this.#apart)
      .map(([from]) => from)
    return only(ids.filter((from) => !ids.some((other) => this.#leads(from, other))))
  }

  #next(id: UserId, { since, until }: Within): UserId | undefined {
    const to = this.#onlySuccessor(id)
    if (to === undefined || this.#uncertain.has(keyOf(id, to))) return undefined
    const at = this.#successors.get(id)?.get(to)
    const isFollowed = at !== undefined && at >= since && at <= until
    return isFollowed && this.#onlyPredecessor(to, at) === id ? to : undefined
  }

  #before(id: UserId, within: Within): readonly UserId[] {
    return [...(this.#predecessors.get(id) ?? NONE)]
      .filter(([from]) => this.#next(from, within) === id)
      .sort(([, a], [, b]) => b - a)
      .map(([from]) => from)
  }
}

function keyOf(from: UserId, to: UserId): string {
  return `${from}${to}`
}

function only(ids: readonly UserId[]): UserId | undefined {
  return ids.length === 1 ? ids[0] : undefined
}
