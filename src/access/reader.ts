import type { CleverClient, Range, RangePage } from '../clever/client.ts'
import type { Districts } from '../clever/districts.ts'
import type { DistrictId, UserId } from '../clever/ids.ts'
import type { ContactRecord, DistrictRecord, RelationshipEntry, StudentRecord } from '../clever/records.ts'
import type { Decision } from './decide.ts'
import type { Privilege } from './policy.ts'

/** How much of a contact is shown: everything, or who it is and nothing to reach them by. */
export type Detail = 'FULL' | 'NAME'

export interface VisibleContact {
  readonly record: ContactRecord
  readonly detail: Detail
}

export interface VisibleRelationship {
  readonly id: string
  readonly contact: VisibleContact
  readonly entry: RelationshipEntry
}

/** Where to look for an id: in one district, or in all that the principal has to do with. */
export interface Where {
  readonly id: UserId
  readonly districtId?: DistrictId | undefined
}

/**
 * Clever, as far as this principal may see it in this request. Each method decides before it asks Clever for what it
 * was asked for; what is not allowed is undefined or missing, exactly as what does not exist. Throws the CleverErrors,
 * AllowanceSpent and FactsUnavailable.
 */
export interface Reader {
  /** The districts that the principal has to do with. */
  readonly districts: Districts
  district(id: DistrictId): Promise<DistrictRecord | undefined>
  student(where: Where): Promise<StudentRecord | undefined>
  contact(where: Where): Promise<VisibleContact | undefined>
  /** To the students that the principal may see, and to no others. */
  relationshipsOfContact(contact: VisibleContact): Promise<readonly VisibleRelationship[]>
  relationshipsOfStudent(student: StudentRecord): Promise<readonly VisibleRelationship[]>
  relationshipsBetween(contact: Where, studentId: UserId): Promise<readonly VisibleRelationship[]>
  privileges(relationship: VisibleRelationship): readonly Privilege[]
  /** Of a pair; NO_RELATIONSHIP also for a pair that the principal may not see. */
  decideForPair(contact: Where, studentId: UserId, privilege: Privilege): Promise<Decision>
  /** The students to make a list of, in the order of their ids; EVERY where the list is the district's. */
  ownStudents(districtId?: DistrictId): Promise<readonly UserId[] | 'EVERY'>
  ownContacts(districtId?: DistrictId): Promise<readonly UserId[] | 'EVERY'>
  /** Of the principal, concerning a student. */
  ownPrivileges(studentId: UserId): Promise<readonly Privilege[]>
  /** A page of a whole district: only for whom the lists above are EVERY. */
  studentsIn(client: CleverClient, range: Reach): Promise<Page<StudentRecord>>
  contactsIn(client: CleverClient, range: Reach): Promise<Page<VisibleContact>>
  count(client: CleverClient, role: Range['role']): Promise<number | undefined>
}

/** The users beyond a cursor, of whichever role. */
export type Reach = Omit<Range, 'role'>

export interface Page<Node> extends Omit<RangePage, 'users'> {
  readonly nodes: readonly Node[]
}
