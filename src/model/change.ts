import type { DistrictId, UserId } from './ids.ts'
import type { ContactRecord } from './records.ts'

/** What happened to one contact. Access to the change is decided elsewhere. */
export interface Change {
  /**
   * The position among the changes of the district. Positions ascend in the order in which changes were delivered. It is
   * the id of the event, or for an event that became visible late a position behind the latest one. The position of
   * SUCCEEDED is the time at which the id change was settled, as the last id of that second, with a number behind.
   */
  readonly id: string
  readonly kind: 'CREATED' | 'UPDATED' | 'DELETED' | 'SUCCEEDED'
  readonly districtId: DistrictId
  readonly contactId: UserId
  /** For SUCCEEDED: the contact that was replaced. */
  readonly previousId: UserId | undefined
  /**
   * The record before. For UPDATED and SUCCEEDED undefined if unknown; for SUCCEEDED the record of the previous contact.
   */
  readonly before: ContactRecord | undefined
  /** Undefined for DELETED. */
  readonly after: ContactRecord | undefined
  /** As Clever wrote it, by its own clock. ms since the epoch */
  readonly occurredAt: number
}
