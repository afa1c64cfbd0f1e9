import type { Change } from './changes.ts'
import { bisect } from './sorted-list.ts'

export interface FeedEvent extends Change {
  readonly id: string
  /** Ms since 1970, in whole seconds, as the feed has them. */
  readonly createdMs: number
}

export interface EventFeed {
  /** Adds one burst, stamped `createdMs`. */
  publish(changes: readonly Change[], createdMs: number): void
  /** Oldest first; Clever forgets an event after 30 days. */
  retained(): readonly FeedEvent[]
}

const retentionMs = 30 * 86_400_000
/** Seen on the wire: the events of one burst share the middle of their ids, and the counter has gaps. */
const process = '31f12f05cc'
const firstCounter = 0x49076f
const counterStep = 3

/** `now` in ms since 1970 decides what is still retained. */
export function createEventFeed(now: () => number): EventFeed {
  const events: FeedEvent[] = []
  let counter = firstCounter
  return {
    publish(changes, createdMs) {
      const seconds = Math.floor(createdMs / 1000)
      for (const change of changes) {
        events.push({ ...change, id: eventId(seconds, counter), createdMs: seconds * 1000 })
        counter += counterStep
      }
    },
    retained() {
      const oldest = now() - retentionMs
      const expired = bisect(events.length, (at) => (events[at]?.createdMs ?? 0) < oldest)
      return expired === 0 ? events : events.slice(expired)
    },
  }
}

/** The counter never starts again, so ids ascend even between bursts of one second. */
function eventId(seconds: number, counter: number): string {
  return seconds.toString(16).padStart(8, '0') + process + counter.toString(16).padStart(6, '0')
}
