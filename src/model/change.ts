import type { DistrictId, UserId } from './ids.ts'
import type { ContactRecord } from './records.ts'

/** A change of one contact. Access to the change is decided elsewhere. */
export interface Change {
  /**
   * The position among the changes of the district. Positions ascend in the order in which changes were
   * delivered. It is the id of the event. An event that became visible late has a position behind the latest
   * one. The position of SUCCEEDED is the last id of the second in which the id change was settled, followed
   * by a number.
   */
  readonly id: string
  readonly kind: 'CREATED' | 'UPDATED' | 'DELETED' | 'SUCCEEDED'
  readonly districtId: DistrictId
  readonly contactId: UserId
  /** For SUCCEEDED: the contact that was replaced. */
  readonly previousId: UserId | undefined
  /**
   * The record before the change. Undefined for UPDATED and SUCCEEDED if it is not known. For SUCCEEDED it is
   * the record of the previous contact.
   */
  readonly before: ContactRecord | undefined
  /** Undefined for DELETED. */
  readonly after: ContactRecord | undefined
  /** As Clever wrote it, by its own clock. ms since the epoch */
  readonly occurredAt: number
}
