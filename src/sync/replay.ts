import type { Caller } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { Reads } from '../fetch/district-reader.ts'
import { APART_AT_MOST, Successions } from '../identity/id-history.ts'
import type { Change } from '../model/change.ts'
import { EventsLost, EventsOff } from '../model/change-errors.ts'
import { type EventPage, firstIdAt, timeOfEvent } from '../model/events.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import type { ContactRecord } from '../model/records.ts'
import { changeOf, lateEventOf, pastEvent, successionsAsChanges } from './change.ts'
import { createSharedPages, type SharedPage } from './shared-pages.ts'

export interface CatchUpOptions {
  readonly districtId: DistrictId
  readonly reads: Pick<Reads, 'events' | 'cleverNow'>
  readonly clock: Clock
  /** How late an event may be told. ms */
  readonly lag: number
  readonly markShared: (record: ContactRecord) => ContactRecord
  /** Of a contact, the last that is known. */
  readonly recordOf: (id: UserId) => ContactRecord | undefined
  /** All changes after this one are remembered, since `at`; undefined before the first poll. */
  readonly floor: () => Floor | undefined
}

export interface Floor {
  readonly id: string
  /** ms since the epoch */
  readonly at: number
}

export interface CatchUpFrom {
  readonly after: string
  readonly eventId: string
  /** Aborted when the listener has left. */
  readonly signal: AbortSignal
  /** Asked anew for each call to Clever. */
  readonly caller: () => Caller
}

/** Whether a change that is remembered was not told yet. */
export type IsNew = (change: Change) => boolean

/** An event that becomes visible after so long is not told apart from one that was told. ms */
const LATEST = 3_600_000
/** Listeners who go on from the same hour read the same pages. ms */
const SHARED_FROM = 3_600_000

/**
 * The changes after one that is not remembered any more, from Clever, as far back as it keeps them. Listeners who go on at the
 * same time share the pages.
 */
export function createCatchUp(options: CatchUpOptions) {
  const { districtId, reads, clock, lag, markShared, recordOf, floor } = options
  const pages = createSharedPages(reads, clock)

  function changesOn(page: EventPage, cursor: string, successions: Successions) {
    const onPage = (id: UserId) => page.events.findLast(({ userId }) => userId === id)?.user?.contact
    const latest = (id: UserId) => onPage(id) ?? recordOf(id)
    return page.events
      .filter(({ id }) => id > cursor)
      .flatMap((event) => {
        const settled = successionsAsChanges(districtId, successions.note(event), latest)
        return [...settled, changeOf(districtId, { event, place: event.id, held: undefined }) ?? []].flat()
      })
  }

  /**
   * Tells until what is remembered goes on from there. Begins a little earlier: successions that are settled later are
   * concluded from events before this one, and in doubt because of them.
   */
  async function* read({ after, eventId, signal, caller }: CatchUpFrom): AsyncGenerator<Change, IsNew> {
    const successions = new Successions(clock.now, lag, markShared)
    const recent: SharedPage[] = []
    const recentFrom = firstIdAt(reads.cleverNow() - LATEST)
    const begin = timeOfEvent(eventId) - 2 * APART_AT_MOST
    let cursor = firstIdAt(begin - (begin % SHARED_FROM))
    for (let upTo = floor(); upTo !== undefined && cursor < upTo.id && !signal.aborted; upTo = floor()) {
      const { signal: hurry, ...more } = caller()
      const page = await pages.read(cursor, upTo.at, { ...more, signal: AbortSignal.any([hurry, signal]) })
      if (page === undefined) throw new EventsOff('no events')
      for (const change of changesOn(page, cursor, successions)) if (change.id > after) yield change
      const { lastId, endsWith = '', isLast, unreadable } = page
      if (unreadable.length > 0 || (!isLast && endsWith <= cursor)) throw new EventsLost('cannot be read')
      if (lastId !== undefined && lastId > recentFrom) recent.push(page)
      cursor = lastId !== undefined && lastId > cursor ? lastId : cursor
      // While it was told more may have been noted, and forgotten again.
      if (isLast && floor() === upTo) break
      if (!isLast && lastId === undefined) throw new EventsLost('cannot be read')
    }
    // Settled after the last event, and before what is remembered.
    const toldUpTo = floor()?.id ?? ''
    const settled = successionsAsChanges(districtId, successions.settle(endOfSecond(toldUpTo)), recordOf)
    for (const change of settled) if (change.id > after && change.id <= toldUpTo) yield change
    return isNewAfter({ after, cursor, toldUpTo, recent, recentFrom })
  }

  /** `tidy` forgets pages that were read long ago. */
  return { read, tidy: pages.tidy }
}

function endOfSecond(place: string): number {
  return timeOfEvent(place) + 999
}

interface Told {
  readonly after: string
  readonly cursor: string
  readonly toldUpTo: string
  readonly recent: readonly SharedPage[]
  readonly recentFrom: string
}

/** A change whose event became visible late was told only if the event was on a page by then. */
function isNewAfter({ after, cursor, toldUpTo, recent, recentFrom }: Told): IsNew {
  const last = pastEvent(cursor) > toldUpTo ? pastEvent(cursor) : toldUpTo
  return ({ id }) => {
    const late = lateEventOf(id)
    if (id <= after) return false
    if (late === undefined || late <= recentFrom) return id > last
    return !recent.some(({ ids }) => ids.has(late))
  }
}
