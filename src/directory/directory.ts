import type { UserEvent } from '../clever/events.ts'
import type { DistrictId, UserId } from '../clever/ids.ts'
import type { Range, RangePage, Role } from '../clever/ranges.ts'
import type { ContactRecord, StudentRecord, UserRecord } from '../clever/records.ts'
import type { Schools } from '../clever/schools.ts'
import type { Coverage, Span } from './coverage.ts'

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

/**
 * What we know of one district. Every look-up is answered at once from what is known since `notBefore` (ms since the
 * epoch) or later; undefined is a miss: only Clever knows.
 */
export interface Directory {
  readonly districtId: DistrictId
  find<R extends Role>(role: R, id: UserId, notBefore: number): Known<Answer<R>> | undefined
  /** The contacts of a student, each with all its relationships; nobody for a student who is not shared. */
  contactsOf(studentId: UserId, notBefore: number): Known<readonly ContactRecord[]> | undefined
  /** The same, of whom it is known elsewhere that there is such a student. */
  contactsNaming(studentId: UserId, notBefore: number): Known<readonly ContactRecord[]> | undefined
  /** Where it may be cut, fewer rows than there are do, as long as there are any. */
  list<R extends Role>(
    range: Range & { readonly role: R },
    notBefore: number,
    options?: { readonly mayBeCut?: boolean },
  ): Known<Listed<R>> | undefined
  /** Of all records of a role. */
  count(role: Role, notBefore: number): Known<number> | undefined
  schools(notBefore: number): Known<Schools> | undefined

  /** Each tells of a call that was sent at `since`, and is the whole truth about what was asked for. */
  learnUser(id: UserId, user: UserRecord | undefined, since: number): void
  learnRange(range: Range, page: RangePage, since: number): void
  learnContactsOf(studentId: UserId, users: readonly UserRecord[], since: number): void
  learnSchools(schools: Schools, since: number): void

  /** A record that was read elsewhere, with the values that many contacts of the district have: see `ContactRecord.shared`. */
  markShared(record: ContactRecord): ContactRecord
  /** Idempotent. Events of one user must come in their order. */
  apply(event: UserEvent): void
  /** What is known since `from` or later has not changed until `until`, but for the events that were applied. */
  renew(from: number, until: number): void
  forgetOlder(notBefore: number): void
  forgetAll(): void
  /** Forgets what has been known longest, some of it; false when nothing is left. */
  shrink(): boolean

  /** Since when all records of a role are known, in ms since the epoch; undefined where some are not. */
  wholeSince(role: Role): number | undefined
  /** A greater number whenever a record of a role has come, gone or changed, or is marked otherwise. */
  revision(role: Role): number

  coverage(role: Role): Coverage
  size(role: Role): number
  /** The record with the highest id that is held. */
  last(role: Role): UserId | undefined
  /** How many records, of whatever age, are known to lie in a span; undefined where not all of it is known. */
  rowsIn(role: Role, span: Span): number | undefined
  /** Of memory, as far as can be counted. */
  readonly bytes: number
}
