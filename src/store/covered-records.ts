import { encodeForRole } from '../model/codec.ts'
import type { UserEvent } from '../model/events.ts'
import type { UserId } from '../model/ids.ts'
import { ROLES, type Role } from '../model/ranges.ts'
import type { UserRecord } from '../model/records.ts'
import type { ContactsOfCoverage } from './contacts-of-coverage.ts'
import { asOfTime, type Interval, type Span, singleId } from './coverage.ts'
import type { DecodedRecords } from './decoded-records.ts'
import type { EncodedRow } from './encoded-records.ts'
import { type EventVersion, eventVersion } from './event-order.ts'
import type { RecordTable } from './record-table.ts'

/** The number of records that are evicted at a time. */
const EVICT_AT_ONCE = 1_000

/**
 * An interval of one kind of coverage: of a role, or (without a role) of the students whose contacts were
 * read one student at a time.
 */
interface CoveredInterval {
  readonly role: Role | undefined
  readonly interval: Interval
}

/**
 * Writes and removes the records of a district, so that both kinds of coverage stay true. Times are ms since the epoch.
 */
export class CoveredRecords {
  readonly #records: DecodedRecords
  readonly #tables: Readonly<Record<Role, RecordTable>>
  readonly #contactsOfCoverage: ContactsOfCoverage

  constructor(records: DecodedRecords, contactsOfCoverage: ContactsOfCoverage) {
    this.#records = records
    this.#tables = records.tables
    this.#contactsOfCoverage = contactsOfCoverage
  }

  /** Writes what Clever returned for a span; false if only Clever can answer whether some of it is out of date. */
  write(role: Role, interval: Interval, entries: readonly EncodedRow[]): boolean {
    const uncertain = this.#tables[role].write(interval, entries)
    for (const id of uncertain) this.#removeUncertain(role, id, this.#tables[role].recentEvent(id))
    return uncertain.length === 0
  }

  writeUser(id: UserId, user: UserRecord | undefined, asOf: number) {
    for (const role of ROLES) {
      const entries = entriesOf(role, user)
      // A user with another role only needs no note of absence, because requests look for a user by its role.
      if (entries.length > 0 || hasNoRole(user)) this.write(role, { ...singleId(id), asOf }, entries)
    }
    this.#contactsOfCoverage.removeOutdated([id], asOf)
  }

  /** Writes all contacts of a student. */
  writeContactsOf(studentId: UserId, users: readonly UserRecord[], asOf: number) {
    const { contact: table } = this.#records.tables
    let isCertain = true
    const write = (id: string, entries: readonly EncodedRow[]) => {
      if (!this.write('contact', { ...singleId(id), asOf }, entries)) isCertain = false
    }
    for (const user of users) write(user.id, entriesOf('contact', user))
    // An event that came after the call was sent may be newer than the answer.
    const events = new Map(table.eventsNewerThan(asOf))
    for (const [id, { encoded }] of events)
      if (this.#records.studentsIn(encoded).has(studentId)) write(id, [])
    // A contact that named this student, and is not in the answer, is out of date.
    const ids = new Set<string>(users.map(({ id }) => id))
    for (const id of this.#records.idsListing(studentId)) {
      const isNewer = events.has(id) || (asOfTime(table.coverage, id) ?? 0) > asOf
      if (!ids.has(id) && !isNewer) this.remove('contact', singleId(id))
    }
    if (isCertain) this.#contactsOfCoverage.add(studentId, asOf)
  }

  applyEvent(role: Role, event: UserEvent, now: number) {
    const { userId } = event
    const version = eventVersion(role, event, now)
    // Clever names no contacts of a student who is not shared.
    if (role === 'student' && version.encoded === undefined) this.#contactsOfCoverage.remove(singleId(userId))
    if (role === 'contact' && version.encoded !== undefined)
      this.#contactsOfCoverage.coverNewContact(userId, version)
    // The event is remembered even if the id is not covered, because an answer under way may be older than
    // the event.
    if (this.#tables[role].applyEvent(userId, version) === 'UNKNOWN')
      this.#removeUncertain(role, userId, version)
  }

  renew(from: number, until: number) {
    for (const role of ROLES) this.#tables[role].renew(from, until)
    this.#contactsOfCoverage.renew(from, until)
  }

  remove(role: Role, span: Span) {
    if (role === 'contact') this.#contactsOfCoverage.removeStudentsOfContactsIn([span])
    this.#tables[role].removeSpan(span)
  }

  clear() {
    for (const role of ROLES) this.#tables[role].clear()
    this.#contactsOfCoverage.clear()
  }

  evictOlder(minAsOf: number, now: number) {
    this.#contactsOfCoverage.evictOlder(minAsOf)
    for (const role of ROLES) this.#tables[role].dropOldEvents(now)
    const old = this.#tables.contact.coverage.filter(({ asOf }) => asOf < minAsOf)
    this.#contactsOfCoverage.removeStudentsOfContactsIn(old)
    for (const role of ROLES) this.#tables[role].evictOlder(minAsOf)
  }

  /** Evicts a part of an interval, from its lowest id on. */
  evictSome({ role, interval: { after, upTo } }: CoveredInterval) {
    if (role === undefined) {
      this.#contactsOfCoverage.remove({ after, upTo })
      return
    }
    const ids = this.#tables[role].idsAfter(after)
    const last = ids.drop(EVICT_AT_ONCE - 1).next().value ?? upTo
    this.remove(role, { after, upTo: last < upTo ? last : upTo })
  }

  /** How many intervals both kinds of coverage have. */
  get intervals(): number {
    return this.#kinds().reduce((sum, { coverage }) => sum + coverage.length, 0)
  }

  intervalsOldestFirst(): readonly CoveredInterval[] {
    return this.#kinds()
      .flatMap(({ role, coverage }) => coverage.map((interval) => ({ role, interval })))
      .sort((a, b) => a.interval.asOf - b.interval.asOf)
  }

  #kinds() {
    return [
      ...ROLES.map((role) => ({ role, coverage: this.#tables[role].coverage })),
      { role: undefined, coverage: this.#contactsOfCoverage.coverage },
    ]
  }

  /** Only Clever can say whether the event or the answer is newer, so the record is read again. */
  #removeUncertain(role: Role, id: string, version: EventVersion | undefined) {
    if (role === 'contact') this.#contactsOfCoverage.removeStudentsOf(version)
    this.remove(role, singleId(id))
  }
}

function entriesOf(role: Role, user: UserRecord | undefined): readonly EncodedRow[] {
  const encoded = user && encodeForRole(role, user)
  return user === undefined || encoded === undefined ? [] : [[user.id, encoded]]
}

function hasNoRole(user: UserRecord | undefined): boolean {
  return user?.student === undefined && user?.contact === undefined
}
