import { z } from 'zod'
import { type DistrictId, parseDistrictId, parseUserId, type UserId } from './ids.ts'
import {
  DISTRICT_STATES,
  type Open,
  PHONE_TYPES,
  RELATIONSHIP_TYPES,
  RELATIONSHIPS,
  understand,
} from './vocabulary.ts'

/**
 * What we keep of Clever's JSON, and nothing else. Clever documents no field as required, writes "no value" both as a
 * missing key and as an empty string, and does not normalise what districts type in. So: every field may be absent, a
 * field of the wrong type counts as absent, and only a record that cannot say who it is is refused.
 */

const text = z
  .union([z.string(), z.number().transform(textOfNumber)])
  .transform((string) => (string?.trim() === '' ? undefined : string))
  .optional()
  .catch(undefined)

/**
 * A number in place of a text, such as a phone or an id from a spreadsheet, in plain digits. Undefined for one that
 * JSON may have rounded, as two such ids might become equal, and for one that only an exponent can write.
 */
function textOfNumber(number: number): string | undefined {
  const digits = String(number)
  if (Number.isInteger(number)) return Number.isSafeInteger(number) ? digits : undefined
  return /^-?\d+\.\d+$/.test(digits) && digits.length <= EXACT_DECIMAL ? digits : undefined
}

/** Characters. A double keeps 15 significant digits; the point makes 16. */
const EXACT_DECIMAL = 16

const time = z.iso.datetime({ offset: true }).optional().catch(undefined)

const userId = z.custom<UserId>((value) => typeof value === 'string' && parseUserId(value) !== undefined)
const districtId = z.custom<DistrictId>(
  (value) => typeof value === 'string' && parseDistrictId(value) !== undefined,
)

/** A list whose unreadable elements are left out. */
function tolerant<Element extends z.ZodType>(element: Element) {
  return z
    .array(element.optional().catch(undefined))
    .catch([])
    .transform((elements) => elements.filter((each) => each !== undefined))
}

const name = z
  .object({ first: text, middle: text, last: text })
  .catch({})
  .transform(({ first, middle, last }) => ({ first, middle, last }))

const relationshipEntry = z
  .object({ student: userId, relationship: text, type: text })
  .transform(({ student, relationship, type }) => ({
    studentId: student,
    relationship: understand(RELATIONSHIPS, relationship),
    type: understand(RELATIONSHIP_TYPES, type),
  }))

const contactRole = z.object({
  phone: text,
  phone_type: text.transform((raw) => understand(PHONE_TYPES, raw)),
  sis_id: text,
  legacy_id: text,
  student_relationships: tolerant(relationshipEntry),
})

const studentRole = z.object({
  sis_id: text,
  legacy_id: text,
  student_number: text,
  state_id: text,
  grade: text,
  school: userId.optional().catch(undefined),
  schools: tolerant(userId),
})

const staffRole = z.object({ schools: tolerant(userId) })

const user = z.object({
  id: userId,
  name,
  email: text,
  created: time,
  last_modified: time,
  roles: z.object({
    student: studentRole.optional().catch(undefined),
    contact: contactRole.optional().catch(undefined),
    staff: staffRole.optional().catch(undefined),
    district_admin: z.looseObject({}).optional().catch(undefined),
  }),
})

const district = z.object({
  id: districtId,
  name: text,
  sis_type: text,
  state: text.transform((raw) => understand(DISTRICT_STATES, raw)),
  last_sync: time,
})

interface PersonRecord {
  readonly id: UserId
  readonly districtId: DistrictId
  readonly name: z.infer<typeof name>
  readonly email: string | undefined
  /** ISO 8601, as Clever wrote it. */
  readonly createdAt: string | undefined
  readonly lastModifiedAt: string | undefined
  readonly sisId: string | undefined
  /** The id in Clever's v2 API. Students kept theirs, and mostly say nothing here (§7). */
  readonly legacyId: string | undefined
}

export interface StudentRecord extends PersonRecord {
  readonly studentNumber: string | undefined
  readonly stateId: string | undefined
  readonly grade: string | undefined
  readonly schoolId: string | undefined
  readonly schoolIds: readonly string[]
}

/** One appearance of a contact with a student. The same pair may occur several times. */
export type RelationshipEntry = z.infer<typeof relationshipEntry>

/** Whom entries are about, each once. */
export function studentIdsOf(entries: readonly Pick<RelationshipEntry, 'studentId'>[]): ReadonlySet<UserId> {
  return new Set(entries.map(({ studentId }) => studentId))
}

export interface ContactRecord extends PersonRecord {
  readonly phone: string | undefined
  readonly phoneType: z.infer<typeof contactRole>['phone_type']
  readonly relationships: readonly RelationshipEntry[]
  /** Values that so many contacts of the district have that they identify none; undefined where that is not known. */
  readonly shared?: ReadonlySet<'sisId' | 'email' | 'phone'>
}

/** Somebody who works at schools. */
export interface StaffRecord {
  readonly districtId: DistrictId
  readonly schoolIds: readonly UserId[]
}

/** A Clever user in the roles that we know; someone who has none of them has none. */
export interface UserRecord {
  readonly id: UserId
  readonly student: StudentRecord | undefined
  readonly contact: ContactRecord | undefined
  readonly staff: StaffRecord | undefined
  readonly isDistrictAdmin: boolean
}

export interface DistrictRecord {
  readonly id: DistrictId
  readonly name: string | undefined
  readonly sisType: string | undefined
  readonly state: z.infer<typeof district>['state']
  readonly lastSyncAt: string | undefined
}

/**
 * A token reaches exactly one district, so the district comes from the token and not from the record. Undefined for a
 * record that cannot be read.
 */
export function parseUser(json: unknown, districtId: DistrictId): UserRecord | undefined {
  const parsed = user.safeParse(json)
  if (!parsed.success) return undefined
  const { id, name, email, created, last_modified, roles } = parsed.data
  const person = { id, districtId, name, email, createdAt: created, lastModifiedAt: last_modified }
  return {
    id,
    student: roles.student && {
      ...person,
      sisId: roles.student.sis_id,
      legacyId: roles.student.legacy_id,
      studentNumber: roles.student.student_number,
      stateId: roles.student.state_id,
      grade: roles.student.grade,
      schoolId: roles.student.school,
      schoolIds: roles.student.schools,
    },
    contact: roles.contact && {
      ...person,
      sisId: roles.contact.sis_id,
      legacyId: roles.contact.legacy_id,
      phone: roles.contact.phone,
      phoneType: roles.contact.phone_type,
      relationships: roles.contact.student_relationships,
    },
    staff: roles.staff && { districtId, schoolIds: roles.staff.schools },
    isDistrictAdmin: roles.district_admin !== undefined,
  }
}

export function parseDistrict(json: unknown): DistrictRecord | undefined {
  const parsed = district.safeParse(json)
  if (!parsed.success) return undefined
  const { id, name, sis_type, state, last_sync } = parsed.data
  return { id, name, sisType: sis_type, state, lastSyncAt: last_sync }
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
