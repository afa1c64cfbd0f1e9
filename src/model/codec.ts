import { type DistrictId, ID_LENGTH, type UserId } from './ids.ts'
import type { Role } from './ranges.ts'
import type { ContactRecord, StudentRecord, UserRecord } from './records.ts'
import { type SharedKeys, sharedKeysOf } from './shared-keys.ts'
import { PHONE_TYPES, parseEnumValue, RELATIONSHIP_TYPES, RELATIONSHIPS } from './vocabulary.ts'

/**
 * A record as one string: an object with its strings would take twice the memory and twenty times the garbage collector's
 * work. It is JSON without names. Decoding one takes about 2 µs. In front of the JSON of a contact stand the id of the
 * student of each relationship and the keys of its values, so that a store indexes it without decoding it. The id of
 * the record is kept beside it, and the district is the same for all records.
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
/** Characters that hold 5 bits each of the 30 bits of a key. They come after "[", with which the JSON begins. */
const KEY_LENGTH = 6
const FIRST_DIGIT = 0x60

/** Empty for a record that is absent or UNREADABLE. Costs about 0.2 µs. */
export function indexEntryOf(encoded: EncodedRecord | undefined): ContactIndexEntry {
  if (encoded === undefined || encoded === UNREADABLE) return NO_ENTRY
  const students = studentsOf(encoded)
  const sharedKeys: number[] = []
  const jsonAt = encoded.indexOf('[')
  for (let at = encoded.indexOf(KEYS_MARK) + 1; at < jsonAt; at += KEY_LENGTH)
    sharedKeys.push(readKey(encoded, at))
  return { students: distinct(students), sharedKeys }
}

/** Ids. Beyond this number a set is faster: it computes a hash of each id. */
const FEW = 8

function distinct(ids: readonly UserId[]): readonly UserId[] {
  if (ids.length > FEW) return [...new Set(ids)]
  return ids.length > 1 ? ids.filter((id, i) => ids.indexOf(id) === i) : ids
}

/** Stands between the ids and the keys. */
export const KEYS_MARK = ' '

function readKey(encoded: EncodedRecord, at: number): number {
  let key = 0
  for (let i = at; i < at + KEY_LENGTH; i += 1) key = (key << 5) | (encoded.charCodeAt(i) - FIRST_DIGIT)
  return key
}

export function printKey(key: number): string {
  const digit = (shift: number) => FIRST_DIGIT + ((key >>> shift) & 31)
  return String.fromCharCode(digit(25), digit(20), digit(15), digit(10), digit(5), digit(0))
}

/** The student of each relationship of a contact, in their order. */
function studentsOf(encoded: EncodedRecord): UserId[] {
  const end = encoded.indexOf(KEYS_MARK)
  const students: UserId[] = []
  for (let at = 0; at < end; at += ID_LENGTH) students.push(encoded.slice(at, at + ID_LENGTH) as UserId)
  return students
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

const decodeText = (text: Text): string | undefined => text ?? undefined

/** The texts of a record, in the order of its JSON. */
const PERSON_TEXTS = ['first', 'middle', 'last', 'email', 'created', 'modified', 'sisId', 'legacyId'] as const
export const STUDENT_TEXTS = [...PERSON_TEXTS, 'studentNumber', 'stateId', 'grade', 'schoolId'] as const
export const CONTACT_TEXTS = [...PERSON_TEXTS, 'phone', 'phoneType'] as const

function textsOf(person: StudentRecord | ContactRecord): readonly (string | undefined)[] {
  const { name, email, createdAt, lastModifiedAt, sisId, legacyId } = person
  return [name.first, name.middle, name.last, email, createdAt, lastModifiedAt, sisId, legacyId]
}

export function encodeStudent(student: StudentRecord): EncodedRecord {
  const { studentNumber, stateId, grade, schoolId, schoolIds, homeLanguage, preferredName } = student
  const texts = [...textsOf(student), studentNumber, stateId, grade, schoolId]
  const name = preferredName && [preferredName.first, preferredName.middle, preferredName.last]
  const optional = name === undefined ? [homeLanguage] : [homeLanguage, name]
  // Absent unless a setting keeps a field that the student has.
  const hasOptional = optional.some((value) => value !== undefined)
  return JSON.stringify(hasOptional ? [...texts, schoolIds, optional] : [...texts, schoolIds])
}

export function encodeContact(contact: ContactRecord): EncodedRecord {
  const { phone, phoneType, relationships, isTruncated } = contact
  const words = relationships.flatMap(({ relationship, type }) => [relationship.raw, type.raw])
  // Absent from nearly all records.
  const truncated = isTruncated ? [true] : []
  const json = JSON.stringify([...textsOf(contact), phone, phoneType.raw, words, ...truncated])
  const students = relationships.map(({ studentId }) => studentId)
  // A joined string is flat in memory. A sum would keep its parts beside it.
  return [...students, KEYS_MARK, ...sharedKeysOf(contact).map(printKey), json].join('')
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
    words,
    isTruncated,
  ] = JSON.parse(jsonOf(encoded)) as [...Person, Text, Text, Text[], true?]
  return {
    ...decodePerson(id, districtId, [first, middle, last, email, created, modified, sisId, legacyId]),
    phone: decodeText(phone),
    phoneType: parseEnumValue(PHONE_TYPES, decodeText(phoneType)),
    relationships: decodeEntries(encoded, words),
    ...(isTruncated && { isTruncated }),
  }
}

/** By Clever's clock, in ms since the epoch; NaN if the record has no time, or could not be read. */
export function modifiedAtOf(encoded: EncodedRecord): number {
  if (encoded === UNREADABLE) return Number.NaN
  const [, , , , , modified] = JSON.parse(jsonOf(encoded)) as Person
  return Date.parse(modified ?? '')
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

/** `words`: the relationship and its type, for each student in front of the JSON. */
function decodeEntries(encoded: EncodedRecord, words: readonly Text[]): ContactRecord['relationships'] {
  return studentsOf(encoded).map((studentId, i) => ({
    studentId,
    relationship: parseEnumValue(RELATIONSHIPS, decodeText(words[2 * i] ?? null)),
    type: parseEnumValue(RELATIONSHIP_TYPES, decodeText(words[2 * i + 1] ?? null)),
  }))
}
