import type { CallContext } from '../clever/transport.ts'
import type { District } from '../districts.ts'
import type { PageRange } from '../model/page-range.ts'
import { MAX_PAGE_ROWS, type Role } from '../model/ranges.ts'
import { coveredDownTo, coveredUpTo, END, idAfter, idBefore, START } from '../store/coverage.ts'
import type { Dated, RecordPage } from '../store/district-store.ts'

/**
 * Reads a page from Clever with one call. It begins where the coverage ends, so that it may be the very page
 * that a full load is reading. A client that pages on is likely to continue: each page is twice as long as
 * all coverage before it, and the pages after it then cost nothing. If Clever returns fewer rows than
 * requested, the page is shorter too, and has a next page.
 */
export async function readPage<R extends Role>(
  { store, reader, sizes }: District,
  range: PageRange<R>,
  callContext: CallContext,
  minAsOf: number,
): Promise<Dated<RecordPage<R>>> {
  const { role, direction, limit } = range
  const edge = edgeOfKnown()
  const longer = sizes.fits(role) ? 2 * rowsKnownBefore(edge) : 0
  // Reads one more row than requested, to learn whether anything lies beyond the page.
  const rows = Math.min(Math.max(limit + 1, longer), MAX_PAGE_ROWS)
  const read = await reader.range({ role, direction, beyond: edge, limit: rows }, callContext, minAsOf)
  if (edge === range.beyond) return cut(read.value, read.asOf)

  // Clever may return fewer rows than requested.
  const whole = store.list(range, minAsOf, { mayBeTruncated: true })
  if (whole !== undefined) return whole
  // The covered part was evicted in the meantime.
  const again = await reader.range({ ...range, limit: limit + 1 }, callContext, minAsOf)
  return cut(again.value, again.asOf)

  /** The cursor beyond which nothing is known, at or after the requested one. */
  function edgeOfKnown(): string | undefined {
    const coverage = store.coverage(role)
    const { beyond } = range
    if (direction === 'forwards') return coveredUpTo(coverage, beyond ?? START, minAsOf) || undefined
    const last = beyond === undefined ? END : idBefore(beyond)
    const known = coveredDownTo(coverage, last, minAsOf)
    return known === last ? beyond : idAfter(known)
  }

  function rowsKnownBefore(cursor: string | undefined): number {
    if (cursor === undefined) return 0
    const coverage = store.coverage(role)
    const span =
      direction === 'forwards'
        ? { after: coveredDownTo(coverage, cursor, minAsOf), upTo: cursor }
        : { after: idBefore(cursor), upTo: coveredUpTo(coverage, idBefore(cursor), minAsOf) }
    return store.rowCountIn(role, span) ?? 0
  }

  function cut({ rows, isLast }: Awaited<ReturnType<typeof reader.range>>['value'], asOf: number) {
    const from = direction === 'forwards' ? 0 : Math.max(rows.length - limit, 0)
    const asked = rows.slice(from, from + limit)
    const records = Array.from(asked, (row) => store.recordOf(role, row))
    return {
      asOf,
      value: {
        records: records.filter((record) => typeof record === 'object'),
        firstId: asked.at(0)?.id,
        lastId: asked.at(-1)?.id,
        hasMore: rows.length > limit || !isLast,
      },
    }
  }
}
