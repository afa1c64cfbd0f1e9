import type { Clock } from '../clock.ts'
import type { UserEvent } from '../model/events.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import type { Range, RangePage, Role } from '../model/ranges.ts'
import type { ContactRecord, StudentRecord, UserRecord } from '../model/records.ts'
import type { Schools } from '../model/schools.ts'
import { ContactsOfCoverage } from './contacts-of-coverage.ts'
import { at, type Coverage, type Span, sinceOf } from './coverage.ts'
import { CoveredRecords, ROLES } from './covered-records.ts'
import { DecodedRecords } from './decoded-records.ts'
import { entriesOf, spanOf } from './encode-rows.ts'
import { RecentLists } from './recent-lists.ts'
import type { Shelf } from './record-table.ts'
import { SchoolList } from './school-list.ts'

/** What Clever has said of something, and since when that is known (ms since the epoch). */
export interface Known<Value> {
  readonly value: Value
  readonly since: number
}

export type RecordOf<R extends Role> = R extends 'student' ? StudentRecord : ContactRecord
/** Undefined where there is none; UNREADABLE where Clever's record cannot be read. */
export type Answer<R extends Role> = RecordOf<R> | undefined | 'UNREADABLE'

/** A part of a list, in ascending order of id. */
export interface Listed<R extends Role> {
  readonly records: readonly RecordOf<R>[]
  /** The ids at its edges, also where records could not be read. */
  readonly firstId: UserId | undefined
  readonly lastId: UserId | undefined
  readonly hasMore: boolean
}

/** Clocks are set right by less than this, all the time. ms */
const CLOCK_TOLERANCE = 1_000
const MANY_INTERVALS = 100
const MOST_INTERVALS = 20_000

/**
 * What we know of one district. Every look-up is answered at once from what is known since `notBefore` (ms since the
 * epoch) or later; undefined is a miss: only Clever knows.
 */
export class Directory {
  readonly districtId: DistrictId
  readonly #clock: Clock
  readonly #records: DecodedRecords
  readonly #shelves: Readonly<Record<Role, Shelf>>
  readonly #askedFor: ContactsOfCoverage
  readonly #covered: CoveredRecords
  readonly #lists: RecentLists
  readonly #schools = new SchoolList()
  /** When anything was last learned. */
  #newest = Number.NEGATIVE_INFINITY

  constructor(districtId: DistrictId, clock: Clock) {
    this.districtId = districtId
    this.#clock = clock
    this.#records = new DecodedRecords(districtId)
    this.#shelves = this.#records.shelves
    this.#askedFor = new ContactsOfCoverage(this.#records)
    this.#covered = new CoveredRecords(this.#records, this.#askedFor)
    this.#lists = new RecentLists(this.#records)
  }

