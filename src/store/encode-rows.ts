import type { Range, RangePage, Role, Row } from '../model/ranges.ts'
import type { UserRecord } from '../model/records.ts'
import { type EncodedRecord, encodeContact, encodeStudent } from './codec.ts'
import { END, idBefore, type Span, START } from './coverage.ts'
import { type EncodedRow, UNREADABLE } from './record-table.ts'

/** UNREADABLE for a user who could not be read; undefined for one without the role. */
export function encodeForRole(role: Role, user: UserRecord | undefined): EncodedRecord | undefined {
  if (user === undefined) return UNREADABLE
  if (role === 'student') return user.student && encodeStudent(user.student)
  return user.contact && encodeContact(user.contact)
}

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
