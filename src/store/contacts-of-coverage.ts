import type { UserId } from '../model/ids.ts'
import {
  addInterval,
  asOfTime,
  type Coverage,
  NO_COVERAGE,
  removeIds,
  removeOlder,
  removeSpan,
  renew,
  type Span,
  singleId,
} from './coverage.ts'
import type { DecodedRecords } from './decoded-records.ts'
import { type EventVersion, newerSource } from './event-order.ts'
import { INTERVAL_BYTES, type RecordTable } from './record-table.ts'

/** The students whose contacts were read one student at a time, with the as-of time of these contacts. */
export class ContactsOfCoverage {
  readonly #records: DecodedRecords
  readonly #contacts: RecordTable
  #coverage: Coverage = NO_COVERAGE

  constructor(records: DecodedRecords) {
    this.#records = records
    this.#contacts = records.tables.contact
  }

  get coverage(): Coverage {
    return this.#coverage
  }

  get bytes(): number {
    return this.#coverage.length * INTERVAL_BYTES
  }

  asOfTime(studentId: string): number | undefined {
    return asOfTime(this.#coverage, studentId)
  }

  add(studentId: string, asOf: number) {
    this.#coverage = addInterval(this.#coverage, { ...singleId(studentId), asOf })
  }

  remove(students: Span) {
    this.#coverage = removeSpan(this.#coverage, students)
  }

  evictOlder(minAsOf: number) {
    this.#coverage = removeOlder(this.#coverage, minAsOf)
  }

  clear() {
    this.#coverage = NO_COVERAGE
  }

  renew(from: number, until: number) {
    this.#coverage = renew(this.#coverage, from, until)
  }

  /** A new contact of a student with covered contacts is added to the coverage. */
  coverNewContact(id: UserId, version: EventVersion) {
    if (this.#coverage.length === 0 || asOfTime(this.#contacts.coverage, id) !== undefined) return
    const known: number[] = []
    for (const student of this.#records.studentsIn(version.encoded)) {
      const asOf = this.asOfTime(student)
      const newer = asOf !== undefined && newerSource(version, undefined, asOf)
      if (newer === 'EVENT') known.push(asOf ?? 0)
      if (newer === 'UNKNOWN') this.remove(singleId(student))
    }
    if (known.length === 0 || version.encoded === undefined) return
    this.#contacts.write({ ...singleId(id), asOf: Math.min(...known) }, [[id, version.encoded]])
  }

  /** Removes the students that an event names as students of a contact. */
  removeStudentsOf(version: EventVersion | undefined) {
    this.#coverage = removeIds(this.#coverage, this.#records.studentsIn(version?.encoded))
  }

  /** Removes the students of the contacts in these spans, before these contacts are removed. */
  removeStudentsOfContactsIn(spans: readonly Span[]) {
    if (this.#coverage.length === 0) return
    const students = new Set<string>()
    for (const { after, upTo } of spans) {
      for (const [id, encoded] of this.#contacts.ascendingAfter(after)) {
        if (id > upTo) break
        for (const student of this.#records.studentsIn(encoded)) students.add(student)
      }
    }
    if (students.size > 0) this.#coverage = removeIds(this.#coverage, students)
  }

  /** Removes each of these contacts that names a student for whom Clever has since returned other contacts only. */
  removeOutdated(contactIds: readonly string[], asOf: number) {
    if (this.#coverage.length === 0) return
    for (const id of contactIds) {
      if (asOfTime(this.#contacts.coverage, id) !== asOf) continue
      const students = [...this.#records.studentsIn(this.#contacts.peek(id))]
      if (students.some((student) => (this.asOfTime(student) ?? asOf) > asOf))
        this.#contacts.removeSpan(singleId(id))
    }
  }
}