  find<R extends Role>(role: R, id: UserId, notBefore: number): Known<Answer<R>> | undefined {
    this.#forgetWhereClockWasSetBack()
    const since = sinceOf(this.#shelves[role].coverage, id)
    if (since === undefined || since < notBefore) return undefined
    return { value: this.#records.find(role, id), since }
  }

  /** The contacts of a student, each with all its relationships; empty for a student who is not shared. */
  contactsOf(studentId: UserId, notBefore: number): Known<readonly ContactRecord[]> | undefined {
    // Contacts may name a student who is not shared: Clever names no contacts then.
    const student = this.find('student', studentId, notBefore)
    const askedAt = this.#askedFor.sinceOf(studentId)
    if (student === undefined && (askedAt === undefined || askedAt < notBefore)) return undefined
    if (student !== undefined && student.value === undefined) return { value: [], since: student.since }
    return this.contactsNaming(studentId, notBefore)
  }

  /** The same for a student of whom it is known elsewhere that there is such a student. */
  contactsNaming(studentId: UserId, notBefore: number): Known<readonly ContactRecord[]> | undefined {
    this.#forgetWhereClockWasSetBack()
    const since = this.#sinceOfContacts(studentId)
    if (since === undefined || since < notBefore) return undefined
    return { value: this.#records.contactsNaming(studentId), since }
  }

  /** With `mayBeCut`, fewer rows than there are do, as long as there are any. */
  list<R extends Role>(
    range: Range & { readonly role: R },
    notBefore: number,
    { mayBeCut = false }: { readonly mayBeCut?: boolean } = {},
  ): Known<Listed<R>> | undefined {
    this.#forgetWhereClockWasSetBack()
    return this.#lists.list(range, notBefore, mayBeCut)
  }

  /** How many records of a role there are. */
  count(role: Role, notBefore: number): Known<number> | undefined {
    const since = this.wholeSince(role)
    return since === undefined || since < notBefore ? undefined : { value: this.size(role), since }
  }

  schools(notBefore: number): Known<Schools> | undefined {
    this.#forgetWhereClockWasSetBack()
    return this.#schools.find(notBefore)
  }

  /** Learns the answer to a call that was sent at `since`: the whole truth about the user, as the other answers below are. */
  learnUser(id: UserId, user: UserRecord | undefined, since: number) {
    this.#learnedAt(since)
    this.#covered.writeUser(id, user, since)
    this.#keepFew()
  }

  learnRange(range: Range, page: RangePage, since: number) {
    this.#learnedAt(since)
    const { role } = range
    // A page without rows that is not the last tells nothing.
    if (page.rows.length === 0 && !page.isLast) return
    const entries = entriesOf(role, page.rows)
    if (page.hasNameless)
      for (const entry of entries) this.#covered.write(role, { ...at(entry[0]), since }, [entry])
    else this.#covered.write(role, { ...spanOf(range, page), since }, entries)
    if (role !== 'contact') return
    this.#askedFor.forgetOutdated(
      entries.map(([id]) => id),
      since,
    )
  }

  learnContactsOf(studentId: UserId, users: readonly UserRecord[], since: number) {
    this.#learnedAt(since)
    this.#covered.writeContactsOf(studentId, users, since)
    this.#keepFew()
  }

  learnSchools(schools: Schools, since: number) {
    this.#learnedAt(since)
    this.#schools.learn(schools, since)
  }

  /** A record that was read elsewhere, with the values that many contacts of the district have: see `ContactRecord.shared`. */
  markShared(record: ContactRecord): ContactRecord {
    return this.#records.mark(record)
  }

  /** Idempotent. Events of one user must come in their order. */
  apply(event: UserEvent) {
    for (const role of ROLES) this.#covered.tell(role, event, this.#clock.now())
  }

  /** What is known since `from` or later has not changed until `until`, but for the events that were applied. */
  renew(from: number, until: number) {
    this.#covered.renew(from, until)
  }

  forgetOlder(notBefore: number) {
    this.#forgetWhereClockWasSetBack()
    this.#schools.forgetOlder(notBefore)
    this.#covered.forgetOlder(notBefore, this.#clock.now())
  }

  forgetAll() {
    this.#covered.forgetAll()
    this.#schools.forget()
    this.#newest = Number.NEGATIVE_INFINITY
  }

  /** Forgets some of what has been known longest; false when nothing is left. */
  shrink(): boolean {
    const [first] = this.#covered.intervalsOldestFirst()
    if (first === undefined) {
      const hadSchools = this.#schools.bytes > 0
      this.#schools.forget()
      return hadSchools
    }
    if (this.#covered.intervals > MANY_INTERVALS) this.#forgetTenth()
    else this.#covered.shrink(first)
    return true
  }

  /** Since when all records of a role are known, in ms since the epoch; undefined where some are not. */
  wholeSince(role: Role): number | undefined {
    this.#forgetWhereClockWasSetBack()
    return this.#shelves[role].wholeSince
  }

  /** A greater number whenever a record of a role has come, gone or changed, or is marked otherwise. */
  revision(role: Role): number {
    return this.#records.revision(role)
  }

  coverage(role: Role): Coverage {
    return this.#shelves[role].coverage
  }

  size(role: Role): number {
    return this.#shelves[role].size
  }

  /** The record with the highest id that is held. */
  last(role: Role): UserId | undefined {
    return this.#shelves[role].last as UserId | undefined
  }

  /** How many records, of whatever age, are known to lie in a span; undefined where not all of it is known. */
  rowsIn(role: Role, span: Span): number | undefined {
    return this.#shelves[role].rowsIn(span)
  }

  /** Bytes of memory, as far as they can be counted. */
  get bytes(): number {
    return this.#records.bytes + this.#schools.bytes + this.#askedFor.bytes
  }

  /** Since when all contacts are known that name a student: all there are, or those that were asked for. */
  #sinceOfContacts(studentId: UserId): number | undefined {
    const asked = this.#askedFor.sinceOf(studentId)
    const all = this.#shelves.contact.wholeSince
    return asked === undefined || all === undefined ? (asked ?? all) : Math.max(asked, all)
  }

  #learnedAt(since: number) {
    this.#newest = Math.max(this.#newest, since)
  }

  /** What seems to come from the future would stay young for too long. */
  #forgetWhereClockWasSetBack() {
    if (this.#newest > this.#clock.now() + CLOCK_TOLERANCE) this.forgetAll()
  }

  /** Many small ones go together, as looking for the oldest takes its time. */
  #forgetTenth() {
    const all = this.#covered.intervalsOldestFirst()
    const tenth = all[Math.floor(all.length / 10)]
    if (tenth !== undefined) this.forgetOlder(tenth.interval.since + 1)
  }

  /** What is known one by one has its bounds, as each further id takes as long as there are others. */
  #keepFew() {
    if (this.#covered.intervals > MOST_INTERVALS) this.#forgetTenth()
  }
}
