import type { UserId } from '../model/ids.ts'
import type { ChangeNode } from './changes.ts'
import { findSuccessor } from './contacts.ts'
import type { View } from './view.ts'

/**
 * The contact that replaced a deleted contact, through all replacements so far. Undefined unless the viewer may see that contact
 * as of now: the change itself shows that the viewer could see the deleted one, so the viewer might have seen both.
 */
export function successorOfChange(view: View, { change }: ChangeNode): UserId | undefined {
  // A contact that the viewer may no longer see still exists.
  if (change.kind !== 'DELETED') return undefined
  return findSuccessor(view, change.contactId, change.districtId)?.id
}
