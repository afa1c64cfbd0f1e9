import type { Clock } from '../clock.ts'
import type { UserEvent } from '../model/events.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import { type Range, type RangePage, ROLES, type Role, type Row } from '../model/ranges.ts'
import type { ContactRecord, StudentRecord, UserRecord } from '../model/records.ts'
import type { Schools } from '../model/schools.ts'
import { ContactsOfCoverage } from './contacts-of-coverage.ts'
import { asOfTime, type Coverage, type Span, singleId } from './coverage.ts'
import { CoveredRecords } from './covered-records.ts'
import { DecodedRecords } from './decoded-records.ts'
import type { EncodedRow } from './encoded-records.ts'
import { entriesOf, entriesOfWanted, spanOfPage } from './range-page.ts'
import { RecentLists } from './recent-lists.ts'
import type { RecordTable } from './record-table.ts'
import { SchoolList } from './school-list.ts'

/** A value from Clever with its as-of time, in ms since the epoch. */
export interface Dated<Value> {
  readonly value: Value
  readonly asOf: number
}

export type RecordOf<R extends Role> = R extends 'student' ? StudentRecord : ContactRecord
/** Undefined if there is no record. UNREADABLE if Clever's record cannot be read. */
export type StoredRecord<R extends Role> = RecordOf<R> | undefined | 'UNREADABLE'

/** A part of a list, in ascending order of id. */
export interface RecordPage<R extends Role> {
  readonly records: readonly RecordOf<R>[]
  /** The ids at its edges, even if those records could not be read. */
  readonly firstId: UserId | undefined
  readonly lastId: UserId | undefined
  readonly hasMore: boolean
}

/** Clocks are often adjusted by less than this. ms */
const CLOCK_TOLERANCE_MS = 1_000
const MANY_INTERVALS = 100
const MAX_INTERVALS = 20_000

/**
 * The store of one district. Every look-up is answered at once if the value has an as-of time of `minAsOf` (ms since the
 * epoch) or later. Undefined is a cache miss: only Clever knows the answer.
 */
export class DistrictStore {
  readonly districtId: DistrictId
  readonly #clock: Clock
  readonly #records: DecodedRecords
  readonly #tables: Readonly<Record<Role, RecordTable>>
  readonly #contactsOfCoverage: ContactsOfCoverage
  readonly #covered: CoveredRecords
  readonly #lists: RecentLists
  readonly #schools = new SchoolList()
  /** The latest as-of time of anything in the store. */
  #newestAsOf = Number.NEGATIVE_INFINITY

  constructor(districtId: DistrictId, clock: Clock) {
    this.districtId = districtId
    this.#clock = clock
    this.#records = new DecodedRecords(districtId)
    this.#tables = this.#records.tables
    this.#contactsOfCoverage = new ContactsOfCoverage(this.#records)
    this.#covered = new CoveredRecords(this.#records, this.#contactsOfCoverage)
    this.#lists = new RecentLists(this.#records)
  }

  find<R extends Role>(role: R, id: UserId, minAsOf: number): Dated<StoredRecord<R>> | undefined {
    this.#clearIfClockWasSetBack()
    const asOf = asOfTime(this.#tables[role].coverage, id)
    if (asOf === undefined || asOf < minAsOf) return undefined
    return { value: this.#records.find(role, id), asOf }
  }

  /** The contacts of a student, each with all its relationships; none for a student that is not shared. */
  contactsOf(studentId: UserId, minAsOf: number): Dated<readonly ContactRecord[]> | undefined {
    // Contacts may name a student who is not shared: Clever names no contacts then.
    const student = this.find('student', studentId, minAsOf)
    const contactsAsOf = this.#contactsOfCoverage.asOfTime(studentId)
    if (student === undefined && (contactsAsOf === undefined || contactsAsOf < minAsOf)) return undefined
    if (student !== undefined && student.value === undefined) return { value: [], asOf: student.asOf }
    return this.contactsListing(studentId, minAsOf)
  }

  /** The same for a student that is known to exist. */
  contactsListing(studentId: UserId, minAsOf: number): Dated<readonly ContactRecord[]> | undefined {
    this.#clearIfClockWasSetBack()
    const asOf = this.#contactsAsOf(studentId)
    if (asOf === undefined || asOf < minAsOf) return undefined
    return { value: this.#records.contactsListing(studentId), asOf }
  }

  /** With `mayBeTruncated`, fewer rows are enough if there are any. */
  list<R extends Role>(
    range: Range & { readonly role: R },
    minAsOf: number,
    { mayBeTruncated = false }: { readonly mayBeTruncated?: boolean } = {},
  ): Dated<RecordPage<R>> | undefined {
    this.#clearIfClockWasSetBack()
    return this.#lists.list(range, minAsOf, mayBeTruncated)
  }

  /** The number of records of a role. */
  count(role: Role, minAsOf: number): Dated<number> | undefined {
    const asOf = this.wholeAsOf(role)
    return asOf === undefined || asOf < minAsOf ? undefined : { value: this.size(role), asOf }
  }

  schools(minAsOf: number): Dated<Schools> | undefined {
    this.#clearIfClockWasSetBack()
    return this.#schools.find(minAsOf)
  }

  /**
   * Stores the answer to a call that was sent at `asOf`. It is the complete truth about the user. The answers
   * below are complete for their ids.
   */
  putUser(id: UserId, user: UserRecord | undefined, asOf: number) {
    this.#noteAsOf(asOf)
    this.#covered.writeUser(id, user, asOf)
    this.#limitIntervals()
  }

  putRange(range: Range, page: RangePage, asOf: number) {
    this.#noteAsOf(asOf)
    const { role } = range
    // A page without rows that is not the last says nothing about any id.
    if (page.rows.length === 0 && !page.isLast) return
    const entries = entriesOf(page.rows)
    if (page.hasNameless)
      this.#putSingly(
        role,
        entries.map((entry) => [entry[0], [entry]]),
        asOf,
      )
    else if (range.wanted !== undefined) this.#putSingly(role, entriesOfWanted(range, page), asOf)
    else this.#covered.write(role, { ...spanOfPage(range, page), asOf }, entries)
    if (role !== 'contact') return
    this.#contactsOfCoverage.removeOutdated(
      entries.map(([id]) => id),
      asOf,
    )
  }

  #putSingly(role: Role, all: readonly (readonly [string, readonly EncodedRow[]])[], asOf: number) {
    for (const [id, entries] of all) this.#covered.write(role, { ...singleId(id), asOf }, entries)
    this.#limitIntervals()
  }

