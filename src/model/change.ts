import type { DistrictId, UserId } from './ids.ts'
import type { ContactRecord } from './records.ts'

/** What happened to one contact, for whomever. Who may hear of it, and of what in it, is decided elsewhere. */
export interface Change {
  /**
   * Its place among the changes of its district. Places ascend in the order in which changes were told. It is the id of the
   * event, or for an event that became visible late a place behind the latest one. The place of SUCCEEDED is the time at
   * which the succession was settled, as the last id of that second, with a number behind.
   */
  readonly id: string
  readonly kind: 'CREATED' | 'UPDATED' | 'DELETED' | 'SUCCEEDED'
  readonly districtId: DistrictId
  readonly contactId: UserId
  /** Of SUCCEEDED: in whose place the contact came. */
  readonly previousId: UserId | undefined
  /** Of UPDATED and SUCCEEDED undefined where nobody can say; of SUCCEEDED, the record of the previous contact. */
  readonly before: ContactRecord | undefined
  /** Undefined for DELETED. */
  readonly after: ContactRecord | undefined
  /** As Clever wrote it, by its own clock. ms since the epoch */
  readonly occurredAt: number
}
