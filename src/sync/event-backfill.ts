import type { CallContext } from '../clever/transport.ts'
import type { DistrictReader } from '../fetch/district-reader.ts'
import type { IdHistory } from '../identity/id-history.ts'

/**
 * Reads the past events of a district for id changes alone: the store is newer. Resumes where it stopped, also after a
 * failure.
 */
export interface EventBackfill {
  /**
   * Reads on until the id history has reached this event of the feed, some pages at once. False if there are too many
   * events, and the backfill is given up. Throws the CleverErrors.
   */
  readMore(upTo: string | undefined, callContext: CallContext): Promise<boolean>
}

/** Leaves time for the other work of a run. */
export const PAGES_PER_RUN = 10
/**
 * The maximum number of pages, of 1,000 events each. Clever lists events from the oldest, so the backfill
 * cannot begin later.
 */
export const MAX_BACKFILL_PAGES = 100

export function createEventBackfill(
  reader: Pick<DistrictReader, 'events'>,
  idHistory: IdHistory,
): EventBackfill {
  let pages = 0

  function giveUp() {
    idHistory.reset()
    idHistory.start()
    return false
  }

  return {
    async readMore(upTo, callContext) {
      for (let page = 1; ; page += 1) {
        const { lastId } = idHistory
        if (upTo === undefined || (lastId !== undefined && lastId >= upTo)) break
        if (page > PAGES_PER_RUN) return true
        if (lastId === undefined) pages = 0
        if (pages === MAX_BACKFILL_PAGES) return giveUp()
        const answer = await reader.events(lastId, callContext)
        // Events were switched off, or the history was cleared in the meantime.
        if (answer === undefined || idHistory.lastId !== lastId) return true
        pages += 1
        for (const event of answer.events) idHistory.addEvent(event)
        if (answer.unreadable.length > 0) idHistory.reset()
        idHistory.skipTo(answer.lastId)
        if (answer.isLast) break
        if (idHistory.lastId === lastId) return giveUp()
      }
      pages = 0
      idHistory.start()
      return true
    },
  }
}
