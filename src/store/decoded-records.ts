import { decodeContact, decodeStudent, type EncodedRecord, indexEntryOf, UNREADABLE } from '../model/codec.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import type { Role, Row } from '../model/ranges.ts'
import type { ContactRecord, StudentRecord } from '../model/records.ts'
import { createContactsByStudent } from './contacts-by-student.ts'
import type { RecordOf, StoredRecord } from './district-store.ts'
import { RecentMap } from './recent-map.ts'
import { RecordTable } from './record-table.ts'
import { createSharedValues } from './shared-values.ts'

/** The minimum number of decoded records of one role that are kept, of some 2 kB each. */
const MAX_DECODED = 10_000

interface Decoded {
  readonly record: StudentRecord | ContactRecord
  /** The generation of the marks of shared values. */
  readonly marks: number
}

interface Listing {
  readonly contacts: readonly ContactRecord[]
  readonly revision: number
}

/**
 * The records of one district: one table of encoded records for each role, and the decoded records that were read last. A
 * record that does not change is the same object each time.
 */
export class DecodedRecords {
  readonly tables: Readonly<Record<Role, RecordTable>>
  readonly #districtId: DistrictId
  readonly #contactsByStudent = createContactsByStudent()
  readonly #sharedValues = createSharedValues()
  /** Has only records that are in the tables. */
  readonly #decoded: Readonly<Record<Role, RecentMap<Decoded>>> = {
    student: new RecentMap(MAX_DECODED),
    contact: new RecentMap(MAX_DECODED),
  }
  /** The contacts that name a student, until any contact changes. */
  readonly #listing = new RecentMap<Listing>(MAX_DECODED)
  #contactChanges = 0
  #studentChanges = 0

  constructor(districtId: DistrictId) {
    this.#districtId = districtId
    this.tables = {
      student: new RecordTable((id, before) => {
        if (before !== undefined) this.#decoded.student.delete(id)
        this.#studentChanges += 1
      }),
      contact: new RecordTable((id, before, after) => {
        if (before !== undefined) this.#decoded.contact.delete(id)
        this.#contactChanges += 1
        const [was, is] = [indexEntryOf(before), indexEntryOf(after)]
        this.#contactsByStudent.change(id, was.students, is.students)
        this.#sharedValues.change(was.sharedKeys, is.sharedKeys)
      }),
    }
  }

  /** The stored record, of any age. */
  find<R extends Role>(role: R, id: string): StoredRecord<R> {
    // A decoded record saves the look-up in the table.
    const known = this.#decoded[role].get(id)
    if (known?.marks === this.#sharedValues.generation) return known.record as RecordOf<R>
    return this.#decode(role, id, this.tables[role].peek(id))
  }

  /** The record of a row that was just read from the table. */
  decode<R extends Role>(role: R, id: string, encoded: EncodedRecord): StoredRecord<R> {
    const known = this.#decoded[role].get(id)
    if (known?.marks === this.#sharedValues.generation) return known.record as RecordOf<R>
    return this.#decode(role, id, encoded)
  }

  /** The stored contacts that name a student. */
  contactsListing(studentId: UserId): readonly ContactRecord[] {
    const known = this.#listing.get(studentId)
    const revision = this.revision('contact')
    if (known?.revision === revision) return known.contacts
    const contacts = this.#contactsByStudent
      .contactsOf(studentId)
      .map((id) => this.find('contact', id))
      .filter((contact) => typeof contact === 'object')
    this.#listing.set(studentId, { contacts, revision })
    return contacts
  }

  idsListing(studentId: UserId): readonly string[] {
    return this.#contactsByStudent.contactsOf(studentId)
  }

  /** The students that a contact names. */
  studentsIn(encoded: EncodedRecord | undefined): ReadonlySet<string> {
    return new Set(indexEntryOf(encoded).students)
  }

  /** A number that grows whenever a record of a role is added, removed, changed or marked differently. */
  revision(role: Role): number {
    return role === 'student' ? this.#studentChanges : this.#contactChanges + this.#sharedValues.generation
  }

  /** The record with the values marked that many contacts of the district have. */
  mark(record: ContactRecord): ContactRecord {
    return this.#sharedValues.mark(record)
  }

  get bytes(): number {
    const { student, contact } = this.tables
    return student.bytes + contact.bytes + this.#contactsByStudent.bytes + this.#sharedValues.bytes
  }

  /** The record of a row that is not read from the table. */
  recordOf<R extends Role>(role: R, { id, encoded }: Row): StoredRecord<R> {
    if (encoded === null) throw new Error('a row that was not wanted')
    if (encoded === undefined) return undefined
    if (encoded === UNREADABLE) return 'UNREADABLE'
    const record =
      role === 'student'
        ? decodeStudent(id, this.#districtId, encoded)
        : this.#sharedValues.mark(decodeContact(id, this.#districtId, encoded))
    return record as RecordOf<R>
  }

  #decode<R extends Role>(role: R, id: string, encoded: EncodedRecord | undefined): StoredRecord<R> {
    const record = this.recordOf(role, { id: id as UserId, encoded })
    if (typeof record === 'object')
      this.#decoded[role].set(id, { record, marks: this.#sharedValues.generation })
    return record
  }
}
