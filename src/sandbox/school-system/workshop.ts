import type { School } from '../roster/records.ts'
import type { Mailboxes } from './mailboxes.ts'
import type { ObjectIds } from './object-ids.ts'
import type { Random } from './random.ts'

/** The sources of names, ids and chance for the people of one district. */
export interface Workshop {
  readonly districtId: string
  readonly random: Random
  /** Ids of students, and of everything else that kept its id from before Clever's v3. */
  readonly nextId: ObjectIds
  readonly mailboxes: Mailboxes
  readonly schools: readonly School[]
  readonly schoolsByGrade: ReadonlyMap<string, readonly School[]>
  /** ISO time of the last change of every record: a while before the last sync. */
  readonly modified: string
}