  /** The record of a row that Clever returned, which the store need not have kept. */
  recordOf<R extends Role>(role: R, row: Row): StoredRecord<R> {
    return this.#records.recordOf(role, row)
  }

  putContactsOf(studentId: UserId, users: readonly UserRecord[], asOf: number) {
    this.#noteAsOf(asOf)
    this.#covered.writeContactsOf(studentId, users, asOf)
    this.#limitIntervals()
  }

  putSchools(schools: Schools, asOf: number) {
    this.#noteAsOf(asOf)
    this.#schools.put(schools, asOf)
  }

  /**
   * Marks the values of a record from outside the store that many contacts of the district have: see
   * `ContactRecord.shared`.
   */
  markShared(record: ContactRecord): ContactRecord {
    return this.#records.mark(record)
  }

  /** Idempotent. Events of one user must come in their order. */
  applyEvent(event: UserEvent) {
    for (const role of ROLES) this.#covered.applyEvent(role, event, this.#clock.now())
  }

  /**
   * Confirms that nothing with an as-of time of `from` or later has changed until `until`, except by the events that were
   * applied.
   */
  renew(from: number, until: number) {
    this.#covered.renew(from, until)
  }

  evictOlder(minAsOf: number) {
    this.#clearIfClockWasSetBack()
    this.#schools.evictOlder(minAsOf)
    this.#covered.evictOlder(minAsOf, this.#clock.now())
  }

  clear() {
    this.#covered.clear()
    this.#schools.clear()
    this.#newestAsOf = Number.NEGATIVE_INFINITY
  }

  /** Evicts some of the oldest data. False if the store is empty. */
  evictSome(): boolean {
    const [first] = this.#covered.intervalsOldestFirst()
    if (first === undefined) {
      const hadSchools = this.#schools.bytes > 0
      this.#schools.clear()
      return hadSchools
    }
    if (this.#covered.intervals > MANY_INTERVALS) this.#evictOldestTenth()
    else this.#covered.evictSome(first)
    return true
  }

  /** The as-of time of all records of a role, in ms since the epoch; undefined if some are not covered. */
  wholeAsOf(role: Role): number | undefined {
    this.#clearIfClockWasSetBack()
    return this.#tables[role].wholeAsOf
  }

  /** A number that grows whenever a record of a role is added, removed, changed or marked differently. */
  revision(role: Role): number {
    return this.#records.revision(role)
  }

  coverage(role: Role): Coverage {
    return this.#tables[role].coverage
  }

  size(role: Role): number {
    return this.#tables[role].size
  }

  /** The record with the highest id that is held. */
  last(role: Role): UserId | undefined {
    return this.#tables[role].last as UserId | undefined
  }

  /** The known number of records of any age in a span; undefined where not all of it is known. */
  rowCountIn(role: Role, span: Span): number | undefined {
    return this.#tables[role].rowCountIn(span)
  }

  /** The estimated memory in bytes. */
  get bytes(): number {
    return this.#records.bytes + this.#schools.bytes + this.#contactsOfCoverage.bytes
  }

  /** The as-of time of the contacts that list a student: of all contacts, or of those that were read for the student. */
  #contactsAsOf(studentId: UserId): number | undefined {
    const asked = this.#contactsOfCoverage.asOfTime(studentId)
    const all = this.#tables.contact.wholeAsOf
    return asked === undefined || all === undefined ? (asked ?? all) : Math.max(asked, all)
  }

  #noteAsOf(asOf: number) {
    this.#newestAsOf = Math.max(this.#newestAsOf, asOf)
  }

  /** Data with an as-of time in the future would stay young for too long. */
  #clearIfClockWasSetBack() {
    if (this.#newestAsOf > this.#clock.now() + CLOCK_TOLERANCE_MS) this.clear()
  }

  /** Small intervals are evicted together, because finding the oldest takes time. */
  #evictOldestTenth() {
    const all = this.#covered.intervalsOldestFirst()
    const tenth = all[Math.floor(all.length / 10)]
    if (tenth !== undefined) this.evictOlder(tenth.interval.asOf + 1)
  }

  /** Limits the number of intervals, because adding one takes longer the more there are. */
  #limitIntervals() {
    if (this.#covered.intervals > MAX_INTERVALS) this.#evictOldestTenth()
  }
}
