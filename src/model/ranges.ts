import type { EncodedRecord } from './codec.ts'
import { parseUserId, type UserId } from './ids.ts'

/** The users of one role whose ids lie beyond a cursor, nearest to it first; in ascending order either way. */
export interface Range {
  readonly role: Role
  readonly direction: 'forwards' | 'backwards'
  /** An id, which need not exist; undefined for the very first or very last of the district. */
  readonly beyond: string | undefined
  /** At most MAX_PAGE_ROWS. */
  readonly limit: number
  /**
   * Only these rows are read, which takes a fifth of the time of reading all. The page then proves nothing about other ids.
   * Undefined for all rows.
   */
  readonly wanted?: ReadonlySet<UserId> | undefined
}

export const ROLES = ['contact', 'student'] as const
export type Role = (typeof ROLES)[number]

/** The maximum number of rows on a page of Clever's. */
export const MAX_PAGE_ROWS = 10_000

export interface RangePage {
  /** In ascending order of id. */
  readonly rows: RowList
  /** The number of unwanted rows that were left out. The first and the last row of a page never are. */
  readonly leftOut: number
  /** Whether nothing lies beyond the page. */
  readonly isLast: boolean
  /** Whether Clever links to a page beyond this one, which shows that it has applied the cursor. */
  readonly isLinked: boolean
  /** Whether an element has no readable id, so that the page is not the complete truth about its range. */
  readonly hasNameless: boolean
  /** Frees the memory of the rows at once. Reading a row of them throws after it. */
  readonly free?: () => void
}

/** An array of rows, or a list that makes a row each time it is read, so that a large page is not thousands of objects. */
export interface RowList extends Iterable<Row> {
  readonly length: number
  /** As `Array.prototype.at`. */
  at(index: number): Row | undefined
  /** From `start` to before `end`, which are not negative. */
  slice(start: number, end: number): RowList
}

export interface Row {
  readonly id: UserId
  /**
   * UNREADABLE where the record could not be read; undefined for a user without the role of the range; null for one that is
   * not wanted.
   */
  readonly encoded: EncodedRecord | undefined | null
}

/** Whether rows with ascending ids keep to a range: all lie on the right side of its cursor. */
export function liesIn({ direction, beyond }: Range, rows: RowList): boolean {
  const nearest = rows.at(direction === 'forwards' ? 0 : -1)?.id
  if (nearest === undefined || beyond === undefined) return true
  return direction === 'forwards' ? nearest > beyond : nearest < beyond
}

export function idOf(item: unknown): UserId | undefined {
  if (typeof item !== 'object' || item === null || !('id' in item) || typeof item.id !== 'string')
    return undefined
  return parseUserId(item.id)
}
