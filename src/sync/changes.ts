import type { Caller } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { Reads } from '../fetch/district-reader.ts'
import type { Succession } from '../identity/id-history.ts'
import type { Change } from '../model/change.ts'
import { EventsExpired, EventsOff, NoSuchChange, SlowReader } from '../model/change-errors.ts'
import { timeOfEvent, type UserEvent } from '../model/events.ts'
import type { UserId } from '../model/ids.ts'
import type { ContactRecord } from '../model/records.ts'
import type { Directory } from '../store/district-store.ts'
import { changeOf, eventOf, pastEvent, successionsAsChanges } from './change.ts'
import { RETENTION } from './event-feed.ts'
import { PollWaiters } from './poll-waiters.ts'
import { RecentChanges } from './recent-changes.ts'
import { createCatchUp } from './replay.ts'

export interface ChangesOptions {
  readonly directory: Directory
  readonly reads: Pick<Reads, 'events' | 'cleverNow'>
  readonly clock: Clock
  /** How late an event may be told. ms */
  readonly lag: number
}

/** After the last who listened has gone: he may come back. ms */
const REMEMBERED_FOR = 600_000
/** A district without events is not asked for them each time. ms */
const OFF_FOR = 600_000
/** Events that lie further ahead are not applied, so no change comes with them. ms */
const FUTURE = 86_400_000
const ALWAYS = Number.NEGATIVE_INFINITY

interface Listener {
  /** The change to be told next, counted from the first that was ever noted; undefined until it has caught up. */
  position: number | undefined
  readonly left: AbortController
  /** Why it was ended; undefined where it ended in peace. */
  error: Error | undefined
  wake: () => void
}

/**
 * The changes of the contacts of one district, for all who listen. The listeners share one short memory of the changes, and each
 * has only a position in it, so that a listener that does not read holds nothing.
 */
export class Changes {
  readonly #options: ChangesOptions
  readonly #listeners = new Set<Listener>()
  readonly #waiters = new PollWaiters()
  readonly #recent: RecentChanges
  readonly #catchUp: ReturnType<typeof createCatchUp>
  #isPolled = false
  #offAt = ALWAYS
  #leftAt = ALWAYS

