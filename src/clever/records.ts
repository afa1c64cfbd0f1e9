import { type DistrictId, parseDistrictId } from '../model/ids.ts'
import { type KeptFields, NO_OPTIONAL_FIELDS, type OptionalStudentValues } from '../model/optional-fields.ts'
import type {
  ContactRecord,
  DistrictRecord,
  PersonName,
  PersonRecord,
  RelationshipEntry,
  StudentRecord,
  UserRecord,
} from '../model/records.ts'
import {
  DISTRICT_STATES,
  type Open,
  PHONE_TYPES,
  RELATIONSHIP_TYPES,
  RELATIONSHIPS,
  understand,
} from '../model/vocabulary.ts'
import { Fields, Room } from './fields.ts'
import { optionalValues } from './optional-fields.ts'

/**
 * `kept`: the optional fields to read. A token reaches exactly one district, so the district comes from the token and not from the record. Undefined for a
 * record that cannot be read.
 */
export function parseUser(
  json: unknown,
  districtId: DistrictId,
  kept: KeptFields = NO_OPTIONAL_FIELDS,
): UserRecord | undefined {
  const room = new Room()
  const user = Fields.of(json, room)
  const [id, roles] = [user?.id('id'), user?.object('roles')]
  if (user === undefined || id === undefined || roles === undefined) return undefined
  const person = {
    id,
    districtId,
    name: nameOf(user.object('name')),
    email: user.text('email'),
    createdAt: user.time('created'),
    lastModifiedAt: user.time('last_modified'),
  }
  const [student, contact, staff] = [roles.object('student'), roles.object('contact'), roles.object('staff')]
  const read = {
    id,
    name: person.name,
    student: student && { ...person, ...studentRole(student), ...optionalValues(student, kept) },
    contact: contact && { ...person, ...contactRole(contact) },
    staff: staff && { districtId, schoolIds: staff.ids('schools') },
    isTeacher: roles.object('teacher') !== undefined,
    isDistrictAdmin: roles.object('district_admin') !== undefined,
  }
  if (room.cutFields.size === 0) return read
  return {
    ...read,
    contact: read.contact && { ...read.contact, isCut: true },
    cutFields: room.cutFields,
  }
}

function nameOf(name: Fields | undefined): PersonName {
  return { first: name?.text('first'), middle: name?.text('middle'), last: name?.text('last') }
}

function studentRole(role: Fields): Omit<StudentRecord, keyof Person | keyof OptionalStudentValues> {
  return {
    sisId: role.text('sis_id'),
    legacyId: role.text('legacy_id'),
    studentNumber: role.text('student_number'),
    stateId: role.text('state_id'),
    grade: role.text('grade'),
    schoolId: role.id('school'),
    schoolIds: role.ids('schools'),
  }
}

function contactRole(role: Fields): Omit<ContactRecord, keyof Person> {
  return {
    sisId: role.text('sis_id'),
    legacyId: role.text('legacy_id'),
    phone: role.text('phone'),
    phoneType: understand(PHONE_TYPES, role.text('phone_type')),
    relationships: role.list('student_relationships', relationshipEntry),
  }
}

/** The fields that are not of a role. */
type Person = Omit<PersonRecord, 'sisId' | 'legacyId'>

function relationshipEntry(entry: Fields): RelationshipEntry | undefined {
  const studentId = entry.id('student')
  return (
    studentId && {
      studentId,
      relationship: understand(RELATIONSHIPS, entry.text('relationship')),
      type: understand(RELATIONSHIP_TYPES, entry.text('type')),
    }
  )
}

export function parseDistrict(json: unknown): DistrictRecord | undefined {
  const room = new Room()
  const district = Fields.of(json, room)
  const id = parseDistrictId(district?.id('id') ?? '')
  if (district === undefined || id === undefined) return undefined
  const read = {
    id,
    name: district.text('name'),
    sisType: district.text('sis_type'),
    state: understand(DISTRICT_STATES, district.text('state')),
    lastSyncAt: district.time('last_sync'),
  }
  return room.cutFields.size === 0 ? read : { ...read, cutFields: room.cutFields }
}

/** The fields of a record whose value Clever does not document, for counting. */
export function unknownFields({ contact }: UserRecord): readonly string[] {
  if (contact === undefined) return []
  const fields: readonly [string, Open<string>][] = [
    ['phone_type', contact.phoneType],
    ...contact.relationships.flatMap(({ relationship, type }): [string, Open<string>][] => [
      ['relationship', relationship],
      ['type', type],
    ]),
  ]
  return fields.filter(([, value]) => !value.isKnown).map(([field]) => field)
}
