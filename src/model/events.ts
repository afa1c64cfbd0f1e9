import type { UserId } from './ids.ts'
import type { UserRecord } from './records.ts'

/** One event of a user in Clever's feed. */
export interface UserEvent {
  /** Ascends with time. */
  readonly id: string
  readonly kind: 'created' | 'updated' | 'deleted'
  readonly userId: UserId
  /**
   * When Clever reported the event, converted to our clock, in ms since the epoch. The change happened at that time or
   * before.
   */
  readonly occurredAt: number
  /** The same by Clever's clock; undefined while the clocks agree. */
  readonly cleverOccurredAt?: number | undefined
  /** For a deleted user, the last known record; undefined if it cannot be read. */
  readonly user: UserRecord | undefined
  /** For an updated user, the record before; undefined if Clever does not say. */
  readonly previous?: UserRecord | undefined
}

/** An event whose id is so far ahead of Clever's clock that it must be a mistake. */
export interface AheadEvent {
  readonly id: string
  readonly userId: UserId
}

export interface EventPage {
  /** In ascending order of id. Events of other records than users are left out. */
  readonly events: readonly UserEvent[]
  /** Events of unknown users. Each has a name that stays the same when the page is read again. */
  readonly unreadable: readonly string[]
  readonly ahead: readonly AheadEvent[]
  /** The last event on the page that is not ahead of its time; undefined for a page without any. */
  readonly lastId: string | undefined
  /** The place after which the next page begins; undefined for a page without ids. */
  readonly endsWith: string | undefined
  readonly isLast: boolean
}

/** By Clever's clock: an ObjectId begins with the second at which it was made. ms since the epoch */
export function timeOfEvent(id: string): number {
  return Number.parseInt(id.slice(0, 8), 16) * 1_000
}

/**
 * Sorts before every id that was made at this time or later. `time`: ms since the epoch by Clever's clock,
 * from 1970 on
 */
export function firstIdAt(time: number): string {
  return `${Math.max(Math.floor(time / 1_000), 0)
    .toString(16)
    .padStart(8, '0')}${'0'.repeat(16)}`
}
