import { encodeForRole } from '../model/codec.ts'
import type { Range, RangePage, Role, Row } from '../model/ranges.ts'
import { END, idBefore, type Span, START } from './coverage.ts'
import type { EncodedRow } from './record-table.ts'

export function encodeRows(role: Role, rows: readonly Row[]): readonly EncodedRow[] {
  return rows.flatMap(({ id, user }) => {
    const encoded = encodeForRole(role, user)
    return encoded === undefined ? [] : [[id, encoded] as const]
  })
}

/** The span that a page covers completely: from its cursor to its last row, or to the end of the list. */
export function spanOfPage({ direction, beyond }: Range, { rows, isLast }: RangePage): Span {
  if (direction === 'forwards')
    return { after: beyond ?? START, upTo: isLast ? END : (rows.at(-1)?.id ?? START) }
  const after = isLast ? START : idBefore(rows.at(0)?.id ?? END)
  return { after, upTo: beyond === undefined ? END : idBefore(beyond) }
}
