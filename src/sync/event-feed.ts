import type { CallContext } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { DistrictReader } from '../fetch/district-reader.ts'
import { type AheadEvent, type EventPage, firstIdAt, type UserEvent } from '../model/events.ts'
import type { ContactRecord } from '../model/records.ts'
import type { DistrictStore } from '../store/district-store.ts'
import { createAppliedEventIds } from './applied-events.ts'
import { lateEventPosition } from './change.ts'

/** The outcome of a poll. */
export type PollResult =
  | { readonly outcome: 'OK'; readonly events: number; readonly deleted: number }
  /** The district has no events, or no longer has them. */
  | { readonly outcome: 'OFF' }
  /** Events may have been missed: the as-of times of the district can no longer be renewed. */
  | { readonly outcome: 'LOST' }

/** An event after it was applied. */
export interface AppliedEvent {
  readonly event: UserEvent
  /** The contact before the event, as far as it is known. */
  readonly before: ContactRecord | undefined
  /** Its place in the order in which events were applied: see `Change.id`. */
  readonly position: string
}

export interface EventFeedOptions {
  readonly reader: Pick<DistrictReader, 'newestEvent' | 'events' | 'cleverNow'>
  readonly store: DistrictStore
  readonly clock: Clock
  /**
   * How long after a change Clever may report it. A poll renews as-of times to this long before the poll. ms
   */
  readonly lagMs: number
  readonly onEvent: (applied: AppliedEvent) => void
  /** Called once for each event that lies ahead of its time. The event was not applied, and its user is read again. */
  readonly onAhead: (event: AheadEvent) => void
}

/**
 * Clever keeps an event for 30 days, and silently starts at the oldest for a later cursor. This is a day
 * less, to be safe. ms
 */
export const EVENT_RETENTION_MS = 29 * 86_400_000
/** The maximum number of pages in one poll. More mean that the links form a loop. */
const MAX_PAGES = 1_000
/** Events that lie ahead of their time, each handled once. */
const MAX_AHEAD_EVENTS = 1_000
const ALWAYS = Number.NEGATIVE_INFINITY

/**
 * Starts just before the present, so that everything that is read from Clever afterwards is at least as new
 * as the first event. It therefore comes before a full load. Undefined for a district without events. Throws
 * the CleverErrors. Cost: one call, and one or more if events were reported within the lag.
 */
export async function startEventFeed(
  options: EventFeedOptions,
  callContext: CallContext,
): Promise<EventFeed | undefined> {
  const feed = new EventFeed(options)
  return (await feed.start(callContext)) === 'OFF' ? undefined : feed
}

/**
 * The events of one district, from one time on. An event may become visible late, after events with greater
 * ids. So each poll reads again what may have been reported since the lag before the last poll, and skips the
 * events that were applied.
 */
export class EventFeed {
  readonly #options: EventFeedOptions
  #startedAt: number
  readonly #applied = createAppliedEventIds()
  readonly #ahead = new Set<string>()
  #polledAt: number
  /** The time of the last poll minus the lag, by Clever's clock. */
  #rereadFrom: string
  #lastId: string | undefined
  #lastLateAt = ALWAYS

  constructor(options: EventFeedOptions) {
    this.#options = options
    this.#startedAt = options.clock.now()
    this.#polledAt = this.#startedAt
    this.#rereadFrom = this.#lagAgo()
  }

  /** The latest event that was applied, or is older than the feed; undefined before the first of the district. */
  get lastId(): string | undefined {
    return this.#lastId
  }

