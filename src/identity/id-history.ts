import type { UserEvent } from '../model/events.ts'
import type { UserId } from '../model/ids.ts'
import { type ContactRecord, studentIdsOf } from '../model/records.ts'
import { identityOf } from '../quality/identity.ts'
import { IdLinks, type Within } from './id-links.ts'
import { type Candidate, OpenContacts } from './open-contacts.ts'
import { isSamePerson } from './same-contact.ts'

export interface IdChange {
  readonly previousId: UserId
  readonly id: UserId
  /** The deleted record and the created record. */
  readonly deleted: ContactRecord
  readonly created: ContactRecord
  /**
   * The time when it was settled, by Clever's clock, in ms since the epoch. It depends only on the events, so
   * reading them again gives the same time.
   */
  readonly settledAt: number
}

/** One sync reports a deletion and a creation within minutes. An hour leaves room for a large sync. ms */
export const MAX_GAP_MS = 3_600_000
/**
 * Clever keeps events for 30 days. A day less, so that no contact seems to be the only candidate because the events of
 * the others have just expired. ms
 */
export const KEEP_MS = 29 * 86_400_000
/**
 * The maximum number of contacts that come and go within an hour, of some 1 kB each. Beyond it, no id change
 * is followed.
 */
export const MAX_OPEN = 20_000
/** A contact with more students is not a person, and would take long to compare. */
export const MAX_STUDENTS = 50
/**
 * The maximum number of contacts of one family that come or go within an hour. More would take long to
 * compare, and no match would be certain.
 */
export const MAX_CANDIDATES = 50

interface Pending {
  readonly deleted: ContactRecord
  readonly created: ContactRecord
  readonly at: number
}

/**
 * Finds contacts that were deleted and created again under another id. Clever reports a deletion and a
 * creation, and does not connect the two. If several contacts are candidates, none is chosen. Events must be
 * added in order and without gaps, so that no candidate is missed.
 *
 * An id change is settled, and followed, when nothing in the same sync can contradict it any more. That is
 * when no contact of the district has come or gone for twice the lag, or an hour after the id change was
 * found.
 */
export class IdHistory {
  readonly #now: () => number
  readonly #lagMs: number
  readonly #mark: (record: ContactRecord) => ContactRecord
  readonly #open = new OpenContacts(MAX_GAP_MS)
  readonly #links = new IdLinks(MAX_GAP_MS)
  #lastId: string | undefined
  /** Infinity until events are added as the feed reports them. ms since the epoch */
  #startedFrom = Number.POSITIVE_INFINITY
  /** Whether something is missing before the next event. */
  #isBroken = false
  /**
   * The time up to which all events are known, and the time up to which id changes may depend on missing
   * events.
   */
  #eventsCompleteUntil = Number.NEGATIVE_INFINITY
  #blindUntil = Number.NEGATIVE_INFINITY
  /** The time until which id changes are settled, and the last time that a contact came or went. */
  #settledUntil = Number.NEGATIVE_INFINITY
  #movedAt = Number.NEGATIVE_INFINITY
  /** In the order in which they were found. */
  readonly #pending: Pending[] = []
  readonly #seenIds = new Set<string>()

  /**
   * `now`: ms since the epoch. `lagMs`: how late an event may be reported. `mark`: marks values that many contacts of the
   * district have.
   */
  constructor(
    now: () => number,
    lagMs: number,
    mark: (record: ContactRecord) => ContactRecord = (record) => record,
  ) {
    this.#now = now
    this.#lagMs = lagMs
    this.#mark = mark
  }

