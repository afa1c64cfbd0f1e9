import type { DistrictId, UserId } from './ids.ts'
import type { Role } from './ranges.ts'
import { type ContactRecord, type StudentRecord, studentIdsOf, type UserRecord } from './records.ts'
import { type SharedKeys, sharedKeysOf } from './shared-keys.ts'
import { PHONE_TYPES, parseEnumValue, RELATIONSHIP_TYPES, RELATIONSHIPS } from './vocabulary.ts'

/**
 * A record as one string: an object with its strings would take twice the memory and twenty times the garbage collector's
 * work. It is JSON without names. Decoding one takes about 2 µs. A contact has its index entries in front of the JSON:
 * the ids of its students, and the keys of its values, so that a store indexes it without decoding it. The id of the
 * record is kept beside it, and the district is the same for all records.
 */
export type EncodedRecord = string

/** Stands for a record that Clever has and that cannot be read. */
export const UNREADABLE: EncodedRecord = ''

/** UNREADABLE for a user who could not be read; undefined for one without the role. */
export function encodeForRole(role: Role, user: UserRecord | undefined): EncodedRecord | undefined {
  if (user === undefined) return UNREADABLE
  if (role === 'student') return user.student && encodeStudent(user.student)
  return user.contact && encodeContact(user.contact)
}

/** What a store indexes of a contact. */
export interface ContactIndexEntry {
  /** Each student that the contact names, once. */
  readonly students: readonly UserId[]
  readonly sharedKeys: SharedKeys
}

const NO_ENTRY: ContactIndexEntry = { students: [], sharedKeys: [] }
const ID_LENGTH = 24
/** Digits of base 36, which hold the 30 bits of a key. */
const KEY_LENGTH = 6

/** Empty for a record that is absent or UNREADABLE. Costs about 0.2 µs. */
export function indexEntryOf(encoded: EncodedRecord | undefined): ContactIndexEntry {
  if (encoded === undefined || encoded === UNREADABLE) return NO_ENTRY
  const keysAt = encoded.indexOf(KEYS_MARK)
  const jsonAt = encoded.indexOf('[')
  const students: UserId[] = []
  for (let at = 0; at < keysAt; at += ID_LENGTH) students.push(encoded.slice(at, at + ID_LENGTH) as UserId)
  const sharedKeys: number[] = []
  for (let at = keysAt + 1; at < jsonAt; at += KEY_LENGTH)
    sharedKeys.push(Number.parseInt(encoded.slice(at, at + KEY_LENGTH), 36))
  return { students, sharedKeys }
}

const KEYS_MARK = ' '

function encodeIndexEntry(students: Iterable<UserId>, sharedKeys: SharedKeys): string {
  const keys = sharedKeys.map((key) => key.toString(36).padStart(KEY_LENGTH, '0'))
  return [...students, KEYS_MARK, ...keys].join('')
}

/** The part of an encoded record that is JSON. */
const jsonOf = (encoded: EncodedRecord) => encoded.slice(encoded.indexOf('['))

type Text = string | null
type Person = readonly [
  first: Text,
  middle: Text,
  last: Text,
  email: Text,
  created: Text,
  modified: Text,
  sisId: Text,
  legacyId: Text,
]

const encodeText = (value: string | undefined): Text => value ?? null
const decodeText = (text: Text): string | undefined => text ?? undefined

export function encodeStudent(student: StudentRecord): EncodedRecord {
  const { studentNumber, stateId, grade, schoolId, schoolIds } = student
  const texts = [studentNumber, stateId, grade, schoolId].map(encodeText)
  return JSON.stringify([...encodePerson(student), ...texts, schoolIds, ...encodeOptional(student)])
}

export function encodeContact(contact: ContactRecord): EncodedRecord {
  const { phone, phoneType, relationships } = contact
  const students = [...studentIdsOf(relationships)]
  const places = new Map(students.map((id, place) => [id, place]))
  const entries = relationships.flatMap(({ studentId, relationship, type }) => [
    places.get(studentId) ?? 0,
    encodeText(relationship.raw),
    encodeText(type.raw),
  ])
  const texts = [phone, phoneType.raw].map(encodeText)
  // Absent from nearly all records.
  const cut = contact.isTruncated ? [true] : []
  const json = JSON.stringify([...encodePerson(contact), ...texts, entries, ...cut])
  return encodeIndexEntry(students, sharedKeysOf(contact)) + json
}

