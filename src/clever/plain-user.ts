import { ID_LENGTH, type UserId } from '../model/ids.ts'
import type { KeptFields } from '../model/optional-fields.ts'
import type { Role } from '../model/ranges.ts'
import { SHARED_FIELDS, type SharedField, sharedKeyIn, sharedKeyOf } from '../model/shared-keys.ts'
import { parseEnumValue } from '../model/vocabulary.ts'
import { ByteWords } from './byte-words.ts'
import { LIMITS } from './fields.ts'
import { isIdAt } from './id-at.ts'
import { isIsoTime, isUsualTime } from './iso-time.ts'
import { type JsonScanner, NOT_PLAIN } from './json-scanner.ts'
import type { RowPacker } from './packed-rows.ts'
import { RecordBytes } from './record-bytes.ts'
import { type Member, NAME, PREFERRED_NAME, RELATIONSHIP, type Shape, shapeOf, USER } from './user-shapes.ts'
import { type Slot, slotOf, ValuePositions } from './value-positions.ts'

/** Bytes. In a record of this size no list and no sum of texts exceeds LIMITS. */
const MAX_RECORD = 20_000
/** Bytes of an encoded record that are not in the page: null for each value that is absent. */
const MAX_ADDED = 1_000
/** Roles that `parseUser` reads. A user who has two of them is not plain. */
const READ_ROLES = ['student', 'contact', 'staff']
const ROLE_NAMES = new ByteWords(READ_ROLES)
const ID = slotOf('id')
const SHARED_SLOTS = SHARED_FIELDS.map((field) => ({ field, slot: slotOf(field) }))
const ENTRY = {
  student: slotOf('entryStudent'),
  relationship: slotOf('entryRelationship'),
  type: slotOf('entryType'),
}

/**
 * Reads a user of one role from the bytes of JSON, and packs it encoded, without parsing it into objects. It reads plain records,
 * which nearly all are: those without escapes, without texts where Clever documents another type, within all limits of
 * size, and with one role. Throws NOT_PLAIN for others, which `parseUser` reads. For a plain record, both have the same
 * result.
 */
export class PlainUserReader {
  readonly #json: JsonScanner
  readonly #role: Role
  readonly #roleShape: Shape
  readonly #values = new ValuePositions()
  readonly #encoder: RecordBytes
  readonly #sharedKeys: number[] = []
  #hasName = false
  #hasRole = false
  /** The fields of the last record with a value that Clever does not document. */
  readonly unknownFields: string[] = []

  constructor(json: JsonScanner, role: Role, kept: KeptFields, packer: RowPacker) {
    this.#json = json
    this.#role = role
    this.#roleShape = shapeOf(role, kept)
    this.#encoder = new RecordBytes(json.bytes, packer, MAX_RECORD + MAX_ADDED)
  }

  /** Steps over the record. Returns its id. */
  read(): UserId {
    const start = this.#json.at
    this.#hasName = false
    this.#hasRole = false
    this.unknownFields.length = 0
    this.#values.clear()
    this.#readObject(USER)
    if (!this.#hasRole || this.#json.at - start > MAX_RECORD) throw NOT_PLAIN
    return this.#id()
  }

  /** Packs the record that was just read. */
  pack() {
    const values = this.#values
    if (this.#role === 'student') {
      this.#encoder.student(values)
      return
    }
    this.#sharedKeys.length = 0
    for (const { field, slot } of SHARED_SLOTS) {
      const key = this.#sharedKeyOf(field, slot)
      if (key !== undefined) this.#sharedKeys.push(key)
    }
    this.#encoder.contact(values, this.#sharedKeys)
  }

  #id(): UserId {
    if (!this.#values.has(ID)) throw NOT_PLAIN
    return this.#json.ascii(this.#values.startOf(ID), this.#values.endOf(ID)) as UserId
  }

  #readObject({ names, members }: Shape) {
    const json = this.#json
    for (let more = json.open('OBJECT'); more; more = json.next('OBJECT')) {
      const place = json.key(names)
      const member = place < 0 ? undefined : members[place]
      if (member === undefined) json.skip()
      else this.#readMember(member)
    }
  }

