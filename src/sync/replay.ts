import type { CallContext } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { DistrictReader } from '../fetch/district-reader.ts'
import { IdHistory, MAX_GAP_MS } from '../identity/id-history.ts'
import type { Change } from '../model/change.ts'
import { EventsLost, EventsOff } from '../model/change-errors.ts'
import { type EventPage, firstIdAt, timeOfEvent, type UserEvent } from '../model/events.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import type { ContactRecord } from '../model/records.ts'
import { changeOf, idChangesAsChanges } from './change.ts'
import { createSharedPages } from './shared-pages.ts'

export interface ReplayOptions {
  readonly districtId: DistrictId
  readonly reader: Pick<DistrictReader, 'events' | 'cleverNow'>
  readonly clock: Clock
  /** How late an event may be reported. ms */
  readonly lagMs: number
  readonly markShared: (record: ContactRecord) => ContactRecord
  /** The last known record of a contact. */
  readonly recordOf: (id: UserId) => ContactRecord | undefined
  /**
   * The change after which all changes are remembered, and its time `at`. Undefined before the first poll.
   */
  readonly floor: () => ReplayFloor | undefined
  /** Whether the feed has applied the event. Other events will be remembered when it does. */
  readonly isApplied: (eventId: string) => boolean
  /** The position of an event that became visible late, as far as the feed knows. */
  readonly latePositionOf: (eventId: string) => string | undefined
}

/** An event, and its position among the changes. */
interface Placed {
  readonly event: UserEvent
  readonly position: string
}

export interface ReplayFloor {
  readonly id: string
  /** ms since the epoch */
  readonly at: number
}

export interface ReplayFrom {
  readonly after: string
  readonly eventId: string
  /** Aborted when the subscriber has left. */
  readonly signal: AbortSignal
  /** Called for each call to Clever. */
  readonly callContext: () => CallContext
}

/** Whether a remembered change still has to be delivered. */
export type IsNew = (change: Change) => boolean

/** The digits of the id of an event. */
const ID_LENGTH = 24
/** Rounds the start down to the hour, so that subscribers that resume from the same hour share pages. ms */
const SHARED_START_MS = 3_600_000

/**
 * Reads changes from Clever that are no longer remembered, as far back as Clever keeps them. Subscribers that
 * resume at the same time share the pages.
 */
export function createReplay(options: ReplayOptions) {
  const { districtId, reader, clock, lagMs, markShared, recordOf, floor, isApplied, latePositionOf } = options
  const pages = createSharedPages(reader, clock)

  function placesOn(page: EventPage, cursor: string): readonly Placed[] {
    return page.events
      .filter(({ id }) => id > cursor && isApplied(id))
      .map((event) => ({ event, position: latePositionOf(event.id) ?? event.id }))
  }

  function changesOf(places: readonly Placed[], idHistory: IdHistory): readonly Change[] {
    const among = (id: UserId) => places.findLast(({ event }) => event.userId === id)?.event.user?.contact
    const latest = (id: UserId) => among(id) ?? recordOf(id)
    return places.flatMap(({ event, position }) => {
      const settled = idChangesAsChanges(districtId, idHistory.addEvent(event), latest)
      const change = changeOf(districtId, { event, position, heldRecord: undefined })
      return change === undefined ? settled : [...settled, change]
    })
  }

  /**
   * Delivers changes up to the remembered ones, in the order in which the feed applied them. Begins a little earlier, because id
   * changes that are settled later depend on events before this one.
   */
  async function* read({ after, eventId, signal, callContext }: ReplayFrom): AsyncGenerator<Change, IsNew> {
    const idHistory = new IdHistory(clock.now, lagMs, markShared)
    const start = timeOfEvent(eventId) - 2 * MAX_GAP_MS
    let cursor = firstIdAt(start - (start % SHARED_START_MS))
    /** Late events whose positions lie beyond the pages that were read. */
    let pending: readonly Placed[] = []
    for (let upTo = floor(); upTo !== undefined && cursor < upTo.id && !signal.aborted; upTo = floor()) {
      const { signal: hurry, ...more } = callContext()
      const page = await pages.read(cursor, upTo.at, { ...more, signal: AbortSignal.any([hurry, signal]) })
      if (page === undefined) throw new EventsOff('no events')
      const { lastId, endsWith = '', isLast, unreadable } = page
      if (unreadable.length > 0 || (!isLast && endsWith <= cursor)) throw new EventsLost('cannot be read')
      if (!isLast && lastId === undefined) throw new EventsLost('cannot be read')
      const last = upTo.id.slice(0, ID_LENGTH)
      const isCovered = isLast || (lastId ?? '') > last
      const limit = isCovered ? upTo.id : beforeNext(lastId ?? '')
      const places = [...pending, ...placesOn(page, cursor)].sort(byPosition)
      const due = places.filter(({ position }) => position <= limit)
      for (const change of changesOf(due, idHistory))
        if (change.id > after && change.id <= upTo.id) yield change
      pending = places.filter(({ position }) => position > limit && position.length > ID_LENGTH)
      const readUpTo = isCovered ? last : (lastId ?? cursor)
      cursor = readUpTo > cursor ? readUpTo : cursor
      // Meanwhile more changes may have been added, and dropped again.
      if (isCovered && floor() === upTo) break
    }
    // The id changes that were settled after the last event and before the remembered changes.
    const lastRememberedId = floor()?.id ?? ''
    const settled = idChangesAsChanges(districtId, idHistory.settle(endOfSecond(lastRememberedId)), recordOf)
    for (const change of settled) if (change.id > after && change.id <= lastRememberedId) yield change
    return ({ id }) => id > after && id > lastRememberedId
  }

  /** `tidy` drops pages that were read long ago. */
  return { read, tidy: pages.tidy }
}

function endOfSecond(position: string): number {
  return timeOfEvent(position) + 999
}

/** Sorts after every position behind the event, and before the next event. */
function beforeNext(eventId: string): string {
  return `${eventId}~~`
}

function byPosition(a: Placed, b: Placed): number {
  return a.position < b.position ? -1 : 1
}
