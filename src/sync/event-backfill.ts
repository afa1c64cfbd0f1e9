import type { Caller } from '../clever/transport.ts'
import type { Reads } from '../fetch/district-reader.ts'
import type { Successions } from '../identity/id-history.ts'

/**
 * What Clever still tells of a district's past, read for its successions alone: what is known of the district is newer.
 * Goes on where it was left, also after a failure.
 */
export interface Past {
  /**
   * Reads on until the successions have caught up with this event of the feed, some pages at once; false when there is
   * too much of it, and it is given up. Throws the CleverErrors.
   */
  readOn(upTo: string | undefined, caller: Caller): Promise<boolean>
}

/** A turn has other things to do. */
export const PAGES_A_TURN = 10
/** 1,000 events each. Clever lists them from the oldest, so that one cannot begin later. */
export const MOST_PAST_PAGES = 100

export function createPast(reads: Pick<Reads, 'events'>, successions: Successions): Past {
  let pages = 0

  function giveUp() {
    successions.breakOff()
    successions.follow()
    return false
  }

  return {
    async readOn(upTo, caller) {
      for (let page = 1; ; page += 1) {
        const { lastId } = successions
        if (upTo === undefined || (lastId !== undefined && lastId >= upTo)) break
        if (page > PAGES_A_TURN) return true
        if (lastId === undefined) pages = 0
        if (pages === MOST_PAST_PAGES) return giveUp()
        const told = await reads.events(lastId, caller)
        // Switched off, or forgotten in the meantime.
        if (told === undefined || successions.lastId !== lastId) return true
        pages += 1
        for (const event of told.events) successions.note(event)
        if (told.unreadable.length > 0) successions.breakOff()
        successions.noteUpTo(told.lastId)
        if (told.isLast) break
        if (successions.lastId === lastId) return giveUp()
      }
      pages = 0
      successions.follow()
      return true
    },
  }
}
