import type { VisibleContact } from '../access/changed-fields.ts'
import { VIEW_CONTACTS } from '../access/policy.ts'
import { type VisibleChange, visibleChange } from '../access/visible-change.ts'
import type { Change } from '../model/change.ts'
import { CleverAnswerInvalid } from '../model/clever-errors.ts'
import type { UserId } from '../model/ids.ts'
import { type ContactRecord, type RelationshipEntry, studentIdsOf } from '../model/records.ts'
import type { ContactNode } from './contact-node.ts'
import { collect } from './contacts.ts'
import { MISSING } from './missing.ts'
import type { View } from './view.ts'
import { disclose, seeContact, visibleRecord } from './visible.ts'

/** A change as one viewer sees it, shaped like the GraphQL type. */
export interface ChangeNode extends VisibleChange {
  readonly change: Change
  readonly eventId: string
  readonly contactId: UserId
  readonly previousId: UserId | undefined
  readonly occurredAt: string
}

/** Undefined if nothing that the viewer may see has changed. Throws the errors of View.record. */
export function changeFor(view: View, change: Change): ChangeNode | undefined {
  return view.once(`change ${change.id}`, () => {
    const visible = visibleChange(change, {
      mayReach: view.district(change.districtId) !== undefined,
      seesWholeDistrict: view.viewer.seesWholeDistrict,
      visibleContact: (record) => visibleContact(view, record),
    })
    const { id, contactId, previousId, occurredAt: time } = change
    const occurredAt = new Date(time).toISOString()
    return visible && { ...visible, change, eventId: id, contactId, previousId, occurredAt }
  })
}

/** The contact as of now; undefined if it is gone or may not be seen any more. */
export function contactOfChange(view: View, { change, kind }: ChangeNode): ContactNode | undefined {
  if (kind === 'DELETED') return undefined
  const { contactId: id, districtId } = change
  const { value: record, asOf } = view.record('contact', { id, districtId })
  const visible = record && visibleContact(view, record)
  return visible && seeContact(view, visible.record, visible.detail, asOf)
}

/**
 * The visible part of this record of a contact, which may be older or newer than the stored one, by current
 * access rights.
 */
function visibleContact(view: View, record: ContactRecord): VisibleContact | undefined {
  const { viewer } = view
  if (viewer.seesWholeDistrict && !viewer.mayInDistrict(VIEW_CONTACTS)) return undefined
  const contact = seeContact(view, record, 'FULL', Number.NEGATIVE_INFINITY)
  const entries = visibleRecord(view, contact).relationships
  if (viewer.seesWholeDistrict || viewer.isOwnContact(record.id)) {
    disclose(view, contact)
    return { record, entries, detail: 'FULL' }
  }
  if (!isAnyShared(view, record, entries)) return undefined
  disclose(view, contact)
  const isFull = entries.some(({ studentId }) => viewer.basis(record.id, studentId)?.detail === 'FULL')
  return { record, entries, detail: isFull ? 'FULL' : 'NAME' }
}

/** Clever lists no contacts of a student that is not shared, so no contact is seen through that student. */
function isAnyShared(
  view: View,
  { districtId }: ContactRecord,
  entries: readonly RelationshipEntry[],
): boolean {
  const shared = [...studentIdsOf(entries)].filter(
    (id) => collect(view, () => [isShared(view, id, districtId)])[0],
  )
  if (view.missing.size > 0) throw MISSING
  return shared.length > 0
}

function isShared(view: View, id: UserId, districtId: ContactRecord['districtId']): boolean {
  try {
    return view.record('student', { id, districtId }).value !== undefined
  } catch (error) {
    // A record that cannot be read exists.
    if (error instanceof CleverAnswerInvalid) return true
    throw error
  }
}
