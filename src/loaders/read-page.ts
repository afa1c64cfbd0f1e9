import type { Range, Role } from '../clever/ranges.ts'
import { MOST_ROWS } from '../clever/ranges.ts'
import type { Caller } from '../clever/transport.ts'
import { knownDownTo, knownUpTo } from '../directory/coverage.ts'
import type { Known, Listed, RecordOf } from '../directory/directory.ts'
import type { District } from '../directory/districts.ts'

/** A page of a district, and whether anything lies beyond it: at most 9,999 rows. */
export type PageRange<R extends Role> = Range & { readonly role: R }

/**
 * Asks Clever for a page: one call. Whoever reads on where the last page ended is likely to go on, so each page is asked
 * for twice as long as all that is known before it; the pages after it then cost nothing.
 */
export async function readPage<R extends Role>(
  { directory, reads, sizes }: District,
  range: PageRange<R>,
  caller: Caller,
  notBefore: number,
): Promise<Known<Listed<R>>> {
  const { role, direction, beyond, limit } = range
  const known = rowsKnownBefore()
  const longer = sizes.mayHold(role) ? 2 * known : 0
  // One more than asked for: whether there is anything beyond the page.
  const rows = Math.min(Math.max(limit + 1, longer), MOST_ROWS)
  const { value: page, since } = await reads.range(
    { role, direction, beyond, limit: rows },
    caller,
    notBefore,
  )
  const asked = direction === 'forwards' ? page.rows.slice(0, limit) : page.rows.slice(-limit)
  const records = asked.map(({ user }) => user?.[role] as RecordOf<R> | undefined)
  return {
    since,
    value: {
      records: records.filter((record) => record !== undefined),
      firstId: asked.at(0)?.id,
      lastId: asked.at(-1)?.id,
      hasMore: page.rows.length > limit || (!page.isLast && page.rows.length === limit),
    },
  }

  function rowsKnownBefore(): number {
    if (beyond === undefined) return 0
    const coverage = directory.coverage(role)
    const span =
      direction === 'forwards'
        ? { after: knownDownTo(coverage, beyond, notBefore), upTo: beyond }
        : { after: beyond, upTo: knownUpTo(coverage, beyond, notBefore) }
    return directory.rowsIn(role, span) ?? 0
  }
}
