import type { UserEvent } from '../clever/events.ts'
import type { ContactRecord } from '../clever/records.ts'
import type { Caller } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { Directory } from './directory.ts'
import type { Reads } from './reads.ts'

/** What a poll has found. */
export type Polled =
  | { readonly outcome: 'OK'; readonly events: number; readonly deleted: number }
  /** The district has no events, or has them no more. */
  | { readonly outcome: 'OFF' }
  /** Events may have been missed: what was known of the district is not vouched for any more. */
  | { readonly outcome: 'LOST' }

/** The events of one district, from a moment on. */
export interface Feed {
  /** Applies what has happened since the last poll, and vouches for all else. Throws the CleverErrors. */
  poll(caller: Caller): Promise<Polled>
  /** All up to this event are applied, or older than the feed; undefined before the first of the district. */
  readonly lastId: string | undefined
}

export interface FeedOptions {
  readonly reads: Pick<Reads, 'newestEvent' | 'events'>
  readonly directory: Directory
  readonly clock: Clock
  /** How long after a change Clever may tell of it: what a poll vouches for is so much older than the poll. ms */
  readonly lag: number
  /** Told of each event after it was applied, with the contact as it was known before. */
  readonly onEvent: (event: UserEvent, before: ContactRecord | undefined) => void
}

/** Clever keeps an event for 30 days, and starts silently at the oldest for whoever comes later; a day to be safe. ms */
export const RETENTION = 29 * 86_400_000
/** More pages than this in one poll are Clever running in circles. */
const MOST_PAGES = 1_000
const ALWAYS = Number.NEGATIVE_INFINITY

/**
 * Begins just before the present: whatever is read from Clever afterwards is as new as the first event, or newer. So this
 * comes before a sweep. Undefined for a district without events. Throws the CleverErrors. One call.
 */
export async function beginFeed(options: FeedOptions, caller: Caller): Promise<Feed | undefined> {
  const { reads, directory, clock, lag, onEvent } = options
  const begunAt = clock.now()
  const newest = await reads.newestEvent(caller)
  if (newest === undefined) return undefined
  /** All up to this one are applied; before the first event of a district there is none. */
  let cursor = newest ?? undefined
  let polledAt = begunAt

  return {
    get lastId() {
      return cursor
    },
    async poll(caller) {
      const sentAt = clock.now()
      if (sentAt - polledAt > RETENTION) return { outcome: 'LOST' }
      let [events, deleted] = [0, 0]
      for (let page = 1; page <= MOST_PAGES; page += 1) {
        const told = await reads.events(cursor, caller)
        if (told === undefined) return { outcome: 'OFF' }
        for (const event of told.events) {
          // Told again: it has been applied, and newer ones may have been since.
          if (cursor !== undefined && event.id <= cursor) continue
          const before = directory.find('contact', event.userId, ALWAYS)?.value
          directory.apply(event)
          onEvent(event, before === 'UNREADABLE' ? undefined : before)
          events += 1
          if (event.kind === 'deleted') deleted += 1
        }
        if (told.hasUnreadable) return { outcome: 'LOST' }
        const isFurther = told.lastId !== undefined && (cursor === undefined || told.lastId > cursor)
        if (isFurther) cursor = told.lastId
        if (told.isLast) {
          polledAt = sentAt
          directory.renew(begunAt, sentAt - lag)
          return { outcome: 'OK', events, deleted }
        }
        // There is more, and no way to it.
        if (!isFurther) break
      }
      return { outcome: 'LOST' }
    },
  }
}
