import type { CallContext } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { DistrictReader } from '../fetch/district-reader.ts'
import type { IdChange } from '../identity/id-history.ts'
import type { Change } from '../model/change.ts'
import { EventsExpired, EventsOff, SlowReader, UnknownChange } from '../model/change-errors.ts'
import { firstIdAt, timeOfEvent, type UserEvent } from '../model/events.ts'
import type { UserId } from '../model/ids.ts'
import type { ContactRecord } from '../model/records.ts'
import type { DistrictStore } from '../store/district-store.ts'
import { afterEvent, changeOf, eventOf, idChangesAsChanges } from './change.ts'
import { EVENT_RETENTION_MS, type EventFeed } from './event-feed.ts'
import { PollWaiters } from './poll-waiters.ts'
import { RecentChanges } from './recent-changes.ts'
import { createReplay } from './replay.ts'

export interface ChangesOptions {
  readonly store: DistrictStore
  readonly reader: Pick<DistrictReader, 'events' | 'cleverNow'>
  readonly clock: Clock
  /** How late an event may be reported. ms */
  readonly lagMs: number
}

/** How long changes are remembered after the last subscriber has left, because it may reconnect. ms */
const REMEMBERED_MS = 600_000
/** How long a district without events is not asked for them again. ms */
const EVENTS_OFF_MS = 600_000
/** Events that lie further ahead are not applied, so no change comes with them. ms */
const MAX_FUTURE_MS = 86_400_000
const ALWAYS = Number.NEGATIVE_INFINITY

/** What the feed knows of its events. */
export type AppliedEvents = Pick<EventFeed, 'hasApplied' | 'latePositionOf'>

interface Subscriber {
  /**
   * The next change to deliver, counted from the first change that was ever added; undefined until the replay is done.
   */
  position: number | undefined
  readonly left: AbortController
  /** The error that ended it. Undefined if it ended without an error. */
  error: Error | undefined
  wake: () => void
}

/**
 * The changes of the contacts of one district, for all subscribers. They share one short list of recent changes, and each
 * has only a position in it, so a subscriber that does not read holds nothing.
 */
export class Changes {
  readonly #options: ChangesOptions
  readonly #subscribers = new Set<Subscriber>()
  readonly #waiters = new PollWaiters()
  readonly #recent: RecentChanges
  readonly #replay: ReturnType<typeof createReplay>
  #onSubscriber = () => {}
  #isPolled = false
  /** The feed whose events are added; undefined before the first poll. */
  #feed: AppliedEvents | undefined
  #offAt = ALWAYS
  #leftAt = ALWAYS

