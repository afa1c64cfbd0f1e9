import type { UserId } from '../model/ids.ts'
import type { Range, RangePage, RowList } from '../model/ranges.ts'
import { END, idBefore, type Span, START } from './coverage.ts'
import type { EncodedRow } from './encoded-records.ts'

/** The rows of the users who have the role of the page. */
export function entriesOf(rows: RowList): readonly EncodedRow[] {
  const entries: EncodedRow[] = []
  for (const { id, encoded } of rows) if (typeof encoded === 'string') entries.push([id, encoded])
  return entries
}

/** The wanted ids that lie on a page, or are missing from it, each with its entries: one or none. */
export function entriesOfWanted(
  range: Range,
  page: RangePage,
): readonly (readonly [UserId, readonly EncodedRow[]])[] {
  const entries = new Map(entriesOf(page.rows).map((entry) => [entry[0], entry]))
  const { after, upTo } = spanOfPage(range, page)
  const within = [...(range.wanted ?? [])].filter((id) => id > after && id <= upTo)
  return within.map((id) => [id, [entries.get(id)].filter((entry) => entry !== undefined)] as const)
}

/** The span that a page covers completely: from its cursor to its last row, or to the end of the list. */
export function spanOfPage({ direction, beyond }: Range, { rows, isLast }: RangePage): Span {
  if (direction === 'forwards')
    return { after: beyond ?? START, upTo: isLast ? END : (rows.at(-1)?.id ?? START) }
  const after = isLast ? START : idBefore(rows.at(0)?.id ?? END)
  return { after, upTo: beyond === undefined ? END : idBefore(beyond) }
}

interface PagePart {
  readonly range: Range
  readonly page: RangePage
}

/** Rows. Storing them takes about half a millisecond. */
const PART_SIZE = 200

/**
 * The same page as several small ones, in ascending order. Each is the complete truth about its own ids, so that other
 * work may run between storing one and the next.
 */
export function partsOfPage(range: Range, page: RangePage): readonly PagePart[] {
  const { direction, beyond, wanted } = range
  // Little is stored of a page with few wanted rows.
  if (wanted !== undefined) return [{ range, page }]
  const starts = Array.from({ length: Math.ceil(page.rows.length / PART_SIZE) }, (_, i) => i * PART_SIZE)
  if (starts.length < 2) return [{ range, page }]
  return starts.map((start) => {
    const end = start + PART_SIZE
    const rows = page.rows.slice(start, end)
    const [isFirst, isFinal] = [start === 0, end >= page.rows.length]
    return direction === 'forwards'
      ? {
          range: { ...range, beyond: isFirst ? beyond : page.rows.at(start - 1)?.id },
          page: { ...page, rows, isLast: isFinal && page.isLast },
        }
      : {
          range: { ...range, beyond: isFinal ? beyond : page.rows.at(end)?.id },
          page: { ...page, rows, isLast: isFirst && page.isLast },
        }
  })
}
