import type { Caller } from '../clever/transport.ts'
import type { District } from '../districts.ts'
import type { PageRange } from '../model/page-range.ts'
import { MOST_ROWS, type Role } from '../model/ranges.ts'
import { before, END, following, knownDownTo, knownUpTo, START } from '../store/coverage.ts'
import type { Known, Listed, RecordOf } from '../store/district-store.ts'

/**
 * Asks Clever for a page: one call. It begins where what is known ends, so that it may be the very page that a sweep is
 * reading. Whoever reads on is likely to go on: each page is asked for twice as long as all that is known before it, and
 * the pages after it then cost nothing. Where Clever gives fewer rows than were asked for, the page is as short, and says that
 * there are more.
 */
export async function readPage<R extends Role>(
  { directory, reads, sizes }: District,
  range: PageRange<R>,
  caller: Caller,
  notBefore: number,
): Promise<Known<Listed<R>>> {
  const { role, direction, limit } = range
  const edge = edgeOfKnown()
  const longer = sizes.mayHold(role) ? 2 * rowsKnownBefore(edge) : 0
  // One more than asked for: whether there is anything beyond the page.
  const rows = Math.min(Math.max(limit + 1, longer), MOST_ROWS)
  const read = await reads.range({ role, direction, beyond: edge, limit: rows }, caller, notBefore)
  if (edge === range.beyond) return cut(read.value, read.since)

  // Clever may give fewer rows than were asked for.
  const whole = directory.list(range, notBefore, { mayBeCut: true })
  if (whole !== undefined) return whole
  // What was known has been forgotten meanwhile.
  const anew = await reads.range({ ...range, limit: limit + 1 }, caller, notBefore)
  return cut(anew.value, anew.since)

  /** The cursor beyond which nothing is known, at or after the one that was asked for. */
  function edgeOfKnown(): string | undefined {
    const coverage = directory.coverage(role)
    const { beyond } = range
    if (direction === 'forwards') return knownUpTo(coverage, beyond ?? START, notBefore) || undefined
    const last = beyond === undefined ? END : before(beyond)
    const known = knownDownTo(coverage, last, notBefore)
    return known === last ? beyond : following(known)
  }

  function rowsKnownBefore(cursor: string | undefined): number {
    if (cursor === undefined) return 0
    const coverage = directory.coverage(role)
    const span =
      direction === 'forwards'
        ? { after: knownDownTo(coverage, cursor, notBefore), upTo: cursor }
        : { after: before(cursor), upTo: knownUpTo(coverage, before(cursor), notBefore) }
    return directory.rowsIn(role, span) ?? 0
  }

  function cut({ rows, isLast }: Awaited<ReturnType<typeof reads.range>>['value'], since: number) {
    const asked = direction === 'forwards' ? rows.slice(0, limit) : rows.slice(-limit)
    const records = asked.map(({ user }) => user?.[role] as RecordOf<R> | undefined)
    return {
      since,
      value: {
        records: records.filter((record) => record !== undefined),
        firstId: asked.at(0)?.id,
        lastId: asked.at(-1)?.id,
        hasMore: rows.length > limit || !isLast,
      },
    }
  }
}