  #readMember(member: Member) {
    switch (member.kind) {
      case 'TEXT':
        this.#readText(member.slot)
        return
      case 'TIME':
        this.#readTime(member.slot)
        return
      case 'ID':
        this.#readId(member.slot)
        return
      case 'WORD':
        this.#readWord(member)
        return
      case 'NAME':
        // JSON.parse takes the second of two names alone.
        if (this.#hasName) throw NOT_PLAIN
        this.#hasName = true
        this.#readObject(NAME)
        return
      case 'PREFERRED_NAME':
        for (const slot of PREFERRED_NAME.slots) this.#values.remove(slot)
        this.#readObject(PREFERRED_NAME)
        return
      case 'ROLES':
        this.#readRoles()
        return
      case 'SCHOOL_IDS':
        this.#readSchoolIds()
        return
      case 'RELATIONSHIPS':
        this.#readRelationships()
    }
  }

  #readRoles() {
    const json = this.#json
    if (this.#hasRole) throw NOT_PLAIN
    for (let more = json.open('OBJECT'); more; more = json.next('OBJECT')) {
      const place = json.key(ROLE_NAMES)
      if (place < 0) json.skip()
      else if (this.#hasRole || READ_ROLES[place] !== this.#role) throw NOT_PLAIN
      else {
        this.#hasRole = true
        this.#readObject(this.#roleShape)
      }
    }
  }

  #readSchoolIds() {
    const [json, { schoolIds }] = [this.#json, this.#values]
    schoolIds.length = 0
    for (let more = json.open('LIST'); more; more = json.next('LIST')) {
      this.#stepOverId()
      schoolIds.push(json.start)
    }
  }

  #readRelationships() {
    const [json, values] = [this.#json, this.#values]
    const { studentIds, words } = values
    studentIds.length = 0
    words.length = 0
    for (let more = json.open('LIST'); more; more = json.next('LIST')) {
      for (const slot of RELATIONSHIP.slots) values.remove(slot)
      this.#readObject(RELATIONSHIP)
      if (!values.has(ENTRY.student)) throw NOT_PLAIN
      studentIds.push(values.startOf(ENTRY.student))
      words.push(values.startOf(ENTRY.relationship), values.endOf(ENTRY.relationship))
      words.push(values.startOf(ENTRY.type), values.endOf(ENTRY.type))
    }
  }

  #sharedKeyOf(field: SharedField, slot: Slot): number | undefined {
    const [{ bytes }, values] = [this.#json, this.#values]
    if (!values.has(slot)) return undefined
    const [start, end] = [values.startOf(slot), values.endOf(slot)]
    return isAscii(bytes, start, end)
      ? sharedKeyIn(field, bytes, start, end)
      : sharedKeyOf(field, this.#textOf(slot))
  }

  #textOf(slot: Slot): string | undefined {
    const values = this.#values
    return values.has(slot) ? this.#json.text(values.startOf(slot), values.endOf(slot)) : undefined
  }

  #readWord({ slot, field, vocabulary }: Extract<Member, { readonly kind: 'WORD' }>) {
    this.#readText(slot)
    const [json, values] = [this.#json, this.#values]
    if (!values.has(slot)) return
    if (vocabulary.words.find(json.bytes, json.start, json.end) >= 0) return
    if (!parseEnumValue(vocabulary.values, this.#textOf(slot)).isKnown) this.unknownFields.push(field)
  }

  /** A text that JSON.stringify would write as it is here. */
  #readText(slot: Slot) {
    const json = this.#json
    this.#values.remove(slot)
    if (json.takeNull()) return
    json.string()
    if (json.end - json.start > LIMITS.text) throw NOT_PLAIN
    if (!this.#isBlank()) this.#values.set(slot, json.start, json.end)
  }

  /** Whether the last string has nothing but white space. Nearly all are empty, or begin with a letter or a digit. */
  #isBlank(): boolean {
    const { bytes, start, end } = this.#json
    if (start === end) return true
    const first = bytes[start] ?? 0
    const isVisible = first > 0x20 && first < 0x7f
    return !isVisible && !/\S/.test(this.#json.text(start, end))
  }

  #readTime(slot: Slot) {
    const json = this.#json
    this.#values.remove(slot)
    if (json.takeNull()) return
    json.string()
    const { bytes, start, end } = json
    if (isUsualTime(bytes, start, end) || isIsoTime(json.text(start, end))) this.#values.set(slot, start, end)
  }

  #readId(slot: Slot) {
    this.#stepOverId()
    this.#values.set(slot, this.#json.start, this.#json.end)
  }

  #stepOverId() {
    const json = this.#json
    json.string()
    if (json.end - json.start !== ID_LENGTH || !isIdAt(json.bytes, json.start)) throw NOT_PLAIN
  }
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if ((bytes[at] ?? 0) >= 0x80) return false
  return true
}
