import type { UserEvent } from '../clever/events.ts'
import type { UserId } from '../clever/ids.ts'
import { type ContactRecord, studentIdsOf } from '../clever/records.ts'
import { isSamePerson } from '../identity/same-contact.ts'
import { identityOf } from '../quality/identity.ts'
import { SuccessionLinks } from './succession-links.ts'

/**
 * Which contacts came in the place of which, as far as a district's events tell: Clever tells of a deletion and of a
 * creation, and nobody says that the two are one person. Where several could be meant, nobody is; so that nobody is
 * overlooked who could be meant, events are noted in their order and without gaps.
 */
export interface Successions {
  /**
   * In the order of ids, but for those that Clever tells late; what was told before is passed over. Returns the
   * successions that are settled by the time of this event; they come before it.
   */
  note(event: UserEvent): readonly Succession[]
  /** The same of a page on which there may have been more than events that can be read. */
  noteUpTo(eventId: string | undefined): void
  /** The last event that was noted: after it one goes on. */
  readonly lastId: string | undefined
  /** All that was told until then, by Clever's clock, was noted, and no more of it will come. Returns what that settles. */
  vouch(until: number): readonly Succession[]
  /** What is settled at a time by which all events were read; without a word on those that Clever tells late. */
  settle(time: number): readonly Succession[]
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
  /** As they were told when they went and came. */
  readonly gone: ContactRecord
  readonly come: ContactRecord
  /**
   * When it was settled. ms since the epoch, of Clever's clock. It depends on the events alone, so that reading them again
   * gives the same.
   */
  readonly settledAt: number
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

interface Pending {
  readonly gone: ContactRecord
  readonly come: ContactRecord
  readonly at: number
}

/**
 * A succession is settled, and followed, when nothing in the same sync can contradict it any more: when no contact of the
 * district has come or gone for twice the lag, by the events of that time, or an hour after it was concluded. `now`: ms
 * since the epoch. `lag`: how late an event may be told, in ms. `mark`: marks values that many contacts of the district have.
 */
export function createSuccessions(
  now: () => number,
  lag: number,
  mark: (record: ContactRecord) => ContactRecord = (record) => record,
): Successions {
  const quiet = 2 * lag
  const open = createOpen()
  const links = new SuccessionLinks(APART_AT_MOST)
  let lastId: string | undefined
  /** Infinity while events are not noted as the feed tells them. ms since the epoch */
  let followedFrom = Number.POSITIVE_INFINITY
  /** Whether something is missing before the next event. */
  let isBroken = false
  /** Until when all has been told, and until when what is told may have to do with what is missing. */
  let toldUntil = Number.NEGATIVE_INFINITY
  let blindUntil = Number.NEGATIVE_INFINITY
  /** Until when successions are settled, and the last time that a contact came or went. */
  let settledUntil = Number.NEGATIVE_INFINITY
  let movedAt = Number.NEGATIVE_INFINITY
  /** In the order in which they were concluded. */
  const pending: Pending[] = []
  const toldIds = new Set<string>()
  const within = () => ({ since: now() - KEPT, until: settledUntil })

  /** Of what is due, what is still beyond doubt. */
  function settle(isDue: (time: number) => boolean): readonly Succession[] {
    const quietAt = movedAt + quiet
    const isQuiet = isDue(quietAt)
    const firstLeft = isQuiet ? -1 : pending.findIndex(({ at }) => !isDue(at + APART_AT_MOST))
    const due = pending.splice(0, firstLeft < 0 ? pending.length : firstLeft)
    settledUntil = Math.max(settledUntil, isQuiet ? movedAt : (due.at(-1)?.at ?? settledUntil))
    return due
      .map(({ gone, come, at }) => ({
        previousId: gone.id,
        id: come.id,
        gone,
        come,
        settledAt: Math.min(at + APART_AT_MOST, quietAt),
      }))
      .filter(({ previousId, id }) => links.allBefore(id, within())[0] === previousId)
  }

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

  function noteContact(seen: Seen) {
    const near = open.near(seen)
    if (near.length > MOST_NEAR) {
      for (const { kind, record } of near) links.remove(kind === 'deleted' ? 'from' : 'to', record.id)
      return
    }
    const found = near
      .map(({ record: other }) =>
        seen.kind === 'deleted' ? { gone: seen.record, come: other } : { gone: other, come: seen.record },
      )
      .filter(({ gone, come }) => isSamePerson(gone, come) !== undefined)
    // Of a late event, too, nothing is settled that was not settled before it.
    const at = Math.max(seen.toldAt, settledUntil)
    movedAt = Math.max(movedAt, at)
    for (const { gone, come } of found) {
      // A contact that may be two people has no one successor, and is none.
      const isCertain = ![gone, come].some((record) => identityOf(record).collisionRisk)
      links.add(gone.id, come.id, at, isCertain)
      if (isCertain) pending.push({ gone, come, at })
    }
  }

  function heed({ kind, userId, user }: UserEvent, toldAt: number) {
    toldUntil = Math.max(toldUntil, toldAt)
    if (isBroken) blindUntil = Math.min(toldAt, followedFrom) + APART_AT_MOST
    isBroken = false
    open.forgetBefore(toldAt - APART_AT_MOST)
    // A link goes no sooner than what makes another one doubtful.
    links.removeBefore(now() - KEPT - 2 * APART_AT_MOST)
    if (kind === 'updated') return
    open.remove(userId)
    // Whoever has come back has no successor.
    if (kind === 'created') links.remove('from', userId)
    const record = user?.contact && mark(user.contact)
    if (record !== undefined) movedAt = Math.max(movedAt, toldAt)
    if (record === undefined || toldAt < blindUntil) return
    const seen: Seen = { kind, record, toldAt }
    if (studentIdsOf(record.relationships).size > MOST_STUDENTS) return
    noteContact(seen)
    open.add(seen)
    if (open.size <= MOST_OPEN) return
    doubt()
    blindUntil = toldAt + APART_AT_MOST
  }

  /** Whether it was told before. Those of which Clever may tell again are few. */
  function isKnown(id: string): boolean {
    if (toldIds.has(id)) return true
    if (toldIds.size >= MOST_OPEN)
      for (const first of [...toldIds].slice(0, MOST_OPEN / 2)) toldIds.delete(first)
    toldIds.add(id)
    return false
  }

  return {
    note(event) {
      if (isKnown(event.id)) return []
      if (lastId === undefined || event.id > lastId) lastId = event.id
      const toldAt = event.stampedAt ?? event.toldAt
      const settled = settle((time) => time < toldAt)
      heed(event, toldAt)
      return settled
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
      return settle((time) => time <= until + lag)
    },
    settle: (until) => settle((time) => time <= until),
    breakOff,
    follow() {
      followedFrom = now()
    },
    get isFollowing() {
      return followedFrom < Number.POSITIVE_INFINITY
    },
    successorOf: (id) => links.lastAfter(id, within()),
    previousIds: (id) => links.allBefore(id, within()),
    forgetAll() {
      open.forgetBefore(Number.POSITIVE_INFINITY)
      links.removeSince(Number.NEGATIVE_INFINITY)
      lastId = undefined
      followedFrom = Number.POSITIVE_INFINITY
      isBroken = false
      toldUntil = Number.NEGATIVE_INFINITY
      blindUntil = Number.NEGATIVE_INFINITY
      settledUntil = Number.NEGATIVE_INFINITY
      movedAt = Number.NEGATIVE_INFINITY
      pending.length = 0
      toldIds.clear()
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
