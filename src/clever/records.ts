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
  PHONE_TYPES,
  parseEnumValue,
  RELATIONSHIP_TYPES,
  RELATIONSHIPS,
} from '../model/vocabulary.ts'
import { Fields, SizeLimit } from './fields.ts'
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
  const sizeLimit = new SizeLimit()
  const user = Fields.of(json, sizeLimit)
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
  if (sizeLimit.truncatedFields.size === 0) return read
  return {
    ...read,
    contact: read.contact && { ...read.contact, isTruncated: true },
    truncatedFields: sizeLimit.truncatedFields,
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
    phoneType: parseEnumValue(PHONE_TYPES, role.text('phone_type')),
    relationships: role.list('student_relationships', relationshipEntry),
  }
}

/** The fields outside of the roles. */
type Person = Omit<PersonRecord, 'sisId' | 'legacyId'>

function relationshipEntry(entry: Fields): RelationshipEntry | undefined {
  const studentId = entry.id('student')
  return (
    studentId && {
      studentId,
      relationship: parseEnumValue(RELATIONSHIPS, entry.text('relationship')),
      type: parseEnumValue(RELATIONSHIP_TYPES, entry.text('type')),
    }
  )
}

export function parseDistrict(json: unknown): DistrictRecord | undefined {
  const sizeLimit = new SizeLimit()
  const district = Fields.of(json, sizeLimit)
  const id = parseDistrictId(district?.id('id') ?? '')
  if (district === undefined || id === undefined) return undefined
  const read = {
    id,
    name: district.text('name'),
    sisType: district.text('sis_type'),
    state: parseEnumValue(DISTRICT_STATES, district.text('state')),
    lastSyncAt: district.time('last_sync'),
  }
  return sizeLimit.truncatedFields.size === 0 ? read : { ...read, truncatedFields: sizeLimit.truncatedFields }
}

/** Calls `found` with the field of each value that Clever does not document. */
export function findUnknownValues({ contact }: UserRecord, found: (field: string) => void) {
  if (contact === undefined) return
  if (!contact.phoneType.isKnown) found('phone_type')
  for (const { relationship, type } of contact.relationships) {
    if (!relationship.isKnown) found('relationship')
    if (!type.isKnown) found('type')
  }
}