export function decodeStudent(id: UserId, districtId: DistrictId, encoded: EncodedRecord): StudentRecord {
  const [
    first,
    middle,
    last,
    email,
    created,
    modified,
    sisId,
    legacyId,
    studentNumber,
    stateId,
    grade,
    schoolId,
    schoolIds,
    optional,
  ] = JSON.parse(encoded) as [...Person, Text, Text, Text, UserId | null, UserId[], Optional?]
  return {
    ...decodePerson(id, districtId, [first, middle, last, email, created, modified, sisId, legacyId]),
    studentNumber: decodeText(studentNumber),
    stateId: decodeText(stateId),
    grade: decodeText(grade),
    schoolId: schoolId ?? undefined,
    schoolIds,
    ...(optional && decodeOptional(optional)),
  }
}

/** Absent unless a setting keeps a field that the student has. */
type Optional = readonly [homeLanguage: Text, preferredName?: readonly Text[]]

function encodeOptional({ preferredName, homeLanguage }: StudentRecord): readonly Optional[] {
  if (preferredName === undefined) return homeLanguage === undefined ? [] : [[homeLanguage]]
  const { first, middle, last } = preferredName
  return [[encodeText(homeLanguage), [first, middle, last].map(encodeText)]]
}

function decodeOptional([homeLanguage, preferred]: Optional): Pick<
  StudentRecord,
  'preferredName' | 'homeLanguage'
> {
  const [first = null, middle = null, last = null] = preferred ?? []
  return {
    ...(homeLanguage !== null && { homeLanguage }),
    ...(preferred && {
      preferredName: { first: decodeText(first), middle: decodeText(middle), last: decodeText(last) },
    }),
  }
}

export function decodeContact(id: UserId, districtId: DistrictId, encoded: EncodedRecord): ContactRecord {
  const [
    first,
    middle,
    last,
    email,
    created,
    modified,
    sisId,
    legacyId,
    phone,
    phoneType,
    entries,
    isTruncated,
  ] = JSON.parse(jsonOf(encoded)) as [...Person, Text, Text, Entry[], true?]
  return {
    ...decodePerson(id, districtId, [first, middle, last, email, created, modified, sisId, legacyId]),
    phone: decodeText(phone),
    phoneType: parseEnumValue(PHONE_TYPES, decodeText(phoneType)),
    relationships: decodeEntries(encoded, entries),
    ...(isTruncated && { isTruncated }),
  }
}

/** By Clever's clock, in ms since the epoch; NaN if the record has no time, or could not be read. */
export function modifiedAtOf(encoded: EncodedRecord): number {
  if (encoded === UNREADABLE) return Number.NaN
  const [, , , , , modified] = JSON.parse(jsonOf(encoded)) as Person
  return Date.parse(modified ?? '')
}

function encodePerson({
  name,
  email,
  createdAt,
  lastModifiedAt,
  sisId,
  legacyId,
}: StudentRecord | ContactRecord): readonly Text[] {
  return [name.first, name.middle, name.last, email, createdAt, lastModifiedAt, sisId, legacyId].map(
    encodeText,
  )
}

function decodePerson(id: UserId, districtId: DistrictId, texts: Person) {
  const [first, middle, last, email, createdAt, lastModifiedAt, sisId, legacyId] = texts
  return {
    id,
    districtId,
    name: { first: decodeText(first), middle: decodeText(middle), last: decodeText(last) },
    email: decodeText(email),
    createdAt: decodeText(createdAt),
    lastModifiedAt: decodeText(lastModifiedAt),
    sisId: decodeText(sisId),
    legacyId: decodeText(legacyId),
  }
}

/** Three for each relationship: the place of the student in front of the JSON, the relationship, and its type. */
type Entry = number | Text

function decodeEntries(encoded: EncodedRecord, entries: readonly Entry[]): ContactRecord['relationships'] {
  const { students } = indexEntryOf(encoded)
  return Array.from({ length: entries.length / 3 }, (_, i) => ({
    studentId: students[Number(entries[3 * i])] as UserId,
    relationship: parseEnumValue(RELATIONSHIPS, textOf(entries[3 * i + 1])),
    type: parseEnumValue(RELATIONSHIP_TYPES, textOf(entries[3 * i + 2])),
  }))
}

const textOf = (entry: Entry | undefined) => (typeof entry === 'string' ? entry : undefined)