  constructor(options: ChangesOptions) {
    const { directory, reads, clock, lag } = options
    this.#options = options
    this.#recent = new RecentChanges(clock)
    this.#catchUp = createCatchUp({
      districtId: directory.districtId,
      reads,
      clock,
      lag,
      markShared: (record) => directory.markShared(record),
      recordOf: (id) => this.#recordOf(id),
      floor: () => this.#recent.floor,
    })
  }

  /** An event that the feed has applied, at its place in that order; `held`: the contact as it was known before. */
  note(event: UserEvent, held: ContactRecord | undefined, place: string = event.id) {
    if (!this.#isWanted()) return this.#recent.forgetUpTo(pastEvent(place))
    const change = changeOf(this.#options.directory.districtId, { event, place, held })
    if (change === undefined) return
    this.#remember(change)
    this.#wakeAll()
  }

  /** Successions that are settled, before any later event is noted. */
  succeed(successions: readonly Succession[]) {
    const { districtId } = this.#options.directory
    for (const change of successionsAsChanges(districtId, successions, (id) => this.#recordOf(id))) {
      if (this.#isWanted()) this.#remember(change)
      else this.#recent.forgetUpTo(pastEvent(change.id))
    }
    this.#wakeAll()
  }

  /** All that Clever tells has been noted, up to this event; undefined before a district's first. */
  polled(lastId: string | undefined) {
    this.#recent.begin(lastId === undefined ? '' : pastEvent(lastId))
    this.#catchUp.tidy()
    this.#isPolled = true
    this.#waiters.resolve()
  }

  /** Polling has stopped: what is noted next may be old. */
  unpolled() {
    this.#isPolled = false
    if (!this.#isWanted()) this.#recent.forget()
    this.#catchUp.tidy()
  }

  /** All who wait for a poll hear that it failed; the others go on. */
  failed(error: Error) {
    this.#waiters.reject(error)
  }

  /** Ends all that listen, with an error or without. Forgets what is remembered. */
  end(error?: Error) {
    this.#isPolled = false
    if (error instanceof EventsOff) this.#offAt = this.#options.clock.elapsed()
    this.#recent.forgetFloor()
    this.#waiters.reject(error ?? new DOMException('over', 'AbortError'))
    for (const listener of this.#listeners) this.#leave(listener, error)
  }

  get isWatched(): boolean {
    return this.#listeners.size > 0
  }

  /** Whether a listener waits for a poll. */
  get isAwaited(): boolean {
    return this.#waiters.size > 0
  }

  /** Sets the function that is called whenever a listener begins to wait for a poll. */
  onAwaited(listener: () => void) {
    this.#waiters.onWait(listener)
  }

  /**
   * All changes after that one, or from now on. `caller` is called for each call to Clever. Throws EventsOff, EventsExpired,
   * NoSuchChange and the CleverErrors; later EventsLost and SlowReader too.
   */
  async follow(
    after: string | undefined,
    caller: () => Caller,
  ): Promise<AsyncIterableIterator<Change, undefined>> {
    if (after !== undefined) this.#checkTime(after)
    if (this.#options.clock.elapsed() - this.#offAt < OFF_FOR) throw new EventsOff('no events')
    const listener = await this.#join(caller)
    const { start, end, floor } = this.#recent
    const isFromNow = after === undefined
    if (isFromNow || (floor !== undefined && after >= floor.id)) listener.position = isFromNow ? end : start
    const told = this.#tell(after, listener, caller)
    const following: AsyncIterableIterator<Change, undefined> = {
      next: () => told.next(),
      return: () => {
        // What waits for the next change would wait on.
        this.#leave(listener)
        return told.return(undefined)
      },
      [Symbol.asyncIterator]: () => following,
    }
    return following
  }

  async #join(caller: () => Caller): Promise<Listener> {
    const listener: Listener = {
      position: undefined,
      left: new AbortController(),
      error: undefined,
      wake: () => {},
    }
    this.#listeners.add(listener)
    try {
      if (!this.#isPolled) await this.#waiters.wait(caller())
    } catch (error) {
      this.#leave(listener)
      throw error
    }
    return listener
  }

  async *#tell(after: string | undefined, listener: Listener, caller: () => Caller) {
    const recent = this.#recent
    const { signal } = listener.left
    try {
      let isNew = ({ id }: Change) => id > (after ?? '')
      const eventId = after === undefined ? undefined : eventOf(after)
      const { floor } = recent
      if (after !== undefined && eventId !== undefined && floor !== undefined && after < floor.id)
        isNew = yield* this.#catchUp.read({ after, eventId, signal, caller })
      // A listener that needs no catching up has a position already.
      listener.position ??= recent.start
      while (!signal.aborted) {
        const change = recent.at(listener.position)
        if (change === undefined) {
          await new Promise<void>((resolve) => {
            listener.wake = resolve
          })
          continue
        }
        listener.position += 1
        if (isNew(change)) yield change
      }
    } catch (error) {
      // A call that was given up because its listener has left is no failure.
      if (!signal.aborted) throw error
    } finally {
      this.#leave(listener)
    }
    if (listener.error !== undefined) throw listener.error
    return undefined
  }

  #recordOf(id: UserId): ContactRecord | undefined {
    const change = this.#recent.lastOf(id)
    const held = change?.after ?? change?.before ?? this.#options.directory.find('contact', id, ALWAYS)?.value
    return held === 'UNREADABLE' ? undefined : held
  }

  #remember(change: Change) {
    if (!this.#recent.add(change)) return
    const { start } = this.#recent
    for (const listener of this.#listeners)
      if ((listener.position ?? start) < start) this.#leave(listener, new SlowReader('did not read'))
  }

  #wakeAll() {
    for (const { wake } of this.#listeners) wake()
  }

  #leave(listener: Listener, error?: Error) {
    if (!this.#listeners.delete(listener)) return
    listener.error = error
    if (this.#listeners.size === 0) this.#leftAt = this.#options.clock.elapsed()
    listener.left.abort()
    listener.wake()
  }

  #isWanted(): boolean {
    return this.isWatched || this.#options.clock.elapsed() - this.#leftAt < REMEMBERED_FOR
  }

  #checkTime(after: string) {
    const now = this.#options.reads.cleverNow()
    const eventId = eventOf(after)
    if (eventId === undefined) throw new NoSuchChange('not the id of a change')
    if (timeOfEvent(eventId) > now + FUTURE) throw new NoSuchChange('in the future')
    if (timeOfEvent(eventId) < now - RETENTION) throw new EventsExpired('too long ago')
  }
}
