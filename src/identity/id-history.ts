import type { UserEvent } from '../model/events.ts'
import type { UserId } from '../model/ids.ts'
import { type ContactRecord, studentIdsOf } from '../model/records.ts'
import { identityOf } from '../quality/identity.ts'
import { SuccessionLinks, type Within } from './id-links.ts'
import { OpenContacts, type Seen } from './open-contacts.ts'
import { isSamePerson } from './same-contact.ts'

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

interface Pending {
  readonly gone: ContactRecord
  readonly come: ContactRecord
  readonly at: number
}

/**
 * Which contacts came in the place of which, as far as a district's events tell. Clever tells of a deletion and of a creation,
 * and does not say that the two are one person. If several contacts could be meant, none is followed. Events are noted in their
 * order and without gaps, so that no contact is overlooked that could be meant.
 *
 * A succession is settled, and followed, when nothing in the same sync can contradict it any more: when no contact of the
 * district has come or gone for twice the lag, by the events of that time, or an hour after it was concluded.
 */
export class Successions {
  readonly #now: () => number
  readonly #lag: number
  readonly #mark: (record: ContactRecord) => ContactRecord
  readonly #open = new OpenContacts(APART_AT_MOST)
  readonly #links = new SuccessionLinks(APART_AT_MOST)
  #lastId: string | undefined
  /** Infinity while events are not noted as the feed tells them. ms since the epoch */
  #followedFrom = Number.POSITIVE_INFINITY
  /** Whether something is missing before the next event. */
  #isBroken = false
  /** Until when all has been told, and until when what is told may have to do with what is missing. */
  #toldUntil = Number.NEGATIVE_INFINITY
  #blindUntil = Number.NEGATIVE_INFINITY
  /** Until when successions are settled, and the last time that a contact came or went. */
  #settledUntil = Number.NEGATIVE_INFINITY
  #movedAt = Number.NEGATIVE_INFINITY
  /** In the order in which they were concluded. */
  readonly #pending: Pending[] = []
  readonly #toldIds = new Set<string>()

  /**
   * `now`: ms since the epoch. `lag`: how late an event may be told, in ms. `mark`: marks values that many contacts of the
   * district have.
   */
  constructor(
    now: () => number,
    lag: number,
    mark: (record: ContactRecord) => ContactRecord = (record) => record,
  ) {
    this.#now = now
    this.#lag = lag
    this.#mark = mark
  }

