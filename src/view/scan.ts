import type { VIEW_CONTACTS, VIEW_STUDENT } from '../access/policy.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import type { Range, Role } from '../model/ranges.ts'
import type { RecordOf } from '../store/district-store.ts'
import type { ContactNode } from './contact-node.ts'
import type { Order, Place } from './order.ts'
import type { StudentNode } from './student-node.ts'
import type { View } from './view.ts'

/** The records beyond a cursor, of either role. */
export type CursorRange = Omit<Range, 'role'>

/** The records beyond a position in a sorted list. */
export interface OrderedRange<R extends Role> {
  readonly order: Order<R>
  /** In the order of the list, which may be descending. */
  readonly direction: CursorRange['direction']
  readonly beyond: Place | undefined
  readonly limit: number
}

export type NodeOf<R extends Role> = R extends 'contact' ? ContactNode : StudentNode

/** Chooses records by what the viewer may see of them. */
export interface RecordTest<R extends Role> {
  /** A key that is equal for tests that choose the same records. */
  readonly key: string
  /** Roles that the test reads besides the record. They are loaded first as a whole. */
  readonly neededRoles: readonly Role[]
  /** Whether a match reveals personal data, so that it counts as disclosed even if no field is selected. */
  readonly disclosesMatches: boolean
  matches(view: View, node: NodeOf<R>): boolean
}

/** The listing functions of the two roles. */
export interface RecordKind<R extends Role> {
  readonly role: R
  readonly privilege: typeof VIEW_STUDENT | typeof VIEW_CONTACTS
  /** The ids of the viewer's own records in ascending order, without those that the viewer may not see. */
  ownIds(view: View, districtId: DistrictId | undefined): readonly UserId[]
  own(view: View, id: UserId): NodeOf<R> | undefined
  node(view: View, record: RecordOf<R>, asOf: number): NodeOf<R>
  record(node: NodeOf<R>): RecordOf<R>
  /** When a record of this view was read, or one that was read earlier. ms since the epoch */
  asOf(view: View, node: NodeOf<R>): number
  disclose(view: View, node: NodeOf<R>): void
}

/** A search through a long list, which runs outside of execution and yields to the event loop. */
export interface ScanRequest<R extends Role> {
  readonly kind: RecordKind<R>
  readonly test: RecordTest<R>
  /** The list: a whole district, or the ids of the viewer's own records, ascending. */
  readonly source: { readonly districtId: DistrictId } | { readonly ids: readonly UserId[] }
  /** The page to find; undefined to count all matches. */
  readonly cursorRange: CursorRange | undefined
  /** A page of the list in another order. Then `cursorRange` is undefined, and every record is looked at. */
  readonly ordered?: OrderedRange<R>
}

export interface ScanResult<R extends Role> {
  /** The page in the order of the list; of a count, the first matches. */
  readonly records: readonly Scanned<R>[]
  readonly hasMore: boolean
  readonly count: number
  /** When the oldest record that was looked at was read. ms since the epoch */
  readonly asOf: number
}

export interface Scanned<R extends Role> {
  readonly record: RecordOf<R>
  readonly asOf: number
}
