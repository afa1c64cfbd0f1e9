import type { CallContext } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { DistrictReader } from '../fetch/district-reader.ts'
import { createSharedCalls } from '../fetch/shared-calls.ts'
import type { EventPage } from '../model/events.ts'

/** The number of pages that are kept, of some 2 MB each. */
export const MAX_PAGES = 8
/** ms */
export const KEEP_MS = 30_000

/**
 * Pages of events, each read once for all subscribers that ask for it while it is under way or shortly after. Throws what
 * `reader` throws; a failure is not kept.
 */
export function createSharedPages(reader: Pick<DistrictReader, 'events'>, clock: Clock) {
  const share = createSharedCalls(clock.now)
  const kept = new Map<string, { readonly page: EventPage; readonly readAt: number }>()

  function keep(after: string, page: EventPage, readAt: number) {
    kept.delete(after)
    kept.set(after, { page, readAt })
    const [oldest] = kept.keys()
    if (kept.size > MAX_PAGES && oldest !== undefined) kept.delete(oldest)
  }

  function tidy() {
    for (const [after, { readAt }] of kept) if (readAt <= clock.now() - KEEP_MS) kept.delete(after)
  }

  return {
    /**
     * Undefined for a district without events. A last page that was read before `minAsOf` (ms since the epoch) is read
     * again, because more events may have followed.
     */
    async read(after: string, minAsOf: number, callContext: CallContext): Promise<EventPage | undefined> {
      tidy()
      const known = kept.get(after)
      if (known !== undefined && (!known.page.isLast || known.readAt >= minAsOf)) return known.page
      return share({ key: after, size: 1, minAsOf }, callContext, async (all) => {
        const readAt = clock.now()
        const page = await reader.events(after, all)
        if (page === undefined) return undefined
        keep(after, page, readAt)
        return page
      })
    },

    /** Drops the pages that were read long ago. */
    tidy,
  }
}
