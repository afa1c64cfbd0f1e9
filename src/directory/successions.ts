import type { UserEvent } from '../clever/events.ts'
import type { UserId } from '../clever/ids.ts'
import type { ContactRecord } from '../clever/records.ts'
import { isSuccessor } from '../quality/succession.ts'

/**
 * Which contacts came in the place of which, as far as a district's events tell: Clever tells of a deletion and of a
 * creation, and nobody says that the two are one person. Where several could be meant, nobody is.
 */
export interface Successions {
  /** Idempotent; in whatever order. What follows from the event, unless it was known. */
  note(event: UserEvent): readonly Succession[]
  /** Whoever is in the place of this contact today, however often she was replaced. */
  successorOf(id: UserId): UserId | undefined
  /** The latest first. */
  previousIds(id: UserId): readonly UserId[]
  forgetAll(): void
}

export interface Succession {
  readonly previousId: UserId
  readonly id: UserId
}

/** One sync deletes and creates within minutes; one that was held does so within the hour. ms */
const APART_AT_MOST = 86_400_000
/** As long as Clever keeps events. ms */
const KEPT = 30 * 86_400_000
/** More contacts than a large district replaces in a day; some 1 kB each. */
const MOST_OPEN = 20_000
/** Whoever has more is not a person, and would take long to compare. */
const MOST_STUDENTS = 50

interface Seen {
  readonly record: ContactRecord
  readonly toldAt: number
}

/** `now`: ms since the epoch. */
export function createSuccessions(now: () => number): Successions {
  const deleted = createOpen()
  const created = createOpen()
  const successors = createLinks()
  const predecessors = createLinks()

  /** Only who may be nobody else. */
  function successor(id: UserId): UserId | undefined {
    const next = only(successors.of(id, now() - KEPT))
    return next !== undefined && only(predecessors.of(next, now() - KEPT)) === id ? next : undefined
  }

  function predecessor(id: UserId): UserId | undefined {
    const previous = only(predecessors.of(id, now() - KEPT))
    return previous !== undefined && successor(previous) === id ? previous : undefined
  }

  function link(previousId: UserId, id: UserId, at: number): readonly Succession[] {
    const isNew = successors.add(previousId, id, at)
    predecessors.add(id, previousId, at)
    return isNew && successor(previousId) === id ? [{ previousId, id }] : []
  }

  return {
    note({ kind, userId, user, toldAt }) {
      const before = toldAt - APART_AT_MOST
      for (const open of [deleted, created]) open.forgetBefore(before)
      for (const links of [successors, predecessors]) links.forgetBefore(now() - KEPT)
      const record = user?.contact
      if (kind === 'updated' || record === undefined) return []
      // Whoever has come back has no successor.
      if (kind === 'created') deleted.remove(userId)
      const seen = { record, toldAt }
      const [mine, others] = kind === 'deleted' ? [deleted, created] : [created, deleted]
      mine.add(seen)
      return others.near(record).flatMap((other) => {
        if (Math.abs(other.toldAt - toldAt) > APART_AT_MOST) return []
        const [gone, come] = kind === 'deleted' ? [record, other.record] : [other.record, record]
        return isSuccessor(gone, come) === undefined ? [] : link(gone.id, come.id, toldAt)
      })
    },
    successorOf: (id) => walk(id, successor).at(-1),
    previousIds: (id) => walk(id, predecessor),
    forgetAll() {
      for (const open of [deleted, created]) open.forgetBefore(Number.POSITIVE_INFINITY)
      for (const links of [successors, predecessors]) links.forgetBefore(Number.POSITIVE_INFINITY)
    },
  }
}

/** Contacts that may still be matched, found by the students they have. */
function createOpen() {
  const seen = new Map<UserId, Seen>()
  const byStudent = new Map<UserId, Set<UserId>>()

  function remove(id: UserId) {
    const known = seen.get(id)
    if (known === undefined) return
    seen.delete(id)
    for (const studentId of studentsOf(known.record)) {
      const ids = byStudent.get(studentId)
      ids?.delete(id)
      if (ids?.size === 0) byStudent.delete(studentId)
    }
  }

  return {
    add(contact: Seen) {
      const { id } = contact.record
      remove(id)
      const students = studentsOf(contact.record)
      if (students.size > MOST_STUDENTS) return
      seen.set(id, contact)
      for (const studentId of students) {
        const ids = byStudent.get(studentId) ?? new Set()
        byStudent.set(studentId, ids.add(id))
      }
      const [oldest] = seen.keys()
      if (seen.size > MOST_OPEN && oldest !== undefined) remove(oldest)
    },
    remove,
    /** Whoever shares a student. */
    near(record: ContactRecord): readonly Seen[] {
      const ids = new Set(
        [...studentsOf(record)].flatMap((studentId) => [...(byStudent.get(studentId) ?? [])]),
      )
      return [...ids].flatMap((id) => seen.get(id) ?? [])
    },
    /** ms since the epoch */
    forgetBefore(time: number) {
      for (const [id, { toldAt }] of seen) {
        if (toldAt >= time) break
        remove(id)
      }
    },
  }
}

/** From each id to others, with when that was told. */
function createLinks() {
  const links = new Map<UserId, Map<UserId, number>>()
  return {
    /** Whether it was not known. */
    add(from: UserId, to: UserId, at: number): boolean {
      const known = links.get(from) ?? new Map<UserId, number>()
      links.set(from, known)
      if (known.has(to)) return false
      known.set(to, at)
      return true
    },
    of: (id: UserId, since: number): readonly UserId[] =>
      [...(links.get(id) ?? [])].filter(([, at]) => at >= since).map(([to]) => to),
    forgetBefore(time: number) {
      for (const [id, known] of links) {
        if (Math.max(...known.values()) >= time) break
        links.delete(id)
      }
    },
  }
}

function only(ids: readonly UserId[]): UserId | undefined {
  return ids.length === 1 ? ids[0] : undefined
}

/** All that follow, in order. Whoever came back under an old id makes a circle. */
function walk(from: UserId, step: (id: UserId) => UserId | undefined): readonly UserId[] {
  const found: UserId[] = []
  for (let id = step(from); id !== undefined && id !== from && !found.includes(id); id = step(id))
    found.push(id)
  return found
}

function studentsOf({ relationships }: ContactRecord): ReadonlySet<UserId> {
  return new Set(relationships.map(({ studentId }) => studentId))
}
