import type { DistrictId, UserId } from '../model/ids.ts'
import type { Role } from '../model/ranges.ts'
import { type ContactRecord, type StudentRecord, studentIdsOf } from '../model/records.ts'
import { type Packed, unpackContact, unpackStudent } from './codec.ts'
import { createPairs } from './contacts-by-student.ts'
import type { Answer, RecordOf } from './district-store.ts'
import { RecentMap } from './recent-map.ts'
import { Shelf, UNREADABLE } from './record-table.ts'
import { createSharedValues } from './shared-values.ts'

/** Decoded records of one role that are kept, at least; some 2 kB each. */
const MAX_DECODED = 10_000

interface Decoded {
  readonly record: StudentRecord | ContactRecord
  /** The generation of the marks of shared values. */
  readonly marks: number
}

interface Naming {
  readonly contacts: readonly ContactRecord[]
  readonly revision: number
}

/**
 * The records of one district: one shelf of encoded records for each role, and the decoded records that were read last. A
 * record that does not change is the same object each time.
 */
export class DecodedRecords {
  readonly shelves: Readonly<Record<Role, Shelf>>
  readonly #districtId: DistrictId
  readonly #pairs = createPairs()
  readonly #sharedValues = createSharedValues()
  readonly #decoded: Readonly<Record<Role, RecentMap<Decoded>>> = {
    student: new RecentMap(MAX_DECODED),
    contact: new RecentMap(MAX_DECODED),
  }
  /** The contacts that name a student, until any contact changes. */
  readonly #naming = new RecentMap<Naming>(MAX_DECODED)
  #contactChanges = 0
  #studentChanges = 0

  constructor(districtId: DistrictId) {
    this.#districtId = districtId
    this.shelves = {
      student: new Shelf((id) => {
        this.#decoded.student.delete(id)
        this.#studentChanges += 1
      }),
      contact: new Shelf((id, before, after) => {
        this.#decoded.contact.delete(id)
        this.#contactChanges += 1
        const [was, is] = [this.#contactIn(id, before), this.#contactIn(id, after)]
        this.#pairs.change(id, studentIdsOf(was?.relationships ?? []), studentIdsOf(is?.relationships ?? []))
        this.#sharedValues.change(was, is)
      }),
    }
  }

  /** The record as it is held, of whatever age. */
  find<R extends Role>(role: R, id: string): Answer<R> {
    // A decoded record spares the look-up in the tree.
    const known = this.#decoded[role].get(id)
    if (known?.marks === this.#sharedValues.generation) return known.record as RecordOf<R>
    return this.#decode(role, id, this.shelves[role].peek(id))
  }

  /** The record of an entry that was just read from the shelf. */
  unpack<R extends Role>(role: R, id: string, packed: Packed): Answer<R> {
    const known = this.#decoded[role].get(id)
    if (known?.marks === this.#sharedValues.generation) return known.record as RecordOf<R>
    return this.#decode(role, id, packed)
  }

  /** The contacts that name a student, as they are held. */
  contactsNaming(studentId: UserId): readonly ContactRecord[] {
    const known = this.#naming.get(studentId)
    const revision = this.revision('contact')
    if (known?.revision === revision) return known.contacts
    const contacts = this.#pairs
      .contactsOf(studentId)
      .map((id) => this.find('contact', id))
      .filter((contact) => typeof contact === 'object')
    this.#naming.set(studentId, { contacts, revision })
    return contacts
  }

  idsNaming(studentId: UserId): readonly string[] {
    return this.#pairs.contactsOf(studentId)
  }

  /** The students that a contact names. */
  studentsIn(id: string, packed: Packed | undefined): ReadonlySet<string> {
    return studentIdsOf(this.#contactIn(id, packed)?.relationships ?? [])
  }

  /** A greater number whenever a record of a role has come, gone or changed, or is marked otherwise. */
  revision(role: Role): number {
    return role === 'student' ? this.#studentChanges : this.#contactChanges + this.#sharedValues.generation
  }

  /** The record with the values marked that many contacts of the district have. */
  mark(record: ContactRecord): ContactRecord {
    return this.#sharedValues.mark(record)
  }

  get bytes(): number {
    const { student, contact } = this.shelves
    return student.bytes + contact.bytes + this.#pairs.bytes + this.#sharedValues.bytes
  }

  #decode<R extends Role>(role: R, id: string, packed: Packed | undefined): Answer<R> {
    if (packed === undefined) return undefined
    if (packed === UNREADABLE) return 'UNREADABLE'
    const record =
      role === 'student'
        ? unpackStudent(id as UserId, this.#districtId, packed)
        : this.#sharedValues.mark(unpackContact(id as UserId, this.#districtId, packed))
    this.#decoded[role].set(id, { record, marks: this.#sharedValues.generation })
    return record as RecordOf<R>
  }

  #contactIn(id: string, packed: Packed | undefined): ContactRecord | undefined {
    return packed === undefined || packed === UNREADABLE
      ? undefined
      : unpackContact(id as UserId, this.#districtId, packed)
  }
}
