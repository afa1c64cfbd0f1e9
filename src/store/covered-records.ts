import type { UserEvent } from '../model/events.ts'
import type { UserId } from '../model/ids.ts'
import type { Role } from '../model/ranges.ts'
import type { UserRecord } from '../model/records.ts'
import type { ContactsOfCoverage } from './contacts-of-coverage.ts'
import { at, type Interval, type Span, sinceOf } from './coverage.ts'
import type { DecodedRecords } from './decoded-records.ts'
import { entriesOf } from './encode-rows.ts'
import { type Told, toldOf } from './event-order.ts'
import type { Entry, Shelf } from './record-table.ts'

export const ROLES = ['student', 'contact'] as const
/** Records forgotten at a time. */
const SHRINK_BY = 1_000

/** An interval of one kind of coverage; without a role, of the students whose contacts were asked for. */
interface CoveredInterval {
  readonly role: Role | undefined
  readonly interval: Interval
}

/** Writes and forgets the records of a district, so that both kinds of coverage stay true. Times are ms since the epoch. */
export class CoveredRecords {
  readonly #records: DecodedRecords
  readonly #shelves: Readonly<Record<Role, Shelf>>
  readonly #askedFor: ContactsOfCoverage

  constructor(records: DecodedRecords, askedFor: ContactsOfCoverage) {
    this.#records = records
    this.#shelves = records.shelves
    this.#askedFor = askedFor
  }

  /** Writes what Clever returned for a span; false if only Clever can answer whether some of it is out of date. */
  write(role: Role, interval: Interval, entries: readonly Entry[]): boolean {
    const doubtful = this.#shelves[role].write(interval, entries)
    for (const id of doubtful) this.#forgetDoubtful(role, id, this.#shelves[role].told(id))
    return doubtful.length === 0
  }

  writeUser(id: UserId, user: UserRecord | undefined, since: number) {
    const rows = user === undefined ? [] : [{ id, user }]
    for (const role of ROLES) {
      const entries = entriesOf(role, rows)
      // No request looks for a contact among the students.
      if (entries.length > 0 || hasNoRole(user)) this.write(role, { ...at(id), since }, entries)
    }
    this.#askedFor.forgetOutdated([id], since)
  }

  /** Writes all contacts of a student. */
  writeContactsOf(studentId: UserId, users: readonly UserRecord[], since: number) {
    const { contact: shelf } = this.#records.shelves
    let isCertain = true
    const write = (id: string, entries: readonly Entry[]) => {
      if (!this.write('contact', { ...at(id), since }, entries)) isCertain = false
    }
    for (const user of users) write(user.id, entriesOf('contact', [{ id: user.id, user }]))
    // What events have told since the call was sent is newer than its answer.
    const told = new Map(shelf.toldSince(since))
    for (const [id, { packed }] of told)
      if (this.#records.studentsIn(id, packed).has(studentId)) write(id, [])
    // A contact that named this student, and is not in the answer, is now known to be out of date.
    const ids = new Set<string>(users.map(({ id }) => id))
    for (const id of this.#records.idsNaming(studentId)) {
      const isNewer = told.has(id) || (sinceOf(shelf.coverage, id) ?? 0) > since
      if (!ids.has(id) && !isNewer) this.forget('contact', at(id))
    }
    if (isCertain) this.#askedFor.cover(studentId, since)
  }

  tell(role: Role, event: UserEvent, now: number) {
    const { userId } = event
    const told = toldOf(role, event, now)
    // Clever names no contacts of a student who is not shared.
    if (role === 'student' && told.packed === undefined) this.#askedFor.forget(at(userId))
    if (role === 'contact' && told.packed !== undefined) this.#askedFor.coverNewContact(userId, told)
    // Remembered also where nothing is known: an answer under way may still be older.
    if (this.#shelves[role].tell(userId, told) === 'UNKNOWN') this.#forgetDoubtful(role, userId, told)
  }

  renew(from: number, until: number) {
    for (const role of ROLES) this.#shelves[role].renew(from, until)
    this.#askedFor.renew(from, until)
  }

  forget(role: Role, span: Span) {
    if (role === 'contact') this.#askedFor.forgetStudentsOfContactsIn([span])
    this.#shelves[role].forget(span)
  }

  forgetAll() {
    for (const role of ROLES) this.#shelves[role].forgetAll()
    this.#askedFor.forgetAll()
  }

  forgetOlder(notBefore: number, now: number) {
    this.#askedFor.forgetOlder(notBefore)
    for (const role of ROLES) this.#shelves[role].forgetTold(now)
    const old = this.#shelves.contact.coverage.filter(({ since }) => since < notBefore)
    this.#askedFor.forgetStudentsOfContactsIn(old)
    for (const role of ROLES) this.#shelves[role].forgetOlder(notBefore)
  }

  /** Forgets some of what is known as a whole: from its lowest id on. */
  shrink({ role, interval: { after, upTo } }: CoveredInterval) {
    if (role === undefined) {
      this.#askedFor.forget({ after, upTo })
      return
    }
    const [last] = this.#shelves[role]
      .after(after)
      .drop(SHRINK_BY - 1)
      .next().value ?? [upTo]
    this.forget(role, { after, upTo: last < upTo ? last : upTo })
  }

  /** How many intervals both kinds of coverage have. */
  get intervals(): number {
    return this.#kinds().reduce((sum, { coverage }) => sum + coverage.length, 0)
  }

  intervalsOldestFirst(): readonly CoveredInterval[] {
    return this.#kinds()
      .flatMap(({ role, coverage }) => coverage.map((interval) => ({ role, interval })))
      .sort((a, b) => a.interval.since - b.interval.since)
  }

  #kinds() {
    return [
      ...ROLES.map((role) => ({ role, coverage: this.#shelves[role].coverage })),
      { role: undefined, coverage: this.#askedFor.coverage },
    ]
  }

  /** Only Clever can answer whether the event or the answer is newer: it is asked again. */
  #forgetDoubtful(role: Role, id: string, told: Told | undefined) {
    if (role === 'contact') this.#askedFor.forgetStudentsOf(id, told)
    this.forget(role, at(id))
  }
}

function hasNoRole(user: UserRecord | undefined): boolean {
  return user?.student === undefined && user?.contact === undefined
}
