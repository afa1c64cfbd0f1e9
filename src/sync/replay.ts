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
  /** How late an event may be reported. ms */
  readonly lagMs: number
  readonly markShared: (record: ContactRecord) => ContactRecord
  /** The last known record of a contact. */
  readonly recordOf: (id: UserId) => ContactRecord | undefined
  /**
   * The change after which all changes are remembered, and its time `at`. Undefined before the first poll.
   */
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
  /** Aborted when the subscriber has left. */
  readonly signal: AbortSignal
  /** Called for each call to Clever. */
  readonly callContext: () => CallContext
}

/** Whether a remembered change still has to be delivered. */
export type IsNew = (change: Change) => boolean

/** How late an event may become visible. A later one may be mistaken for a delivered event. ms */
const MAX_LATENESS_MS = 3_600_000
/** Rounds the start down to the hour, so that subscribers that resume from the same hour share pages. ms */
const SHARED_START_MS = 3_600_000

/**
 * Reads changes from Clever that are no longer remembered, as far back as Clever keeps them. Subscribers that
 * resume at the same time share the pages.
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
   * Delivers changes up to the remembered ones. Begins a little earlier, because id changes that are settled later depend
   * on events before this one.
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
      // Meanwhile more changes may have been added, and dropped again.
      if (isLast && floor() === upTo) break
      if (!isLast && lastId === undefined) throw new EventsLost('cannot be read')
    }
    // The id changes that were settled after the last event and before the remembered changes.
    const lastRememberedId = floor()?.id ?? ''
    const settled = idChangesAsChanges(districtId, idHistory.settle(endOfSecond(lastRememberedId)), recordOf)
    for (const change of settled) if (change.id > after && change.id <= lastRememberedId) yield change
    return isNewAfter({ after, cursor, lastRememberedId, recent, recentFrom })
  }

  /** `tidy` drops pages that were read long ago. */
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

/** A change whose event became visible late was delivered only if the event was on a page by then. */
function isNewAfter({ after, cursor, lastRememberedId, recent, recentFrom }: Replayed): IsNew {
  const last = afterEvent(cursor) > lastRememberedId ? afterEvent(cursor) : lastRememberedId
  return ({ id }) => {
    const late = lateEventOf(id)
    if (id <= after) return false
    if (late === undefined || late <= recentFrom) return id > last
    return !recent.some(({ ids }) => ids.has(late))
  }
}
