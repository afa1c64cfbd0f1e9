import { VIEW_CONTACTS, VIEW_STUDENT } from '../access/policy.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import { type ContactRecord, hasEntryTo } from '../model/records.ts'
import type { Dated } from '../store/district-store.ts'
import { MISSING } from './missing.ts'
import type { RelationshipNode } from './relationship-node.ts'
import type { StudentNode } from './student-node.ts'
import type { RecordKey, View } from './view.ts'
import { seeContact, seeStudent } from './visible.ts'

/**
 * Undefined for a student that does not exist, is not shared, or may not be seen. Throws the errors of
 * View.record.
 */
export function findStudent(view: View, where: RecordKey): StudentNode | undefined {
  const { student } = view.viewer.access(where.id)
  if (!student.allowed) return undefined
  const record = recordToShow(view, where)
  if (record === undefined) return undefined
  view.disclosures.add(where.id, VIEW_STUDENT, student.reason)
  return seeStudent(view, record)
}

/** If the record is missing, and the operation selects the relationships of every student, its contacts are missing too. */
function recordToShow(view: View, where: RecordKey) {
  try {
    return findStudentRecord(view, where)
  } catch (error) {
    if (error === MISSING && view.request.traits.readsRelationships) requireContacts(view, where)
    throw error
  }
}

/** Only the record shows which of several districts has the student. */
function requireContacts(view: View, { id, districtId }: RecordKey) {
  const [first, ...others] = districtId === undefined ? districtsOf(view, id) : [districtId]
  if (first !== undefined && others.length === 0) contactsOfStudent(view, id, first)
}

/** The student of a relationship; undefined as `findStudent` says. Looked up once while all students are known and none changes. */
export function studentOf(
  view: View,
  { studentId, contact, student }: RelationshipNode,
): StudentNode | undefined {
  const where = { id: studentId, districtId: contact.districtId }
  const { viewer } = view
  const access = viewer.access(studentId).student
  if (!viewer.seesWholeDistrict || !access.allowed) return findStudent(view, where)
  const revision = view.revisionOf('student', contact.districtId)
  const known = revision === undefined ? undefined : student.at(revision)
  if (known === undefined) {
    const found = findStudent(view, where)
    if (revision !== undefined && found !== undefined) student.keep(revision, found)
    return found
  }
  view.countNodes(1)
  view.disclosures.add(studentId, VIEW_STUDENT, access.reason)
  return known
}

/** The record of a student that the viewer may see. A district in the query narrows the search and never widens it. */
export function findStudentRecord(view: View, { id, districtId }: RecordKey) {
  if (view.viewer.principal.kind !== 'GUARDIAN') return view.record('student', { id, districtId }).value
  const related = districtsOf(view, id)
  const wanted = districtId === undefined ? related : related.filter((each) => each === districtId)
  if (wanted.length === 0) return undefined
  const where = wanted.length === 1 ? { id, districtId: wanted[0] } : { id }
  return view.record('student', where).value
}

/** The districts that can give the viewer access to a student. */
export function districtsOf(view: View, studentId: UserId): readonly DistrictId[] {
  const { principal, facts } = view.viewer
  if (principal.kind !== 'GUARDIAN' || facts === undefined)
    return view.districts().map(({ client }) => client.districtId)
  const related = facts.contacts.filter((contact) => hasEntryTo(contact, studentId))
  return [...new Set(related.map(({ districtId }) => districtId))]
}

/** The students of a viewer who does not see a whole district, in the order of their ids. */
export function ownStudentIds(view: View, districtId?: DistrictId): readonly UserId[] {
  return view.once(`ownStudents ${districtId}`, () => {
    const { viewer } = view
    const { contacts = [], students = [] } = viewer.facts ?? {}
    const there = contacts.filter((contact) => (districtId ?? contact.districtId) === contact.districtId)
    const related = there.flatMap(({ relationships }) => relationships.map(({ studentId }) => studentId))
    const listed = students === 'EVERY' ? [] : students
    const candidates = [...new Set([...related, ...listed])].sort()
    return candidates.filter((id) => viewer.access(id).student.allowed)
  })
}

/** The relationship of each visible contact to this student, and to no other. */
export function relationshipsOfStudent(view: View, student: StudentNode): readonly RelationshipNode[] {
  const { viewer } = view
  const seesAll = viewer.mayInDistrict(VIEW_CONTACTS) && viewer.mayInDistrict(VIEW_STUDENT)
  const revision = seesAll ? view.revisionOf('contact', student.districtId) : undefined
  if (revision === undefined) return findRelationships(view, student)
  const known = student.everyRelationship.at(revision)
  if (known === undefined) {
    const found = findRelationships(view, student)
    student.everyRelationship.keep(revision, found)
    return found
  }
  const { reason } = viewer.access(student.id).contacts
  view.countNodes(2 * known.length)
  for (const { contact } of known) view.disclosures.add(student.id, VIEW_CONTACTS, reason, contact.id)
  return known
}

function findRelationships(view: View, student: StudentNode): readonly RelationshipNode[] {
  const { value: contacts, asOf } = contactsOfStudent(view, student.id, student.districtId)
  const found: RelationshipNode[] = []
  for (const contact of contacts) found.push(...relationshipsTo(view, contact, asOf, student.id))
  return found
}

/** The visible relationships of one contact to one student. */
export function relationshipsTo(
  view: View,
  contact: ContactRecord,
  asOf: number,
  studentId: UserId,
): readonly RelationshipNode[] {
  const basis = view.viewer.basis(contact.id, studentId)
  if (basis === undefined || !hasEntryTo(contact, studentId)) return []
  view.disclosures.add(studentId, basis.privilege, basis.reason, contact.id)
  const found = seeContact(view, contact, basis.detail, asOf).relationshipsTo(studentId)
  view.countNodes(found.length)
  return found
}

/** The contacts of a student, as far as the viewer may ask for them: all, or the viewer's own records. */
export function contactsOfStudent(
  view: View,
  studentId: UserId,
  districtId: DistrictId,
): Dated<readonly ContactRecord[]> {
  const { viewer } = view
  if (viewer.access(studentId).contacts.allowed || viewer.principal.kind === 'STUDENT')
    return view.contactsOf(studentId, districtId)
  return { value: viewer.facts?.contacts ?? [], asOf: viewer.facts?.readAt ?? 0 }
}

/** Whether the student has a contact that the viewer may see. Discloses nothing. */
export function hasContacts(view: View, studentId: UserId, districtId: DistrictId): boolean {
  return contactsOfStudent(view, studentId, districtId).value.some(
    (contact) => hasEntryTo(contact, studentId) && view.viewer.basis(contact.id, studentId) !== undefined,
  )
}
