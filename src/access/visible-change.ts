import type { Change } from '../model/change.ts'
import type { ContactRecord } from '../model/records.ts'
import { type ChangedField, changedFields, isWhole, type VisibleContact } from './changed-fields.ts'

/** The part of a contact that one viewer may see, for reporting a change. */
export interface ChangeViewer {
  readonly mayReach: boolean
  readonly seesWholeDistrict: boolean
  /**
   * The visible part of this record of a contact, by current access rights. Undefined if the viewer may not
   * see the contact.
   */
  readonly visibleContact: (record: ContactRecord) => VisibleContact | undefined
}

/** A change as one viewer sees it. */
export interface VisibleChange {
  /**
   * A contact that the viewer may no longer see is DELETED. A contact that the viewer may now see is CREATED.
   */
  readonly kind: Change['kind']
  /** For UPDATED, the visible fields that changed. Undefined if the record before the change is not known. */
  readonly changedFields: readonly ChangedField[] | undefined
}

/** Undefined if nothing that the viewer may see has changed. */
export function visibleChange(change: Change, viewer: ChangeViewer): VisibleChange | undefined {
  if (!viewer.mayReach) return undefined
  const before = change.before && viewer.visibleContact(change.before)
  const after = change.after && viewer.visibleContact(change.after)
  if (change.kind === 'SUCCEEDED') {
    // An id change is reported to a viewer who might have seen both contacts.
    const wasSeen = before !== undefined || (change.before === undefined && viewer.seesWholeDistrict)
    return wasSeen && after !== undefined ? visible('SUCCEEDED') : undefined
  }
  if (after === undefined) return before && visible('DELETED')
  if (change.kind === 'CREATED') return visible('CREATED')
  // Without the earlier record, the change may concern only hidden values.
  if (change.before === undefined) return isWhole(after) ? visible('UPDATED') : undefined
  if (before === undefined) return visible('CREATED')
  const changed = changedFields(before, after)
  return changed.length === 0 ? undefined : visible('UPDATED', changed)
}

function visible(kind: Change['kind'], changed?: readonly ChangedField[]): VisibleChange {
  return { kind, changedFields: changed }
}