  /** Events that were reported before the feed started count as applied. */
  async start(callContext: CallContext): Promise<Ended> {
    const newest = await this.#options.reader.newestEvent(callContext)
    if (newest === undefined) return 'OFF'
    if (newest === null || newest <= this.#rereadFrom) {
      this.#lastId = newest ?? undefined
      return 'OK'
    }
    this.#lastId = this.#rereadFrom
    return this.#read(this.#rereadFrom, callContext, ({ events, unreadable, lastId }) => {
      for (const { id } of events) this.#applied.add(id)
      for (const name of unreadable) this.#applied.add(name)
      this.#goOnTo(lastId)
      return true
    })
  }

  /** Applies the events since the last poll, and renews the as-of times of all other records. Throws the CleverErrors. */
  async poll(callContext: CallContext): Promise<PollResult> {
    const { clock, store, lagMs } = this.#options
    const sentAt = clock.now()
    const nextFrom = this.#lagAgo()
    if (sentAt - this.#polledAt > EVENT_RETENTION_MS) return { outcome: 'LOST' }
    // Our clock was set back. Everything that is read from now on is newer than the feed by the new time too.
    if (sentAt < this.#polledAt) this.#startedAt = Math.min(this.#startedAt, sentAt)
    const counts = { events: 0, deleted: 0 }
    const after = this.#settled()
    const outcome = await this.#read(after, callContext, (page) => this.#take(page, counts))
    if (outcome !== 'OK') return { outcome }
    this.#polledAt = sentAt
    // Only the answer shows that our clock was set forward.
    const seenFrom = this.#lagAgo()
    this.#rereadFrom = nextFrom < seenFrom ? nextFrom : seenFrom
    this.#applied.settle(this.#settled() ?? '')
    store.renew(this.#startedAt, sentAt - lagMs)
    return { outcome, ...counts }
  }

  #lagAgo(): string {
    const { reader, lagMs } = this.#options
    return firstIdAt(reader.cleverNow() - lagMs)
  }

  /** The event after which events are read again. Undefined before the first event of the district. */
  #settled(): string | undefined {
    const { settledUpTo } = this.#applied
    if (this.#lastId === undefined) return undefined
    const from = this.#lastId < this.#rereadFrom ? this.#lastId : this.#rereadFrom
    return from > settledUpTo ? from : settledUpTo
  }

  #goOnTo(id: string | undefined) {
    if (id !== undefined && (this.#lastId === undefined || id > this.#lastId)) this.#lastId = id
  }

  /**
   * Reads all pages from a place on, while `take` returns true. LOST if it returns false, or if there are
   * more events but no link to them.
   */
  async #read(
    after: string | undefined,
    callContext: CallContext,
    take: (page: EventPage) => boolean,
  ): Promise<Ended> {
    let cursor = after
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const answer = await this.#options.reader.events(cursor, callContext, (id) => this.#applied.has(id))
      if (answer === undefined) return 'OFF'
      for (const event of answer.ahead) this.#handleAheadEvent(event)
      if (!take(answer)) return 'LOST'
      if (answer.isLast) return 'OK'
      if (answer.endsWith === undefined || (cursor !== undefined && answer.endsWith <= cursor)) return 'LOST'
      // An event that is ahead of its time hides later events, because the cursor cannot go back behind it.
      cursor = answer.lastId !== undefined && answer.lastId > (cursor ?? '') ? answer.lastId : answer.endsWith
    }
    return 'LOST'
  }

  /** False if an event does not say which user it is about. */
  #take({ events, unreadable, lastId }: EventPage, counts: { events: number; deleted: number }): boolean {
    for (const event of events) {
      if (this.#applied.has(event.id)) continue
      this.#applied.add(event.id)
      this.#apply(event)
      counts.events += 1
      if (event.kind === 'deleted') counts.deleted += 1
    }
    this.#goOnTo(lastId)
    const unseen = unreadable.filter((name) => !this.#applied.has(name))
    for (const name of unseen) this.#applied.add(name)
    return unseen.length === 0
  }

  #apply(event: UserEvent) {
    const { store, onEvent } = this.#options
    const before = store.find('contact', event.userId, ALWAYS)?.value
    store.applyEvent(event)
    onEvent({
      event,
      before: before === 'UNREADABLE' ? undefined : before,
      position: this.#positionOf(event.id),
    })
  }

  #positionOf(id: string): string {
    const lastId = this.#lastId
    this.#goOnTo(id)
    if (lastId === undefined || id > lastId) return id
    this.#lastLateAt = Math.max(this.#options.clock.now(), this.#lastLateAt + 1)
    return lateEventPosition(lastId, this.#lastLateAt, id)
  }

  /** The event may report a change and cannot be ordered, so its user has to be read again. */
  #handleAheadEvent(event: AheadEvent) {
    if (this.#ahead.has(event.id) || this.#ahead.size === MAX_AHEAD_EVENTS) return
    this.#ahead.add(event.id)
    const { store, clock, onAhead } = this.#options
    const { id, userId } = event
    store.applyEvent({ id, userId, kind: 'updated', user: undefined, occurredAt: clock.now() })
    onAhead(event)
  }
}

type Ended = PollResult['outcome']
