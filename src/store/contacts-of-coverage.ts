import type { UserId } from '../model/ids.ts'
import {
  at,
  type Coverage,
  cover,
  forget,
  forgetIds,
  forgetOlder,
  NO_COVERAGE,
  renew,
  type Span,
  sinceOf,
} from './coverage.ts'
import type { DecodedRecords } from './decoded-records.ts'
import { newerOf, type Told } from './event-order.ts'
import { INTERVAL_BYTES, type Shelf } from './record-table.ts'

/** The students whose contacts were asked for one by one, and since when these contacts are known. */
export class ContactsOfCoverage {
  readonly #records: DecodedRecords
  readonly #contacts: Shelf
  #coverage: Coverage = NO_COVERAGE

  constructor(records: DecodedRecords) {
    this.#records = records
    this.#contacts = records.shelves.contact
  }

  get coverage(): Coverage {
    return this.#coverage
  }

  get bytes(): number {
    return this.#coverage.length * INTERVAL_BYTES
  }

  sinceOf(studentId: string): number | undefined {
    return sinceOf(this.#coverage, studentId)
  }

  cover(studentId: string, since: number) {
    this.#coverage = cover(this.#coverage, { ...at(studentId), since })
  }

  forget(students: Span) {
    this.#coverage = forget(this.#coverage, students)
  }

  forgetOlder(notBefore: number) {
    this.#coverage = forgetOlder(this.#coverage, notBefore)
  }

  forgetAll() {
    this.#coverage = NO_COVERAGE
  }

  renew(from: number, until: number) {
    this.#coverage = renew(this.#coverage, from, until)
  }

  /** A new contact of a student whose contacts are known belongs to what is known. */
  coverNewContact(id: UserId, told: Told) {
    if (this.#coverage.length === 0 || sinceOf(this.#contacts.coverage, id) !== undefined) return
    const known: number[] = []
    for (const student of this.#records.studentsIn(id, told.packed)) {
      const since = this.sinceOf(student)
      const newer = since !== undefined && newerOf(told, undefined, since)
      if (newer === 'EVENT') known.push(since ?? 0)
      if (newer === 'UNKNOWN') this.forget(at(student))
    }
    if (known.length === 0 || told.packed === undefined) return
    this.#contacts.write({ ...at(id), since: Math.min(...known) }, [[id, told.packed]])
  }

  /** Forgets the students that an event names as students of a contact. */
  forgetStudentsOf(contactId: string, told: Told | undefined) {
    this.#coverage = forgetIds(this.#coverage, this.#records.studentsIn(contactId, told?.packed))
  }

  /** Forgets the students of the contacts in these spans, as these contacts are about to be forgotten. */
  forgetStudentsOfContactsIn(spans: readonly Span[]) {
    if (this.#coverage.length === 0) return
    const students = new Set<string>()
    for (const { after, upTo } of spans) {
      for (const [id, packed] of this.#contacts.after(after)) {
        if (id > upTo) break
        for (const student of this.#records.studentsIn(id, packed)) students.add(student)
      }
    }
    if (students.size > 0) this.#coverage = forgetIds(this.#coverage, students)
  }

  /** Forgets each of these contacts that names a student for whom Clever has since returned other contacts only. */
  forgetOutdated(contactIds: readonly string[], since: number) {
    if (this.#coverage.length === 0) return
    for (const id of contactIds) {
      if (sinceOf(this.#contacts.coverage, id) !== since) continue
      const students = [...this.#records.studentsIn(id, this.#contacts.peek(id))]
      if (students.some((student) => (this.sinceOf(student) ?? since) > since)) this.#contacts.forget(at(id))
    }
  }
}
