import type { Range, RangePage, Role, Row } from '../model/ranges.ts'
import type { UserRecord } from '../model/records.ts'
import { type Packed, packContact, packStudent } from './codec.ts'
import { before, END, type Span, START } from './coverage.ts'
import { type Entry, UNREADABLE } from './record-table.ts'

/** UNREADABLE for a user who could not be read; undefined for one without the role. */
export function packRole(role: Role, user: UserRecord | undefined): Packed | undefined {
  if (user === undefined) return UNREADABLE
  if (role === 'student') return user.student && packStudent(user.student)
  return user.contact && packContact(user.contact)
}

export function entriesOf(role: Role, rows: readonly Row[]): readonly Entry[] {
  return rows.flatMap(({ id, user }) => {
    const packed = packRole(role, user)
    return packed === undefined ? [] : [[id, packed] as const]
  })
}

/** What a page is the whole truth about: from its cursor to its far end, or to the end of the list. */
export function spanOf({ direction, beyond }: Range, { rows, isLast }: RangePage): Span {
  if (direction === 'forwards')
    return { after: beyond ?? START, upTo: isLast ? END : (rows.at(-1)?.id ?? START) }
  const after = isLast ? START : before(rows.at(0)?.id ?? END)
  return { after, upTo: beyond === undefined ? END : before(beyond) }
}
