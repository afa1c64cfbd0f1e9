import type { CleverClient } from '../clever/client.ts'
import type { Districts } from '../clever/districts.ts'
import type { DistrictId, UserId } from '../clever/ids.ts'
import type { Range, Role } from '../clever/ranges.ts'
import type { ContactRecord, DistrictRecord, RelationshipEntry, StudentRecord } from '../clever/records.ts'
import type { Change } from '../directory/change.ts'
import type { Where } from '../loaders/create-loaders.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { Decision } from './decide.ts'
import type { Privilege } from './policy.ts'

/** How much of a contact is shown: everything, or who it is and nothing to reach them by. */
export type Detail = 'FULL' | 'NAME'

export interface VisibleContact {
  readonly record: ContactRecord
  readonly detail: Detail
  /** When Clever said so, in ms since the epoch. */
  readonly since: number
  /** The id that was asked for, when it was another one, in whose place this contact came. */
  readonly askedAs?: UserId
  /** The record has only the entries that the viewer may see, or may have. */
  readonly isNarrowed?: true
}

export interface VisibleRelationship {
  readonly id: string
  readonly contact: VisibleContact
  readonly entry: RelationshipEntry
}

/** A change as one viewer may hear of it. */
export interface VisibleChange {
  readonly change: Change
  /** To him: a contact that has gone out of his sight is DELETED, one that has come into it CREATED. */
  readonly kind: Change['kind']
  /** Of UPDATED, and only of what he may see; undefined where nobody knows what was before. */
  readonly changedFields: readonly string[] | undefined
}

/**
 * Clever, as far as this principal may see it in this request. Each method decides before it asks Clever for what it
 * was asked for; what is not allowed is undefined or missing, exactly as what does not exist. What is known is there at
 * once. Throws the CleverErrors, AllowanceSpent and FactsUnavailable, always as a rejected promise.
 */
export interface Reader {
  /** The districts that the principal has to do with. */
  readonly districts: Districts
  district(id: DistrictId): Promise<DistrictRecord | undefined>
  student(where: Where): MaybePromise<StudentRecord | undefined>
  contact(where: Where): MaybePromise<VisibleContact | undefined>
  /** The same; where nobody is to be seen under the id, whoever came in its place, by the same rules. */
  contactOrSuccessor(where: Where): MaybePromise<VisibleContact | undefined>
  /** The ids in whose place a contact came, the latest first. */
  previousIds(contact: VisibleContact): MaybePromise<readonly UserId[]>
  /** To the students that the principal may see, and to no others. */
  relationshipsOfContact(contact: VisibleContact): MaybePromise<readonly VisibleRelationship[]>
  relationshipsOfStudent(student: StudentRecord): MaybePromise<readonly VisibleRelationship[]>
  relationshipsBetween(contact: Where, studentId: UserId): MaybePromise<readonly VisibleRelationship[]>
  /** As of now, though the relationship itself may be shown a little older: what is given by it is a decision. */
  privileges(relationship: VisibleRelationship): MaybePromise<readonly Privilege[]>
  /** Of a pair; NO_RELATIONSHIP also for a pair that the principal may not see. */
  decideForPair(contact: Where, studentId: UserId, privilege: Privilege): MaybePromise<Decision>
  /** The students to make a list of, in the order of their ids; EVERY where the list is the district's. */
  ownStudents(districtId?: DistrictId, test?: Test<StudentRecord>): MaybePromise<readonly UserId[] | 'EVERY'>
  ownContacts(districtId?: DistrictId, test?: Test<VisibleContact>): MaybePromise<readonly UserId[] | 'EVERY'>
  /** Of the principal, concerning a student. */
  ownPrivileges(studentId: UserId): MaybePromise<readonly Privilege[]>
  /** A page of a whole district: only for whom the lists above are EVERY. */
  studentsIn(
    client: CleverClient,
    reach: Reach,
    test?: Test<StudentRecord>,
  ): MaybePromise<Page<StudentRecord>>
  contactsIn(
    client: CleverClient,
    reach: Reach,
    test?: Test<VisibleContact>,
  ): MaybePromise<Page<VisibleContact>>
  countStudents(client: CleverClient, test?: Test<StudentRecord>): MaybePromise<number | undefined>
  countContacts(client: CleverClient, test?: Test<VisibleContact>): MaybePromise<number | undefined>
  /** The same contact with nothing but the relationships that the principal may see. Tells nothing yet. */
  narrow(contact: VisibleContact): MaybePromise<VisibleContact>
  /** Whether the student has contacts that the principal may see. Tells nothing yet. */
  hasContacts(student: StudentRecord): MaybePromise<boolean>
  /** Whether there is such a student; of a relationship that the principal may see. */
  isStudent(where: Where): MaybePromise<boolean>
  /** Whether somebody else among the contacts of the same students seems to be the same person. Of a narrowed contact. */
  hasLookAlike(contact: VisibleContact): MaybePromise<boolean>
  /** Whether the principal may see all contacts and all students of a district. */
  seesAll(): MaybePromise<boolean>
  /** All contacts of a district, to be counted; undefined for whoever does not see all. */
  contactsToReport(client: CleverClient): MaybePromise<AsyncIterable<readonly VisibleContact[]> | undefined>
  /** Undefined where nothing that the principal may see has changed. Asked again, the same. */
  change(change: Change): MaybePromise<VisibleChange | undefined>
  /** As of now; undefined for one that is gone, or may not be seen any more. */
  contactOfChange(change: VisibleChange): MaybePromise<VisibleContact | undefined>
}

/** Chooses by what the viewer may see: nothing is told of whoever is not chosen. Throws what it reads throws. */
export interface Test<Node> {
  passes(node: Node): MaybePromise<boolean>
  /** Of whom it asks besides. To choose from a whole district, they are read first. */
  readonly asksFor: readonly Role[]
}

/** The users beyond a cursor, of whichever role. */
export type Reach = Omit<Range, 'role'>

export interface Page<Node> {
  readonly nodes: readonly Node[]
  /** The ids at its edges, also where records are missing. */
  readonly firstId: UserId | undefined
  readonly lastId: UserId | undefined
  readonly hasMore: boolean
}
