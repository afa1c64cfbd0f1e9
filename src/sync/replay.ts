import type { CallContext } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { DistrictReader } from '../fetch/district-reader.ts'
import { IdHistory, MAX_GAP_MS } from '../identity/id-history.ts'
import type { Change } from '../model/change.ts'
import { EventsLost, EventsOff } from '../model/change-errors.ts'
import { type EventPage, firstIdAt, timeOfEvent } from '../model/events.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import type { ContactRecord } from '../model/records.ts'
import { afterEvent, changeOf, idChangesAsChanges, lateEventOf } from './change.ts'
import { createSharedPages, type SharedPage } from './shared-pages.ts'

export interface ReplayOptions {
  readonly districtId: DistrictId
  readonly reader: Pick<DistrictReader, 'events' | 'cleverNow'>
  readonly clock: Clock
  /** How late an event may be told. ms */
  readonly lagMs: number
  readonly markShared: (record: ContactRecord) => ContactRecord
  /** Of a contact, the last that is known. */
  readonly recordOf: (id: UserId) => ContactRecord | undefined
  /** All changes after this one are remembered, since `at`; undefined before the first poll. */
  readonly floor: () => ReplayFloor | undefined
}

export interface ReplayFloor {
  readonly id: string
  /** ms since the epoch */
  readonly at: number
}

export interface ReplayFrom {
  readonly after: string
  readonly eventId: string
  /** Aborted when the listener has left. */
  readonly signal: AbortSignal
  /** Asked anew for each call to Clever. */
  readonly callContext: () => CallContext
}

/** Whether a change that is remembered was not told yet. */
export type IsNew = (change: Change) => boolean

/** An event that becomes visible after so long is not told apart from one that was told. ms */
const MAX_LATENESS_MS = 3_600_000
/** Listeners who go on from the same hour read the same pages. ms */
const SHARED_START_MS = 3_600_000

/**
 * The changes after one that is not remembered any more, from Clever, as far back as it keeps them. Listeners who go on at the
 * same time share the pages.
 */
export function createReplay(options: ReplayOptions) {
  const { districtId, reader, clock, lagMs, markShared, recordOf, floor } = options
  const pages = createSharedPages(reader, clock)

  function changesOn(page: EventPage, cursor: string, idHistory: IdHistory) {
    const onPage = (id: UserId) => page.events.findLast(({ userId }) => userId === id)?.user?.contact
    const latest = (id: UserId) => onPage(id) ?? recordOf(id)
    return page.events
      .filter(({ id }) => id > cursor)
      .flatMap((event) => {
        const settled = idChangesAsChanges(districtId, idHistory.addEvent(event), latest)
        return [
          ...settled,
          changeOf(districtId, { event, position: event.id, heldRecord: undefined }) ?? [],
        ].flat()
      })
  }

  /**
   * Tells until what is remembered goes on from there. Begins a little earlier: successions that are settled later are
   * concluded from events before this one, and in doubt because of them.
   */
  async function* read({ after, eventId, signal, callContext }: ReplayFrom): AsyncGenerator<Change, IsNew> {
    const idHistory = new IdHistory(clock.now, lagMs, markShared)
    const recent: SharedPage[] = []
    const recentFrom = firstIdAt(reader.cleverNow() - MAX_LATENESS_MS)
    const start = timeOfEvent(eventId) - 2 * MAX_GAP_MS
    let cursor = firstIdAt(start - (start % SHARED_START_MS))
    for (let upTo = floor(); upTo !== undefined && cursor < upTo.id && !signal.aborted; upTo = floor()) {
      const { signal: hurry, ...more } = callContext()
      const page = await pages.read(cursor, upTo.at, { ...more, signal: AbortSignal.any([hurry, signal]) })
      if (page === undefined) throw new EventsOff('no events')
      for (const change of changesOn(page, cursor, idHistory)) if (change.id > after) yield change
      const { lastId, endsWith = '', isLast, unreadable } = page
      if (unreadable.length > 0 || (!isLast && endsWith <= cursor)) throw new EventsLost('cannot be read')
      if (lastId !== undefined && lastId > recentFrom) recent.push(page)
      cursor = lastId !== undefined && lastId > cursor ? lastId : cursor
      // While it was told more may have been noted, and forgotten again.
      if (isLast && floor() === upTo) break
      if (!isLast && lastId === undefined) throw new EventsLost('cannot be read')
    }
    // Settled after the last event, and before what is remembered.
    const lastRememberedId = floor()?.id ?? ''
    const settled = idChangesAsChanges(districtId, idHistory.settle(endOfSecond(lastRememberedId)), recordOf)
    for (const change of settled) if (change.id > after && change.id <= lastRememberedId) yield change
    return isNewAfter({ after, cursor, lastRememberedId, recent, recentFrom })
  }

  /** `tidy` forgets pages that were read long ago. */
  return { read, tidy: pages.tidy }
}

function endOfSecond(position: string): number {
  return timeOfEvent(position) + 999
}

interface Replayed {
  readonly after: string
  readonly cursor: string
  readonly lastRememberedId: string
  readonly recent: readonly SharedPage[]
  readonly recentFrom: string
}

/** A change whose event became visible late was told only if the event was on a page by then. */
function isNewAfter({ after, cursor, lastRememberedId, recent, recentFrom }: Replayed): IsNew {
  const last = afterEvent(cursor) > lastRememberedId ? afterEvent(cursor) : lastRememberedId
  return ({ id }) => {
    const late = lateEventOf(id)
    if (id <= after) return false
    if (late === undefined || late <= recentFrom) return id > last
    return !recent.some(({ ids }) => ids.has(late))
  }
}
