import type { DistrictId, UserId } from './ids.ts'
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
const ID_LENGTH = 24
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
  return { students: students.length > 1 ? [...new Set(students)] : students, sharedKeys }
}

const KEYS_MARK = ' '

function readKey(encoded: EncodedRecord, at: number): number {
  let key = 0
  for (let i = at; i < at + KEY_LENGTH; i += 1) key = (key << 5) | (encoded.charCodeAt(i) - FIRST_DIGIT)
  return key
}

function printKey(key: number): string {
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

/** A value as JSON text. */
export type Json = string

/** The fields of both roles, as JSON. */
export interface PersonJson {
  readonly first: Json
  readonly middle: Json
  readonly last: Json
  readonly email: Json
  readonly created: Json
  readonly modified: Json
  readonly sisId: Json
  readonly legacyId: Json
}

const personJson = ({ first, middle, last, email, created, modified, sisId, legacyId }: PersonJson): Json =>
  `[${first},${middle},${last},${email},${created},${modified},${sisId},${legacyId},`

export interface StudentJson extends PersonJson {
  readonly studentNumber: Json
  readonly stateId: Json
  readonly grade: Json
  readonly schoolId: Json
  readonly schoolIds: readonly Json[]
  /** The optional fields; empty unless the student has some. */
  readonly homeLanguage: Json
  readonly preferredName: readonly Json[]
}

/** An encoded student from the JSON of its values. */
export function joinStudent(student: StudentJson): EncodedRecord {
  const { studentNumber, stateId, grade, schoolId, schoolIds, homeLanguage, preferredName } = student
  const parts = [personJson(student), studentNumber, ',', stateId, ',', grade, ',', schoolId, ',[']
  parts.push(schoolIds.join(','))
  const hasName = preferredName.length > 0
  if (hasName) parts.push('],[', homeLanguage, ',[', preferredName.join(','), ']]]')
  else if (homeLanguage !== ABSENT) parts.push('],[', homeLanguage, ']]')
  else parts.push(']]')
  return parts.join('')
}

export interface ContactJson extends PersonJson {
  readonly phone: Json
  readonly phoneType: Json
  readonly studentIds: readonly string[]
  /** The relationship and its type, for each of the students. */
  readonly words: readonly Json[]
}

/** An encoded contact from the JSON of its values. */
export function joinContact(contact: ContactJson, keys: SharedKeys, isTruncated = false): EncodedRecord {
  const { phone, phoneType, studentIds, words } = contact
  const parts = [...studentIds, KEYS_MARK]
  for (const key of keys) parts.push(printKey(key))
  parts.push(personJson(contact), phone, ',', phoneType, ',[', words.join(','))
  // Absent from nearly all records.
  parts.push(isTruncated ? '],true]' : ']]')
  // A joined string is flat in memory. A sum would keep its parts beside it.
  return parts.join('')
}

/** The JSON of a value that is absent. */
export const ABSENT: Json = 'null'
const jsonOfText = (text: string | undefined): Json => (text === undefined ? ABSENT : JSON.stringify(text))

function jsonOfPerson(person: StudentRecord | ContactRecord): PersonJson {
  const { name, email, createdAt, lastModifiedAt, sisId, legacyId } = person
  return {
    first: jsonOfText(name.first),
    middle: jsonOfText(name.middle),
    last: jsonOfText(name.last),
    email: jsonOfText(email),
    created: jsonOfText(createdAt),
    modified: jsonOfText(lastModifiedAt),
    sisId: jsonOfText(sisId),
    legacyId: jsonOfText(legacyId),
  }
}

export function encodeStudent(student: StudentRecord): EncodedRecord {
  const { studentNumber, stateId, grade, schoolId, schoolIds, homeLanguage, preferredName } = student
  return joinStudent({
    ...jsonOfPerson(student),
    studentNumber: jsonOfText(studentNumber),
    stateId: jsonOfText(stateId),
    grade: jsonOfText(grade),
    schoolId: jsonOfText(schoolId),
    schoolIds: schoolIds.map(jsonOfText),
    homeLanguage: jsonOfText(homeLanguage),
    preferredName: preferredName
      ? [preferredName.first, preferredName.middle, preferredName.last].map(jsonOfText)
      : [],
  })
}

export function encodeContact(contact: ContactRecord): EncodedRecord {
  const { phone, phoneType, relationships, isTruncated } = contact
  const json = {
    ...jsonOfPerson(contact),
    phone: jsonOfText(phone),
    phoneType: jsonOfText(phoneType.raw),
    studentIds: relationships.map(({ studentId }) => studentId),
    words: relationships.flatMap(({ relationship, type }) => [relationship.raw, type.raw].map(jsonOfText)),
  }
  return joinContact(json, sharedKeysOf(contact), isTruncated)
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
