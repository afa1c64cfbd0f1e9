import type { UserEvent } from '../clever/events.ts'
import type { UserId } from '../clever/ids.ts'
import { type ContactRecord, studentIdsOf } from '../clever/records.ts'
import { isSamePerson } from '../identity/same-contact.ts'
import { createLinks } from './succession-links.ts'

/**
 * Which contacts came in the place of which, as far as a district's events tell: Clever tells of a deletion and of a
 * creation, and nobody says that the two are one person. Where several could be meant, nobody is; so that nobody is
 * overlooked who could be meant, events are noted in their order and without gaps.
 */
export interface Successions {
  /**
   * In the order of ids, those of one sync in whatever order; what was told before is passed over, unless it became visible
   * late. Who is now known to have come in whose place; a later event may make that doubtful again.
   */
  note(event: UserEvent, isLate?: boolean): readonly Succession[]
  /** The same of a page on which there may have been more than events that can be read. */
  noteUpTo(eventId: string | undefined): void
  /** The last event that was noted: after it one goes on. */
  readonly lastId: string | undefined
  /** All that was told until then has been noted, and no more of it will come. ms since the epoch */
  vouch(until: number): void
  /** Events are missing between what was noted and what comes. What may have to do with them is not followed. */
  breakOff(): void
  /** From now on events are noted as the feed tells them, for nothing between is missing but what was broken off. */
  follow(): void
  readonly isFollowing: boolean
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

/** One sync tells of a deletion and a creation within minutes; an hour, in case there is much to tell. ms */
export const APART_AT_MOST = 3_600_000
/**
 * Clever keeps events for 30 days. A day less, so that nobody counts as the only one because the others have just been
 * dropped there. ms
 */
export const KEPT = 29 * 86_400_000
/** Contacts that come and go within an hour; some 1 kB each. Beyond, nobody is followed. */
export const MOST_OPEN = 20_000
/** Whoever has more is not a person, and would take long to compare. */
export const MOST_STUDENTS = 50
/** Of one family, coming or going within an hour. More would take long to compare, and be nobody in particular. */
export const MOST_NEAR = 50

interface Seen {
  readonly kind: 'created' | 'deleted'
  readonly record: ContactRecord
  readonly toldAt: number
}

/** `now`: ms since the epoch. */
export function createSuccessions(now: () => number): Successions {
  const open = createOpen()
  const links = createLinks(APART_AT_MOST)
  let lastId: string | undefined
  /** Infinity while events are not noted as the feed tells them. ms since the epoch */
  let followedFrom = Number.POSITIVE_INFINITY
  /** Whether something is missing before the next event. */
  let isBroken = false
  /** Until when all has been told, and until when what is told may have to do with what is missing. */
  let toldUntil = Number.NEGATIVE_INFINITY
  let blindUntil = Number.NEGATIVE_INFINITY

  /** Somebody may have come or gone unseen: neither those before, within reach, nor those after count as the only ones. */
  function doubt() {
    open.forgetBefore(Number.POSITIVE_INFINITY)
    links.removeSince(toldUntil - APART_AT_MOST)
  }

  function breakOff() {
    doubt()
    isBroken = true
    followedFrom = Number.POSITIVE_INFINITY
  }

  function noteContact(seen: Seen): readonly Succession[] {
    const near = open.near(seen)
    if (near.length > MOST_NEAR) {
      for (const { kind, record } of near) links.remove(kind === 'deleted' ? 'from' : 'to', record.id)
      return []
    }
    const found = near
      .map((other) => (seen.kind === 'deleted' ? [seen, other] : [other, seen]) as [Seen, Seen])
      .filter(([gone, come]) => isSamePerson(gone.record, come.record) !== undefined)
      .map(([gone, come]) => ({ previousId: gone.record.id, id: come.record.id }))
    for (const { previousId, id } of found) links.add(previousId, id, seen.toldAt)
    return found.filter(({ previousId, id }) => links.allBefore(id, now() - KEPT)[0] === previousId)
  }

  function heed({ kind, userId, user, toldAt }: UserEvent): readonly Succession[] {
    toldUntil = Math.max(toldUntil, toldAt)
    if (isBroken) blindUntil = Math.min(toldAt, followedFrom) + APART_AT_MOST
    isBroken = false
    open.forgetBefore(toldAt - APART_AT_MOST)
    // A link goes no sooner than what makes another one doubtful.
    links.removeBefore(now() - KEPT - 2 * APART_AT_MOST)
    if (kind === 'updated') return []
    open.remove(userId)
    // Whoever has come back has no successor.
    if (kind === 'created') links.remove('from', userId)
    const record = user?.contact
    if (record === undefined || toldAt < blindUntil) return []
    const seen: Seen = { kind, record, toldAt }
    if (studentIdsOf(record.relationships).size > MOST_STUDENTS) return []
    const found = noteContact(seen)
    open.add(seen)
    if (open.size <= MOST_OPEN) return found
    doubt()
    blindUntil = toldAt + APART_AT_MOST
    return []
  }

  return {
    note(event, isLate = false) {
      const isPassed = lastId !== undefined && event.id <= lastId
      if (isPassed && !isLate) return []
      if (!isPassed) lastId = event.id
      return heed(event)
    },
    noteUpTo(eventId) {
      if (eventId !== undefined && (lastId === undefined || eventId > lastId)) lastId = eventId
    },
    get lastId() {
      return lastId
    },
    vouch(until) {
      toldUntil = Math.max(toldUntil, until)
      // The next event may be a day away, and those of a whole district were held for it.
      open.forgetBefore(until - APART_AT_MOST)
    },
    breakOff,
    follow() {
      followedFrom = now()
    },
    get isFollowing() {
      return followedFrom < Number.POSITIVE_INFINITY
    },
    successorOf: (id) => links.lastAfter(id, now() - KEPT),
    previousIds: (id) => links.allBefore(id, now() - KEPT),
    forgetAll() {
      open.forgetBefore(Number.POSITIVE_INFINITY)
      links.removeSince(Number.NEGATIVE_INFINITY)
      lastId = undefined
      followedFrom = Number.POSITIVE_INFINITY
      isBroken = false
      toldUntil = Number.NEGATIVE_INFINITY
      blindUntil = Number.NEGATIVE_INFINITY
    },
  }
}

/** Contacts that have just come or gone, found by the students they have. */
function createOpen() {
  const seen = new Map<UserId, Seen>()
  const byStudent = new Map<UserId, Set<UserId>>()

  function remove(id: UserId) {
    const known = seen.get(id)
    if (known === undefined) return
    seen.delete(id)
    for (const studentId of studentIdsOf(known.record.relationships)) {
      const ids = byStudent.get(studentId)
      ids?.delete(id)
      if (ids?.size === 0) byStudent.delete(studentId)
    }
  }

  return {
    /** Of somebody who is not in it. */
    add(contact: Seen) {
      const { id } = contact.record
      seen.set(id, contact)
      for (const studentId of studentIdsOf(contact.record.relationships)) {
        const ids = byStudent.get(studentId) ?? new Set()
        byStudent.set(studentId, ids.add(id))
      }
    },
    remove,
    /** Who went when this one came, or came when this one went, and shares a student. */
    near({ kind, record, toldAt }: Seen): readonly Seen[] {
      const ids = new Set(
        [...studentIdsOf(record.relationships)].flatMap((studentId) => [...(byStudent.get(studentId) ?? [])]),
      )
      return [...ids]
        .flatMap((id) => seen.get(id) ?? [])
        .filter((other) => other.kind !== kind && Math.abs(other.toldAt - toldAt) <= APART_AT_MOST)
    },
    /** ms since the epoch */
    forgetBefore(time: number) {
      for (const [id, { toldAt }] of seen) {
        if (toldAt >= time) break
        remove(id)
      }
    },
    get size() {
      return seen.size
    },
  }
}
