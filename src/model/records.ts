import type { DistrictId, UserId } from './ids.ts'
import type { OptionalStudentValues } from './optional-fields.ts'
import type {
  DISTRICT_STATES,
  OpenEnumValue,
  PHONE_TYPES,
  RELATIONSHIP_TYPES,
  RELATIONSHIPS,
} from './vocabulary.ts'

/**
 * The part of Clever's JSON that the gateway keeps. Clever documents no field as required, writes "no value" both as a
 * missing key and as an empty string, and does not normalize what districts type in. So every field may be absent, a
 * field of the wrong type counts as absent, and only a record without a readable id or without roles is refused.
 */

export interface PersonName {
  readonly first: string | undefined
  readonly middle: string | undefined
  readonly last: string | undefined
}

export interface PersonRecord {
  readonly id: UserId
  readonly districtId: DistrictId
  readonly name: PersonName
  readonly email: string | undefined
  /** ISO 8601, as Clever wrote it. */
  readonly createdAt: string | undefined
  readonly lastModifiedAt: string | undefined
  readonly sisId: string | undefined
  /** The id in Clever's v2 API. Students kept their ids, so this is mostly absent (§7). */
  readonly legacyId: string | undefined
}

export interface StudentRecord extends PersonRecord, OptionalStudentValues {
  readonly studentNumber: string | undefined
  readonly stateId: string | undefined
  readonly grade: string | undefined
  readonly schoolId: string | undefined
  readonly schoolIds: readonly string[]
}

/** One appearance of a contact with a student. The same pair may occur several times. */
export interface RelationshipEntry {
  readonly studentId: UserId
  readonly relationship: OpenEnumValue<ValueOf<typeof RELATIONSHIPS>>
  readonly type: OpenEnumValue<ValueOf<typeof RELATIONSHIP_TYPES>>
}

type ValueOf<Vocabulary> = Vocabulary[keyof Vocabulary]

/** The students that the entries name, each once. */
export function studentIdsOf(entries: readonly Pick<RelationshipEntry, 'studentId'>[]): ReadonlySet<UserId> {
  return new Set(entries.map(({ studentId }) => studentId))
}

/** Up to this number, searching a list is cheaper than an index. */
const FEW_ENTRIES = 8

const indexes = new WeakMap<ContactRecord['relationships'], ReadonlyMap<UserId, RelationshipEntry[]>>()

/** The entries about one student, in their order. Long lists are indexed once, so that asking about each student is linear. */
export function entriesTo(
  { relationships }: Pick<ContactRecord, 'relationships'>,
  studentId: UserId,
): readonly RelationshipEntry[] {
  if (relationships.length <= FEW_ENTRIES)
    return relationships.filter((entry) => entry.studentId === studentId)
  let index = indexes.get(relationships)
  if (index === undefined) {
    index = Map.groupBy(relationships, (entry) => entry.studentId)
    indexes.set(relationships, index)
  }
  return index.get(studentId) ?? []
}

export function hasEntryTo(contact: Pick<ContactRecord, 'relationships'>, studentId: UserId): boolean {
  return entriesTo(contact, studentId).length > 0
}

export interface ContactRecord extends PersonRecord {
  readonly phone: string | undefined
  readonly phoneType: OpenEnumValue<ValueOf<typeof PHONE_TYPES>>
  readonly relationships: readonly RelationshipEntry[]
  /**
   * The values that identify no one, because many contacts of the district have them. Undefined if that is
   * not known.
   */
  readonly shared?: ReadonlySet<'sisId' | 'email' | 'phone'>
  /** Whether a text, the entries or the record was longer than LIMITS allow, so that a note may be missing. */
  readonly isTruncated?: true
}

/** A person who works at schools. */
export interface StaffRecord {
  readonly districtId: DistrictId
  readonly schoolIds: readonly UserId[]
}

/** A Clever user with the roles that the gateway reads. A user may have none of them. */
export interface UserRecord {
  readonly id: UserId
  readonly name: PersonName
  readonly student: StudentRecord | undefined
  readonly contact: ContactRecord | undefined
  readonly staff: StaffRecord | undefined
  readonly isTeacher: boolean
  readonly isDistrictAdmin: boolean
  /** The fields that were truncated, for counting; absent if there are none. */
  readonly truncatedFields?: ReadonlySet<string>
}

export interface DistrictRecord {
  readonly id: DistrictId
  readonly name: string | undefined
  readonly sisType: string | undefined
  readonly state: OpenEnumValue<ValueOf<typeof DISTRICT_STATES>>
  readonly lastSyncAt: string | undefined
  readonly truncatedFields?: ReadonlySet<string>
}