  constructor(options: ChangesOptions) {
    const { store, reader, clock, lagMs } = options
    this.#options = options
    this.#recent = new RecentChanges(clock)
    this.#replay = createReplay({
      districtId: store.districtId,
      reader,
      clock,
      lagMs,
      markShared: (record) => store.markShared(record),
      recordOf: (id) => this.#recordOf(id),
      floor: () => this.#recent.floor,
      isApplied: (id) => this.#feed?.hasApplied(id) ?? true,
      latePositionOf: (id) => this.#feed?.latePositionOf(id),
    })
  }

  /**
   * Adds an event that the feed has applied, at its position in that order. `heldRecord`: the contact in the
   * store before the event.
   */
  addEvent(event: UserEvent, heldRecord: ContactRecord | undefined, position: string = event.id) {
    if (!this.#isWanted()) return this.#recent.dropUpTo(afterEvent(position))
    const change = changeOf(this.#options.store.districtId, { event, position, heldRecord })
    if (change === undefined) return
    this.#remember(change)
    this.#wakeAll()
  }

  /**
   * Adds id changes that are settled, before any later event is added. Those up to the floor come from a replay.
   */
  addIdChanges(idChanges: readonly IdChange[]) {
    if (idChanges.length === 0) return
    const { districtId } = this.#options.store
    for (const change of idChangesAsChanges(districtId, idChanges, (id) => this.#recordOf(id))) {
      const { floor } = this.#recent
      if (floor !== undefined && change.id <= floor.id) continue
      if (this.#isWanted()) this.#remember(change)
      else this.#recent.dropUpTo(afterEvent(change.id))
    }
    this.#wakeAll()
  }

  /** All events up to this position were added; undefined before the first event of a district. `feed`: a new feed. */
  pollDone(position: string | undefined, feed?: AppliedEvents) {
    this.#feed = feed ?? this.#feed
    this.#recent.begin(position === undefined ? '' : afterEvent(position))
    this.#replay.tidy()
    this.#isPolled = true
    this.#waiters.resolve()
  }

  /** Called when polling has stopped. The next event may be old. */
  pollingStopped() {
    this.#isPolled = false
    if (!this.#isWanted()) this.#recent.drop()
    this.#replay.tidy()
  }

  /** Rejects the subscribers that wait for a poll; the others go on. */
  pollFailed(error: Error) {
    this.#waiters.reject(error)
  }

  /** Ends all subscriptions, with an error or without, and drops all remembered changes. */
  end(error?: Error) {
    this.#isPolled = false
    if (error instanceof EventsOff) this.#offAt = this.#options.clock.elapsed()
    this.#recent.dropFloor()
    this.#waiters.reject(error ?? new DOMException('over', 'AbortError'))
    for (const subscriber of this.#subscribers) this.#leave(subscriber, error)
  }

  /** Whether the district is polled for events. */
  get isPolled(): boolean {
    return this.#isPolled
  }

  get hasSubscribers(): boolean {
    return this.#subscribers.size > 0
  }

  /** Sets the function that is called for each new subscriber. */
  onSubscriber(listener: () => void) {
    this.#onSubscriber = listener
  }

  /** Whether a subscriber waits for a poll. */
  get isPollWanted(): boolean {
    return this.#waiters.size > 0
  }

  /** Sets the function that is called whenever a subscriber begins to wait for a poll. */
  onPollWanted(listener: () => void) {
    this.#waiters.onWait(listener)
  }

  /**
   * All changes after that one, after that time, or from now on. `callContext` is called for each call to Clever.
   * Throws EventsOff, EventsExpired, UnknownChange and the CleverErrors; later EventsLost and SlowReader too.
   */
  async follow(
    from: string | Date | undefined,
    callContext: () => CallContext,
  ): Promise<AsyncIterableIterator<Change, undefined>> {
    const after = from instanceof Date ? this.#positionAt(from) : from
    if (after !== undefined) this.#checkTime(after)
    if (this.#options.clock.elapsed() - this.#offAt < EVENTS_OFF_MS) throw new EventsOff('no events')
    const subscriber = await this.#join(callContext)
    const { start, end, floor } = this.#recent
    const isFromNow = after === undefined
    if (isFromNow || (floor !== undefined && after >= floor.id)) subscriber.position = isFromNow ? end : start
    const stream = this.#deliver(after, subscriber, callContext)
    const following: AsyncIterableIterator<Change, undefined> = {
      next: () => stream.next(),
      return: () => {
        // Ends the wait for the next change, which would never end by itself.
        this.#leave(subscriber)
        return stream.return(undefined)
      },
      [Symbol.asyncIterator]: () => following,
    }
    return following
  }

  async #join(callContext: () => CallContext): Promise<Subscriber> {
    const subscriber: Subscriber = {
      position: undefined,
      left: new AbortController(),
      error: undefined,
      wake: () => {},
    }
    this.#subscribers.add(subscriber)
    this.#onSubscriber()
    try {
      if (!this.#isPolled) await this.#waiters.wait(callContext())
    } catch (error) {
      this.#leave(subscriber)
      throw error
    }
    return subscriber
  }

  async *#deliver(after: string | undefined, subscriber: Subscriber, callContext: () => CallContext) {
    const recent = this.#recent
    const { signal } = subscriber.left
    // An id change from before the subscription is added late if its events are read late.
    const settledAfter = after ?? this.#positionAt(new Date(this.#options.reader.cleverNow()))
    try {
      let isNew = ({ kind, id }: Change) => id > (kind === 'SUCCEEDED' ? settledAfter : (after ?? ''))
      const eventId = after === undefined ? undefined : eventOf(after)
      const { floor } = recent
      if (after !== undefined && eventId !== undefined && floor !== undefined && after < floor.id)
        isNew = yield* this.#replay.read({ after, eventId, signal, callContext })
      // A subscriber that needs no replay has a position already.
      subscriber.position ??= recent.start
      while (!signal.aborted) {
        const change = recent.at(subscriber.position)
        if (change === undefined) {
          await new Promise<void>((resolve) => {
            subscriber.wake = resolve
          })
          continue
        }
        subscriber.position += 1
        if (isNew(change)) yield change
      }
    } catch (error) {
      // A call that was canceled because its subscriber has left is not a failure.
      if (!signal.aborted) throw error
    } finally {
      this.#leave(subscriber)
    }
    if (subscriber.error !== undefined) throw subscriber.error
    return undefined
  }

  #recordOf(id: UserId): ContactRecord | undefined {
    const change = this.#recent.lastOf(id)
    const heldRecord =
      change?.after ?? change?.before ?? this.#options.store.find('contact', id, ALWAYS)?.value
    return heldRecord === 'UNREADABLE' ? undefined : heldRecord
  }

  #remember(change: Change) {
    if (!this.#recent.add(change)) return
    const { start } = this.#recent
    for (const subscriber of this.#subscribers)
      if ((subscriber.position ?? start) < start) this.#leave(subscriber, new SlowReader('did not read'))
  }

  #wakeAll() {
    for (const { wake } of this.#subscribers) wake()
  }

  #leave(subscriber: Subscriber, error?: Error) {
    if (!this.#subscribers.delete(subscriber)) return
    subscriber.error = error
    if (this.#subscribers.size === 0) this.#leftAt = this.#options.clock.elapsed()
    subscriber.left.abort()
    subscriber.wake()
  }

  #isWanted(): boolean {
    return this.hasSubscribers || this.#options.clock.elapsed() - this.#leftAt < REMEMBERED_MS
  }

  /** Before each change that a record read at this time may not show. A time in the future counts as now. */
  #positionAt(time: Date): string {
    const { reader, lagMs } = this.#options
    return firstIdAt(Math.min(time.getTime(), reader.cleverNow()) - lagMs)
  }

  #checkTime(after: string) {
    const now = this.#options.reader.cleverNow()
    const eventId = eventOf(after)
    if (eventId === undefined) throw new UnknownChange('not the id of a change')
    if (timeOfEvent(eventId) > now + MAX_FUTURE_MS) throw new UnknownChange('in the future')
    if (timeOfEvent(eventId) < now - EVENT_RETENTION_MS) throw new EventsExpired('too long ago')
  }
}
