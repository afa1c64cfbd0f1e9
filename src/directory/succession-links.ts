import type { UserId } from '../clever/ids.ts'

/** Who may have come in the place of whom. What counts is who alone may have. Times are ms since the epoch. */
export interface SuccessionLinks {
  /** `isCertain`: false for a link that makes others doubtful, and is never followed itself. */
  add(from: UserId, to: UserId, at: number, isCertain?: boolean): void
  /** All that go out from somebody, or lead to them. */
  remove(which: 'from' | 'to', id: UserId): void
  removeBefore(time: number): void
  removeSince(time: number): void
  /** The end of the chain of those who alone may have come in the place of one another. */
  lastAfter(id: UserId, within: Within): UserId | undefined
  /** All of whom this one is the end of the chain, the latest first. */
  allBefore(id: UserId, within: Within): readonly UserId[]
}

/** Which links are followed, by their time. All links count where they make others doubtful. */
export interface Within {
  readonly since: number
  readonly until: number
}

type Ends = Map<UserId, Map<UserId, number>>
const NONE: ReadonlyMap<UserId, number> = new Map()

/** `apart`: ms within which somebody comes in the place of somebody else. */
export function createLinks(apart: number): SuccessionLinks {
  const successors: Ends = new Map()
  const predecessors: Ends = new Map()
  const uncertain = new Set<string>()
  const keyOf = (from: UserId, to: UserId) => `${from}${to}`

  function removeOne(from: UserId, to: UserId) {
    uncertain.delete(keyOf(from, to))
    for (const [ends, one, other] of [[successors, from, to] as const, [predecessors, to, from] as const]) {
      ends.get(one)?.delete(other)
      if (ends.get(one)?.size === 0) ends.delete(one)
    }
  }

  function removeWhere(isMeant: (at: number) => boolean) {
    for (const [from, ends] of successors) for (const [to, at] of ends) if (isMeant(at)) removeOne(from, to)
  }

  const leads = (from: UserId, to: UserId) => successors.get(from)?.has(to) ?? false

  /** Who was replaced twice within the hour seems to lead to both; the second took the place of the first. */
  function onlySuccessor(id: UserId): UserId | undefined {
    const ids = [...(successors.get(id) ?? NONE).keys()]
    return only(ids.filter((to) => !ids.some((other) => leads(other, to))))
  }

  /** Of those at that time: whoever comes back under an id takes another place than before. */
  function onlyPredecessor(id: UserId, time: number): UserId | undefined {
    const ids = [...(predecessors.get(id) ?? NONE)]
      .filter(([, at]) => Math.abs(at - time) <= 2 * apart)
      .map(([from]) => from)
    return only(ids.filter((from) => !ids.some((other) => leads(from, other))))
  }

  function next(id: UserId, { since, until }: Within): UserId | undefined {
    const to = onlySuccessor(id)
    if (to === undefined || uncertain.has(keyOf(id, to))) return undefined
    const at = successors.get(id)?.get(to)
    const isFollowed = at !== undefined && at >= since && at <= until
    return isFollowed && onlyPredecessor(to, at) === id ? to : undefined
  }

  function before(id: UserId, within: Within): readonly UserId[] {
    return [...(predecessors.get(id) ?? NONE)]
      .filter(([from]) => next(from, within) === id)
      .sort(([, a], [, b]) => b - a)
      .map(([from]) => from)
  }

  return {
    add(from, to, at, isCertain = true) {
      if (isCertain) uncertain.delete(keyOf(from, to))
      else uncertain.add(keyOf(from, to))
      for (const [ends, one, other] of [[successors, from, to] as const, [predecessors, to, from] as const])
        ends.set(one, (ends.get(one) ?? new Map<UserId, number>()).set(other, at))
    },
    remove(which, id) {
      const others = [...((which === 'from' ? successors : predecessors).get(id) ?? NONE).keys()]
      for (const other of others) {
        if (which === 'from') removeOne(id, other)
        else removeOne(other, id)
      }
    },
    removeBefore(time) {
      for (const [from, ends] of successors) {
        // Those after it are newer, or nearly.
        if (Math.max(...ends.values()) >= time) break
        for (const to of [...ends.keys()]) removeOne(from, to)
      }
    },
    removeSince: (time) => removeWhere((at) => at >= time),
    lastAfter(id, within) {
      const seen = new Set([id])
      let last: UserId | undefined
      for (let to = next(id, within); to !== undefined && !seen.has(to); to = next(to, within)) {
        seen.add(to)
        last = to
      }
      return last
    },
    allBefore(id, within) {
      const found = new Set([id])
      // The list grows as it is walked.
      for (const each of found) for (const from of before(each, within)) found.add(from)
      return [...found].slice(1)
    },
  }
}

function only(ids: readonly UserId[]): UserId | undefined {
  return ids.length === 1 ? ids[0] : undefined
}
