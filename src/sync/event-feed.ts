import type { CallContext } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { DistrictReader } from '../fetch/district-reader.ts'
import { type AheadEvent, type EventPage, firstIdAt, type UserEvent } from '../model/events.ts'
import type { ContactRecord } from '../model/records.ts'
import type { DistrictStore } from '../store/district-store.ts'
import { createAppliedEventIds } from './applied-events.ts'
import { eventOf, lateEventOf, lateEventPosition, lateTimeOf } from './change.ts'
import { readNamedEvents } from './named-events.ts'
import type { PollEntry } from './poll-log.ts'

/** The outcome of a poll. */
export type PollResult =
  | { readonly outcome: 'OK'; readonly events: number; readonly deleted: number }
  /** The district has no events, or no longer has them. */
  | { readonly outcome: 'OFF' }
  /** Events may have been missed: the as-of times of the district can no longer be renewed. */
  | { readonly outcome: 'LOST' }
  /** Another replica is the poller now. Nothing more was applied. */
  | { readonly outcome: 'REPLACED' }

/** Writes what a poll has found to the log, before it is applied. False if this replica is not the poller any more. */
export type WriteEntry = (entry: PollEntry) => Promise<boolean>

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
/** The latest late events whose positions are remembered. */
const MAX_LATE_EVENTS = 10_000
/** The clocks of two replicas differ by less. ms */
const CLOCK_TOLERANCE_MS = 2_000
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
  readonly #latePositions = new Map<string, string>()
  #lastLatePosition: string | undefined

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

  /** Whether the event with this id was applied, or is older than the feed. */
  hasApplied(id: string): boolean {
    return this.#applied.has(id)
  }

  /** The position of an event that became visible late; undefined for others. */
  latePositionOf(id: string): string | undefined {
    return this.#latePositions.get(id)
  }

  /** The entry with which a poller begins that goes on from here. */
  beginning(): PollEntry {
    const { settledUpTo } = this.#applied
    const { reader, clock } = this.#options
    // Later events may not be known yet.
    const sentAt = reader.cleverNow() - (clock.now() - this.#polledAt)
    const positions = this.#applied.ids().map((id) => this.#latePositions.get(id) ?? id)
    return { kind: 'BEGIN', lastId: this.#lastId, settledUpTo, positions, sentAt }
  }

  /** Takes over an entry that is older than this feed: its events count as applied. */
  skip(entry: PollEntry) {
    if (entry.kind === 'EVENTS') {
      for (const position of entry.positions) this.#noteApplied(position)
      this.#goOnTo(entry.lastId)
    } else if (entry.kind === 'BEGIN') {
      this.#applied.settle(entry.settledUpTo)
      for (const position of entry.positions)
        if (lateEventOf(position) === undefined) this.#applied.add(position)
        else this.#noteApplied(position)
      this.#goOnTo(entry.lastId)
      this.#notePoll(entry.sentAt)
    } else if (entry.kind === 'POLLED') this.#notePoll(entry.sentAt)
  }

  /**
   * Applies an entry of another replica, in its order, and reads its events from Clever. Returns the events that were applied and
   * deleted; LOST if Clever no longer gives them. Throws the CleverErrors.
   */
  async follow(entry: PollEntry, callContext: CallContext): Promise<PollResult> {
    const counts = { events: 0, deleted: 0 }
    if (entry.kind === 'END') return { outcome: entry.reason }
    if (entry.kind === 'BEGIN') return this.#catchUp(entry, callContext)
    if (entry.kind === 'EVENTS') {
      const positions = entry.positions.filter((position) => !this.#applied.has(eventIn(position)))
      const wanted = new Set([...positions.map(eventIn), ...entry.ahead.filter((id) => !this.#ahead.has(id))])
      const found = await readNamedEvents(this.#options.reader, wanted, callContext)
      if (found === undefined) return { outcome: 'LOST' }
      for (const event of found.ahead) this.#handleAheadEvent(event)
      for (const position of positions) {
        const event = found.events.get(eventIn(position))
        if (event !== undefined) this.#applyAt(event, position, counts)
      }
      this.#goOnTo(entry.lastId)
    } else {
      const { clock, store, reader, lagMs } = this.#options
      this.#notePoll(entry.sentAt)
      const age = Math.max(reader.cleverNow() - entry.sentAt, 0) + CLOCK_TOLERANCE_MS
      store.renew(this.#startedAt, clock.now() - age - lagMs)
    }
    return { outcome: 'OK', ...counts }
  }

  /** Applies what the poller has applied, at its positions: the log may not contain all of it. */
  async #catchUp(entry: PollEntry & { kind: 'BEGIN' }, callContext: CallContext): Promise<PollResult> {
    const counts = { events: 0, deleted: 0 }
    const positions = new Map(entry.positions.map((position) => [eventIn(position), position]))
    const missed: { event: UserEvent; position: string }[] = []
    const outcome = await this.#read(this.#settled(), callContext, async ({ events }) => {
      for (const event of events) {
        const position = positions.get(event.id) ?? (event.id <= entry.settledUpTo ? event.id : undefined)
        if (position !== undefined && !this.#applied.has(event.id)) missed.push({ event, position })
      }
      return 'OK'
    })
    if (outcome !== 'OK') return { outcome }
    for (const { event, position } of missed.sort(byPosition)) {
      const isNext = position > (this.endPosition ?? '')
      this.#applyAt(event, isNext ? position : this.#positionAfter(event.id), counts)
    }
    this.skip(entry)
    return { outcome, ...counts }
  }

  /** The last position; that of a late event comes after the latest event. Undefined before the first event of the district. */
  get endPosition(): string | undefined {
    const { lastId } = this
    const late = this.#lastLatePosition
    return lastId !== undefined && late !== undefined && late > lastId ? late : lastId
  }

  /** Events that were reported before the feed started count as applied. */
  async start(callContext: CallContext): Promise<Ended> {
    const outcome = await this.#startAt(callContext)
    this.#applied.settle(this.#settled() ?? '')
    return outcome
  }

  async #startAt(callContext: CallContext): Promise<Ended> {
    const newest = await this.#options.reader.newestEvent(callContext)
    if (newest === undefined) return 'OFF'
    if (newest === null || newest <= this.#rereadFrom) {
      this.#lastId = newest ?? undefined
      return 'OK'
    }
    this.#lastId = this.#rereadFrom
    return this.#read(this.#rereadFrom, callContext, async ({ events, ahead, unreadable, lastId }) => {
      for (const event of ahead) this.#handleAheadEvent(event)
      for (const { id } of events) this.#applied.add(id)
      for (const name of unreadable) this.#applied.add(name)
      this.#goOnTo(lastId)
      return 'OK'
    })
  }

  /**
   * Applies the events since the last poll, and renews the as-of times of all other records. Each page is written to the log before.
   * Throws the CleverErrors.
   */
  async poll(callContext: CallContext, write: WriteEntry = async () => true): Promise<PollResult> {
    const { clock, store, lagMs } = this.#options
    const sentAt = clock.now()
    const nextFrom = this.#lagAgo()
    if (sentAt - this.#polledAt > EVENT_RETENTION_MS) return { outcome: 'LOST' }
    // Our clock was set back. Everything that is read from now on is newer than the feed by the new time too.
    if (sentAt < this.#polledAt) this.#startedAt = Math.min(this.#startedAt, sentAt)
    const counts = { events: 0, deleted: 0 }
    const after = this.#settled()
    const outcome = await this.#read(after, callContext, (page) => this.#take(page, counts, write))
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
   * Reads all pages from a place on, while `take` returns OK. LOST also if there are more events but no link to
   * them.
   */
  async #read(
    after: string | undefined,
    callContext: CallContext,
    take: (page: EventPage) => Promise<Ended>,
  ): Promise<Ended> {
    let cursor = after
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const answer = await this.#options.reader.events(cursor, callContext, (id) => this.#applied.has(id))
      if (answer === undefined) return 'OFF'
      const ended = await take(answer)
      if (ended !== 'OK') return ended
      if (answer.isLast) return 'OK'
      if (answer.endsWith === undefined || (cursor !== undefined && answer.endsWith <= cursor)) return 'LOST'
      // An event that is ahead of its time hides later events, because the cursor cannot go back behind it.
      cursor = answer.lastId !== undefined && answer.lastId > (cursor ?? '') ? answer.lastId : answer.endsWith
    }
    return 'LOST'
  }

  /** LOST if an event does not say which user it is about. */
  async #take(
    { events, ahead, unreadable, lastId }: EventPage,
    counts: Counts,
    write: WriteEntry,
  ): Promise<Ended> {
    const fresh = events.filter(({ id }) => !this.#applied.has(id))
    const places = this.#placesOf(fresh)
    const aheadIds = ahead.map(({ id }) => id).filter((id) => !this.#ahead.has(id))
    const positions = places.map(({ position }) => position)
    const entry = { kind: 'EVENTS', positions, ahead: aheadIds, lastId } as const
    if (positions.length + aheadIds.length > 0 && !(await write(entry))) return 'REPLACED'
    for (const event of ahead) this.#handleAheadEvent(event)
    for (const { event, position } of places) this.#applyAt(event, position, counts)
    this.#goOnTo(lastId)
    const unseen = unreadable.filter((name) => !this.#applied.has(name))
    for (const name of unseen) this.#applied.add(name)
    return unseen.length === 0 ? 'OK' : 'LOST'
  }

  #placesOf(events: readonly UserEvent[]) {
    let lastId = this.#lastId
    let lastLateAt = this.#lastLateAt
    return events.map((event) => {
      if (lastId === undefined || event.id > lastId) {
        lastId = event.id
        return { event, position: event.id }
      }
      lastLateAt = Math.max(this.#options.clock.now(), lastLateAt + 1)
      return { event, position: lateEventPosition(lastId, lastLateAt, event.id) }
    })
  }

  #positionAfter(id: string): string {
    const lastId = this.#lastId
    if (lastId === undefined || id > lastId) return id
    return lateEventPosition(lastId, Math.max(this.#options.clock.now(), this.#lastLateAt + 1), id)
  }

  #applyAt(event: UserEvent, position: string, counts: Counts) {
    const { store, onEvent } = this.#options
    const before = store.find('contact', event.userId, ALWAYS)?.value
    store.applyEvent(event)
    this.#noteApplied(position)
    counts.events += 1
    if (event.kind === 'deleted') counts.deleted += 1
    onEvent({ event, before: before === 'UNREADABLE' ? undefined : before, position })
  }

  #noteApplied(position: string) {
    const late = lateEventOf(position)
    this.#applied.add(eventIn(position))
    if (late === undefined) return this.#goOnTo(position)
    this.#lastLateAt = Math.max(this.#lastLateAt, lateTimeOf(position))
    this.#latePositions.set(late, position)
    if (position > (this.#lastLatePosition ?? '')) this.#lastLatePosition = position
    const [oldest] = this.#latePositions.keys()
    if (this.#latePositions.size > MAX_LATE_EVENTS && oldest !== undefined) this.#latePositions.delete(oldest)
  }

  /** Another replica has polled at that time, by Clever's clock. */
  #notePoll(sentAt: number) {
    const { clock, reader, lagMs } = this.#options
    this.#polledAt = clock.now() - Math.max(reader.cleverNow() - sentAt, 0)
    this.#rereadFrom = firstIdAt(sentAt - lagMs)
    this.#applied.settle(this.#settled() ?? '')
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

interface Counts {
  events: number
  deleted: number
}

function byPosition(a: { readonly position: string }, b: { readonly position: string }): number {
  return a.position < b.position ? -1 : 1
}

function eventIn(position: string): string {
  return lateEventOf(position) ?? eventOf(position) ?? position
}