  /**
   * Notes an event. Events come in the order of ids, but for those that Clever tells late; one that was told before is passed
   * over. Returns the successions that are settled by the time of this event; they come before it.
   */
  note(event: UserEvent): readonly Succession[] {
    if (this.#isKnown(event.id)) return []
    this.noteUpTo(event.id)
    const toldAt = event.stampedAt ?? event.toldAt
    const settled = this.#settle((time) => time < toldAt)
    this.#heed(event, toldAt)
    return settled
  }

  /** Notes the end of a page on which there may have been more than the events that can be read. */
  noteUpTo(eventId: string | undefined) {
    if (eventId !== undefined && (this.#lastId === undefined || eventId > this.#lastId))
      this.#lastId = eventId
  }

  /** The last event that was noted: reading goes on after it. */
  get lastId(): string | undefined {
    return this.#lastId
  }

  /** All that was told until then, by Clever's clock, was noted, and no more of it will come. Returns what that settles. */
  vouch(until: number): readonly Succession[] {
    this.#toldUntil = Math.max(this.#toldUntil, until)
    // The next event may be a day away, and those of a whole district were held for it.
    this.#open.forgetBefore(until - APART_AT_MOST)
    return this.#settle((time) => time <= until + this.#lag)
  }

  /** Returns what is settled at a time by which all events were read, apart from those that Clever tells late. */
  settle(until: number): readonly Succession[] {
    return this.#settle((time) => time <= until)
  }

  /** Events are missing between what was noted and what comes. What may have to do with them is not followed. */
  breakOff() {
    this.#doubt()
    this.#isBroken = true
    this.#followedFrom = Number.POSITIVE_INFINITY
  }

  /** From now on events are noted as the feed tells them, for nothing between is missing but what was broken off. */
  follow() {
    this.#followedFrom = this.#now()
  }

  get isFollowing(): boolean {
    return this.#followedFrom < Number.POSITIVE_INFINITY
  }

  /** The contact that is in the place of this one today, however often it was replaced. */
  successorOf(id: UserId): UserId | undefined {
    return this.#links.lastAfter(id, this.#within())
  }

  /** The latest first. */
  previousIds(id: UserId): readonly UserId[] {
    return this.#links.allBefore(id, this.#within())
  }

  forgetAll() {
    this.#open.forgetBefore(Number.POSITIVE_INFINITY)
    this.#links.removeSince(Number.NEGATIVE_INFINITY)
    this.#lastId = undefined
    this.#followedFrom = Number.POSITIVE_INFINITY
    this.#isBroken = false
    this.#toldUntil = Number.NEGATIVE_INFINITY
    this.#blindUntil = Number.NEGATIVE_INFINITY
    this.#settledUntil = Number.NEGATIVE_INFINITY
    this.#movedAt = Number.NEGATIVE_INFINITY
    this.#pending.length = 0
    this.#toldIds.clear()
  }

  #within(): Within {
    return { since: this.#now() - KEPT, until: this.#settledUntil }
  }

  /** Of the pending successions that are due, returns those that are still beyond doubt. */
  #settle(isDue: (time: number) => boolean): readonly Succession[] {
    const quietAt = this.#movedAt + 2 * this.#lag
    const isQuiet = isDue(quietAt)
    const firstLeft = isQuiet ? -1 : this.#pending.findIndex(({ at }) => !isDue(at + APART_AT_MOST))
    const due = this.#pending.splice(0, firstLeft < 0 ? this.#pending.length : firstLeft)
    const settledUntil = isQuiet ? this.#movedAt : (due.at(-1)?.at ?? this.#settledUntil)
    this.#settledUntil = Math.max(this.#settledUntil, settledUntil)
    return due
      .map(({ gone, come, at }) => ({
        previousId: gone.id,
        id: come.id,
        gone,
        come,
        settledAt: Math.min(at + APART_AT_MOST, quietAt),
      }))
      .filter(({ previousId, id }) => this.previousIds(id)[0] === previousId)
  }

  /** A contact may have come or gone unseen: neither those before, within reach, nor those after count as the only ones. */
  #doubt() {
    this.#open.forgetBefore(Number.POSITIVE_INFINITY)
    this.#links.removeSince(this.#toldUntil - APART_AT_MOST)
  }

  #heed({ kind, userId, user }: UserEvent, toldAt: number) {
    this.#toldUntil = Math.max(this.#toldUntil, toldAt)
    if (this.#isBroken) this.#blindUntil = Math.min(toldAt, this.#followedFrom) + APART_AT_MOST
    this.#isBroken = false
    this.#open.forgetBefore(toldAt - APART_AT_MOST)
    // A link goes no sooner than what makes another one doubtful.
    this.#links.removeBefore(this.#now() - KEPT - 2 * APART_AT_MOST)
    if (kind === 'updated') return
    this.#open.remove(userId)
    // A contact that has come back has no successor.
    if (kind === 'created') this.#links.remove('from', userId)
    const record = user?.contact && this.#mark(user.contact)
    if (record !== undefined) this.#movedAt = Math.max(this.#movedAt, toldAt)
    if (record === undefined || toldAt < this.#blindUntil) return
    const seen: Seen = { kind, record, toldAt }
    if (studentIdsOf(record.relationships).size > MOST_STUDENTS) return
    this.#noteContact(seen)
    this.#open.add(seen)
    if (this.#open.size <= MOST_OPEN) return
    this.#doubt()
    this.#blindUntil = toldAt + APART_AT_MOST
  }

  #noteContact(seen: Seen) {
    const near = this.#open.near(seen)
    if (near.length > MOST_NEAR) {
      for (const { kind, record } of near) this.#links.remove(kind === 'deleted' ? 'from' : 'to', record.id)
      return
    }
    const found = near
      .map(({ record: other }) =>
        seen.kind === 'deleted' ? { gone: seen.record, come: other } : { gone: other, come: seen.record },
      )
      .filter(({ gone, come }) => isSamePerson(gone, come) !== undefined)
    // A late event settles nothing that was not settled before it.
    const at = Math.max(seen.toldAt, this.#settledUntil)
    this.#movedAt = Math.max(this.#movedAt, at)
    for (const { gone, come } of found) {
      // A contact that may be two people has no one successor, and is none.
      const isCertain = ![gone, come].some((record) => identityOf(record).collisionRisk)
      this.#links.add(gone.id, come.id, at, isCertain)
      if (isCertain) this.#pending.push({ gone, come, at })
    }
  }

  /** Whether the event was told before. Those that Clever may tell again are few. */
  #isKnown(id: string): boolean {
    if (this.#toldIds.has(id)) return true
    if (this.#toldIds.size >= MOST_OPEN)
      for (const first of [...this.#toldIds].slice(0, MOST_OPEN / 2)) this.#toldIds.delete(first)
    this.#toldIds.add(id)
    return false
  }
}
