import { VIEW_CONTACTS, VIEW_STUDENT } from '../access/policy.ts'
import type { Detail } from '../access/viewer.ts'
import { PAST_EVERY_ID } from '../model/ids.ts'
import type { ContactRecord } from '../model/records.ts'
import { type ContactNode, contactNode } from './contact-node.ts'
import type { RelationshipNode } from './relationship-node.ts'
import { type StudentNode, studentNode } from './student-node.ts'
import type { View } from './view.ts'

/** A record of a contact as the viewer may see it. Counts a node of the answer. `asOf`: when it was read, in ms since the epoch. */
export function seeContact(view: View, record: ContactRecord, detail: Detail, asOf: number): ContactNode {
  view.countNodes(1)
  view.noteAsOf(record, asOf)
  const isWhole = view.viewer.mayInDistrict(VIEW_STUDENT)
  return contactNode(record, { detail, isWhole }, view.request.services.phoneCountry)
}

/** A student whom the viewer may see. Counts a node of the answer. */
export function seeStudent(view: View, record: StudentNode['record']): StudentNode {
  view.countNodes(1)
  return studentNode(record)
}

/** The relationships to the students that the viewer may see, and to no others. Discloses them, also for a contact that was reached through one of them. */
export function relationshipsOf(view: View, contact: ContactNode): readonly RelationshipNode[] {
  disclose(view, contact)
  const visible = contact.isWhole
    ? contact.everyRelationship
    : view.once(contact.everyRelationship, () => {
        const { viewer } = view
        return contact.everyRelationship.filter(
          ({ studentId }) => viewer.basis(contact.id, studentId) !== undefined,
        )
      })
  view.countNodes(visible.length)
  return visible
}

/** The record with the visible relationships alone; the record itself if the viewer may see them all. */
export function visibleRecord(view: View, contact: ContactNode): ContactRecord {
  const { record } = contact
  if (contact.isWhole) return record
  return view.once(contact, () => {
    const { viewer } = view
    const relationships = record.relationships.filter(
      ({ studentId }) => viewer.basis(record.id, studentId) !== undefined,
    )
    return relationships.length === record.relationships.length ? record : { ...record, relationships }
  })
}

/** A contact discloses the students that it is a contact of. */
export function disclose(view: View, contact: ContactNode): ContactNode {
  const { disclosures, viewer } = view
  if (!view.isFirst(contact)) return contact
  const { id, studentIds } = contact
  if (viewer.seesWholeDistrict) {
    const { reason } = viewer.access(PAST_EVERY_ID).contacts
    if (studentIds.length === 0) disclosures.addContact(id, VIEW_CONTACTS, reason)
    else for (const studentId of studentIds) disclosures.add(studentId, VIEW_CONTACTS, reason, id)
    return contact
  }
  let hasStudent = false
  for (const studentId of studentIds) {
    const basis = viewer.basis(id, studentId)
    if (basis === undefined) continue
    hasStudent = true
    disclosures.add(studentId, basis.privilege, basis.reason, id)
  }
  if (!hasStudent) disclosures.addContact(id, VIEW_CONTACTS, 'OWN_RECORD')
  return contact
}