  /**
   * Adds an event. Events come in the order of their ids, except for those that Clever reports late. An event that was
   * added before is ignored. Returns the id changes that are settled by the time of this event; they come before it.
   */
  addEvent(event: UserEvent): readonly IdChange[] {
    if (this.#isKnown(event.id)) return []
    this.skipTo(event.id)
    const occurredAt = event.cleverOccurredAt ?? event.occurredAt
    const settled = this.#settle((time) => time < occurredAt)
    this.#handleEvent(event, occurredAt)
    return settled
  }

  /** Skips to the end of a page, which may end with events that cannot be read. */
  skipTo(eventId: string | undefined) {
    if (eventId !== undefined && (this.#lastId === undefined || eventId > this.#lastId))
      this.#lastId = eventId
  }

  /** The last event that was added. Reading continues after it. */
  get lastId(): string | undefined {
    return this.#lastId
  }

  /**
   * All events until this time, by Clever's clock, were added, and no more of them will come. Returns the id changes that
   * this settles.
   */
  completeUntil(until: number): readonly IdChange[] {
    this.#eventsCompleteUntil = Math.max(this.#eventsCompleteUntil, until)
    // Frees memory now, because the next event may be a day away.
    this.#open.removeBefore(until - MAX_GAP_MS)
    return this.#settle((time) => time <= until + this.#lagMs)
  }

  /** Returns the id changes that are settled at a time by which all events were read, except for late ones. */
  settle(until: number): readonly IdChange[] {
    return this.#settle((time) => time <= until)
  }

  /** Events are missing between the last event and the next. Id changes that may depend on them are not followed. */
  reset() {
    this.#dropOpen()
    this.#isBroken = true
    this.#startedFrom = Number.POSITIVE_INFINITY
  }

  /**
   * From now on events are added as the feed reports them. Nothing is missing in between, except what `reset` announced.
   */
  start() {
    this.#startedFrom = this.#now()
  }

  get isStarted(): boolean {
    return this.#startedFrom < Number.POSITIVE_INFINITY
  }

  /** The contact that has replaced this one, through all id changes. */
  successorOf(id: UserId): UserId | undefined {
    return this.#links.lastAfter(id, this.#within())
  }

  /** The latest first. */
  previousIds(id: UserId): readonly UserId[] {
    return this.#links.allBefore(id, this.#within())
  }

  clear() {
    this.#open.removeBefore(Number.POSITIVE_INFINITY)
    this.#links.removeSince(Number.NEGATIVE_INFINITY)
    this.#lastId = undefined
    this.#startedFrom = Number.POSITIVE_INFINITY
    this.#isBroken = false
    this.#eventsCompleteUntil = Number.NEGATIVE_INFINITY
    this.#blindUntil = Number.NEGATIVE_INFINITY
    this.#settledUntil = Number.NEGATIVE_INFINITY
    this.#movedAt = Number.NEGATIVE_INFINITY
    this.#pending.length = 0
    this.#seenIds.clear()
  }

  #within(): Within {
    return { since: this.#now() - KEEP_MS, until: this.#settledUntil }
  }

  /** Returns the due id changes that are still certain. */
  #settle(isDue: (time: number) => boolean): readonly IdChange[] {
    const quietAt = this.#movedAt + 2 * this.#lagMs
    const isQuiet = isDue(quietAt)
    const firstLeft = isQuiet ? -1 : this.#pending.findIndex(({ at }) => !isDue(at + MAX_GAP_MS))
    const due = this.#pending.splice(0, firstLeft < 0 ? this.#pending.length : firstLeft)
    const settledUntil = isQuiet ? this.#movedAt : (due.at(-1)?.at ?? this.#settledUntil)
    this.#settledUntil = Math.max(this.#settledUntil, settledUntil)
    return due
      .map(({ deleted, created, at }) => ({
        previousId: deleted.id,
        id: created.id,
        deleted,
        created,
        settledAt: Math.min(at + MAX_GAP_MS, quietAt),
      }))
      .filter(({ previousId, id }) => this.previousIds(id)[0] === previousId)
  }

  /**
   * Contacts may have come or gone in the gap, so neither those shortly before it nor those shortly after it
   * are the only candidates.
   */
  #dropOpen() {
    this.#open.removeBefore(Number.POSITIVE_INFINITY)
    this.#links.removeSince(this.#eventsCompleteUntil - MAX_GAP_MS)
  }

  #handleEvent({ kind, userId, user }: UserEvent, occurredAt: number) {
    this.#eventsCompleteUntil = Math.max(this.#eventsCompleteUntil, occurredAt)
    if (this.#isBroken) this.#blindUntil = Math.min(occurredAt, this.#startedFrom) + MAX_GAP_MS
    this.#isBroken = false
    this.#open.removeBefore(occurredAt - MAX_GAP_MS)
    // A link is removed no sooner than a link that makes it uncertain.
    this.#links.removeBefore(this.#now() - KEEP_MS - 2 * MAX_GAP_MS)
    if (kind === 'updated') return
    this.#open.remove(userId)
    // A contact that has come back has no successor.
    if (kind === 'created') this.#links.remove('from', userId)
    const record = user?.contact && this.#mark(user.contact)
    if (record !== undefined) this.#movedAt = Math.max(this.#movedAt, occurredAt)
    if (record === undefined || occurredAt < this.#blindUntil) return
    const seen: Candidate = { kind, record, occurredAt }
    if (studentIdsOf(record.relationships).size > MAX_STUDENTS) return
    this.#matchContact(seen)
    this.#open.add(seen)
    if (this.#open.size <= MAX_OPEN) return
    this.#dropOpen()
    this.#blindUntil = occurredAt + MAX_GAP_MS
  }

  #matchContact(seen: Candidate) {
    const candidates = this.#open.candidatesFor(seen)
    if (candidates.length > MAX_CANDIDATES) {
      for (const { kind, record } of candidates)
        this.#links.remove(kind === 'deleted' ? 'from' : 'to', record.id)
      return
    }
    const found = candidates
      .map(({ record: other }) =>
        seen.kind === 'deleted'
          ? { deleted: seen.record, created: other }
          : { deleted: other, created: seen.record },
      )
      .filter(({ deleted, created }) => isSamePerson(deleted, created) !== undefined)
    // A late event settles nothing that was not settled before it.
    const at = Math.max(seen.occurredAt, this.#settledUntil)
    this.#movedAt = Math.max(this.#movedAt, at)
    for (const { deleted, created } of found) {
      // A contact that may be two people neither has a successor nor is one.
      const isCertain = ![deleted, created].some((record) => identityOf(record).collisionRisk)
      this.#links.add(deleted.id, created.id, at, isCertain)
      if (isCertain) this.#pending.push({ deleted, created, at })
    }
  }

  /** Whether the event was added before. Clever repeats few events. */
  #isKnown(id: string): boolean {
    if (this.#seenIds.has(id)) return true
    if (this.#seenIds.size >= MAX_OPEN)
      for (const first of [...this.#seenIds].slice(0, MAX_OPEN / 2)) this.#seenIds.delete(first)
    this.#seenIds.add(id)
    return false
  }
}
