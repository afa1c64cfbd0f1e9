import type { Change } from '../model/change.ts'
import type { ContactRecord } from '../model/records.ts'
import { type ChangedField, changedFields, isWhole, type VisibleContact } from './changed-fields.ts'

/** What one viewer may see of a contact, as far as a change needs to know. */
export interface ChangeViewer {
  readonly mayReach: boolean
  readonly seesWholeDistrict: boolean
  /** By this record of a contact, and by everything else as of now; undefined if the viewer may not see the contact. */
  readonly visibleContact: (record: ContactRecord) => VisibleContact | undefined
}

/** A change as one viewer sees it. */
export interface VisibleChange {
  /** A contact that has gone out of the viewer's sight is DELETED, one that has come into it CREATED. */
  readonly kind: Change['kind']
  /** Of UPDATED, the visible fields that changed; undefined if the record before the change is not known. */
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
  // Without the record before, something that is hidden may be all that has changed.
  if (change.before === undefined) return isWhole(after) ? visible('UPDATED') : undefined
  if (before === undefined) return visible('CREATED')
  const changed = changedFields(before, after)
  return changed.length === 0 ? undefined : visible('UPDATED', changed)
}

function visible(kind: Change['kind'], changed?: readonly ChangedField[]): VisibleChange {
  return { kind, changedFields: changed }
}
