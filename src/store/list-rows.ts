import type { Range } from '../model/ranges.ts'
import { coveredDownTo, coveredUpTo, END, idBefore, type Span, START } from './coverage.ts'
import type { EncodedRow } from './encoded-records.ts'
import type { RecordTable } from './record-table.ts'

/** A part of a record table, in ascending order of id. */
interface Rows {
  readonly entries: readonly EncodedRow[]
  /** The span that must be covered. */
  readonly span: Span
  readonly hasMore: boolean
}

/**
 * The rows of a range, if they and the row beyond them have an as-of time of `minAsOf` or later; otherwise undefined.
 * With `mayBeTruncated`, fewer rows are enough if there are any.
 */
export function rowsOf(
  table: RecordTable,
  range: Range,
  minAsOf: number,
  mayBeTruncated: boolean,
): Rows | undefined {
  const read = range.direction === 'forwards' ? rowsUp : rowsDown
  return read(table, range, minAsOf, mayBeTruncated)
}

function rowsUp(
  table: RecordTable,
  { beyond = START, limit }: Range,
  minAsOf: number,
  mayBeTruncated: boolean,
): Rows | undefined {
  const edge = coveredUpTo(table.coverage, beyond, minAsOf)
  const taken = take(table.ascendingAfter(beyond), limit + 1, (id) => id <= edge)
  const isTruncated = taken.length <= limit && edge !== END
  if (isTruncated && (!mayBeTruncated || taken.length === 0)) return undefined
  const entries = taken.slice(0, limit)
  const last = entries.length < limit && !isTruncated ? END : (entries.at(-1)?.[0] ?? END)
  return { entries, span: { after: beyond, upTo: last }, hasMore: isTruncated || taken.length > limit }
}

function rowsDown(
  table: RecordTable,
  { beyond = END, limit }: Range,
  minAsOf: number,
  mayBeTruncated: boolean,
): Rows | undefined {
  const from = idBefore(beyond)
  const edge = coveredDownTo(table.coverage, from, minAsOf)
  const taken = take(table.descendingBefore(beyond), limit + 1, (id) => id > edge)
  const isTruncated = taken.length <= limit && edge !== START
  if (isTruncated && (!mayBeTruncated || taken.length === 0)) return undefined
  const entries = taken.slice(0, limit).reverse()
  const [first] = entries.at(0) ?? []
  const isToStart = entries.length < limit && !isTruncated
  const after = isToStart || first === undefined ? START : idBefore(first)
  return { entries, span: { after, upTo: from }, hasMore: isTruncated || taken.length > limit }
}

function take(rows: IteratorObject<EncodedRow>, max: number, isKnown: (id: string) => boolean): EncodedRow[] {
  const taken: EncodedRow[] = []
  for (const row of rows) {
    if (!isKnown(row[0]) || taken.length === max) break
    taken.push(row)
  }
  return taken
}
