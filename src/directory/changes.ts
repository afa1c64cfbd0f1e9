import { firstIdAt, timeOfEvent, type UserEvent } from '../clever/events.ts'
import type { UserId } from '../clever/ids.ts'
import type { ContactRecord } from '../clever/records.ts'
import type { Caller } from '../clever/transport.ts'
import { whileWaiting } from '../clever/while-waiting.ts'
import type { Clock } from '../clock.ts'
import { type Change, changesOf, eventOf, pastEvent } from './change.ts'
import { EventsExpired, EventsLost, EventsOff, NoSuchChange, SlowReader } from './change-errors.ts'
import type { Directory } from './directory.ts'
import { RETENTION } from './feed.ts'
import type { Reads } from './reads.ts'
import { APART_AT_MOST, createSuccessions, type Succession } from './successions.ts'

/**
 * What happens to the contacts of one district, for whoever listens. All listeners share one short memory of it and have
 * no more than a place in it, so that one who does not read holds nothing.
 */
export interface Changes {
  /** An event that the feed has applied; `held`: the contact as it was known before. */
  note(event: UserEvent, held: ContactRecord | undefined, successions: readonly Succession[]): void
  /** All that Clever tells has been noted, up to this event; undefined before a district's first. */
  polled(lastId: string | undefined): void
  /** Nobody polls: what is noted next may be old. */
  unpolled(): void
  /** Whoever waits for a poll hears that it failed; the others go on. */
  failed(error: Error): void
  /** For all who listen, with an error or without. What is remembered is forgotten. */
  end(error?: Error): void
  readonly isWatched: boolean
  /** Whether somebody waits for a poll. */
  readonly isAwaited: boolean
  /** Told whenever somebody begins to wait, until another listener is set. */
  onAwaited(listener: () => void): void
  /**
   * All changes after that one, or from now on. `caller` is asked anew for each call to Clever. Throws EventsOff,
   * EventsExpired, NoSuchChange and the CleverErrors; later EventsLost and SlowReader too.
   */
  follow(after: string | undefined, caller: () => Caller): Promise<AsyncIterableIterator<Change, undefined>>
}

export interface ChangesOptions {
  readonly directory: Directory
  readonly reads: Pick<Reads, 'events'>
  readonly clock: Clock
}

/** Shared by all who listen to a district; some 2 kB each. */
const MOST_REMEMBERED = 5_000
/** After the last who listened has gone: he may come back. ms */
const REMEMBERED_FOR = 600_000
/** A district without events is not asked for them each time. ms */
const OFF_FOR = 600_000
/** Clocks differ, but not by more. ms */
const FUTURE = 3_600_000
const ALWAYS = Number.NEGATIVE_INFINITY

interface Listener {
  /** The change to be told next, counted from the first that was ever noted; undefined until it has caught up. */
  position: number | undefined
  readonly left: AbortController
  /** Why it was ended; undefined where it ended in peace. */
  error: Error | undefined
  wake: () => void
}

export function createChanges({ directory, reads, clock }: ChangesOptions): Changes {
  const { districtId } = directory
  const listeners = new Set<Listener>()
  const waiting = new Set<PromiseWithResolvers<void>>()
  const remembered: Change[] = []
  /** So many were noted before those that are remembered. */
  let forgotten = 0
  /** All changes that came after this one are remembered; undefined before the first poll. */
  let floor: string | undefined
  let isPolled = false
  let offAt = ALWAYS
  let leftAt = ALWAYS
  let tellAwaited = () => {}

  function recordOf(id: UserId): ContactRecord | undefined {
    const change = remembered.findLast(({ contactId }) => contactId === id)
    const held = change?.after ?? change?.before ?? directory.find('contact', id, ALWAYS)?.value
    return held === 'UNREADABLE' ? undefined : held
  }

  function forgetAll(upTo: string | undefined) {
    forgotten += remembered.length
    remembered.length = 0
    floor = upTo
  }

  function remember(change: Change) {
    remembered.push(change)
    if (remembered.length <= MOST_REMEMBERED) return
    floor = remembered.shift()?.id
    forgotten += 1
    for (const listener of listeners)
      if ((listener.position ?? forgotten) < forgotten) leave(listener, new SlowReader('did not read'))
  }

  function leave(listener: Listener, error?: Error) {
    if (!listeners.delete(listener)) return
    listener.error = error
    if (listeners.size === 0) leftAt = clock.now()
    listener.left.abort()
    listener.wake()
  }

  const isWanted = () => listeners.size > 0 || clock.now() - leftAt < REMEMBERED_FOR

  function settle(settleOne: (waiter: PromiseWithResolvers<void>) => void) {
    for (const waiter of waiting) settleOne(waiter)
    waiting.clear()
  }

  async function awaitPoll(caller: Caller) {
    const waiter = Promise.withResolvers<void>()
    waiting.add(waiter)
    tellAwaited()
    try {
      await whileWaiting(waiter.promise, caller)
    } finally {
      waiting.delete(waiter)
    }
  }

  /**
   * From Clever, as far back as it keeps them, until what is remembered goes on from there. Begins a little earlier: who
   * came in whose place is concluded from events before this one too, and in doubt because of them.
   */
  async function* readFrom(after: string, eventId: string, listener: Listener, caller: () => Caller) {
    const successions = createSuccessions(clock.now)
    let cursor = firstIdAt(timeOfEvent(eventId) - APART_AT_MOST)
    while (floor !== undefined && cursor < floor && !listener.left.signal.aborted) {
      const upTo = floor
      const { signal, ...more } = caller()
      const page = await reads.events(cursor, {
        ...more,
        signal: AbortSignal.any([signal, listener.left.signal]),
      })
      if (page === undefined) throw new EventsOff('no events')
      const { events, lastId, isLast, hasUnreadable } = page
      for (const event of events) {
        if (event.id <= cursor) continue
        const happening = { event, held: undefined, successions: successions.note(event) }
        const onPage = (id: UserId) => events.findLast(({ userId }) => userId === id)?.user?.contact
        const changes = changesOf(districtId, { ...happening, recordOf: (id) => onPage(id) ?? recordOf(id) })
        yield* changes.filter(({ id }) => id > after)
      }
      const isFurther = lastId !== undefined && lastId > cursor
      if (hasUnreadable || (!isFurther && !isLast)) throw new EventsLost('cannot be read')
      if (isFurther) cursor = lastId
      // While it was told more may have been noted, and forgotten again.
      if (isLast && floor === upTo) break
    }
    const last = pastEvent(cursor)
    return last > after ? last : after
  }

  async function* tell(after: string | undefined, listener: Listener, caller: () => Caller) {
    try {
      let last = after ?? ''
      const eventId = after === undefined ? undefined : eventOf(after)
      if (after !== undefined && eventId !== undefined && floor !== undefined && after < floor)
        last = yield* readFrom(after, eventId, listener, caller)
      // A place was given to whoever needs no catching up.
      listener.position ??= forgotten
      while (!listener.left.signal.aborted) {
        const change = remembered[listener.position - forgotten]
        if (change === undefined) {
          await new Promise<void>((resolve) => {
            listener.wake = resolve
          })
          continue
        }
        listener.position += 1
        if (change.id > last) yield change
      }
    } catch (error) {
      // A call that was given up because its listener has left is no failure.
      if (!listener.left.signal.aborted) throw error
    } finally {
      leave(listener)
    }
    if (listener.error !== undefined) throw listener.error
    return undefined
  }

  function checkTime(after: string) {
    const eventId = eventOf(after)
    if (eventId === undefined) throw new NoSuchChange('not the id of a change')
    if (timeOfEvent(eventId) > clock.now() + FUTURE) throw new NoSuchChange('in the future')
    if (timeOfEvent(eventId) < clock.now() - RETENTION) throw new EventsExpired('too long ago')
  }

  return {
    note(event, held, successions) {
      if (!isWanted()) return forgetAll(pastEvent(event.id))
      for (const change of changesOf(districtId, { event, held, successions, recordOf })) remember(change)
      for (const { wake } of listeners) wake()
    },

    polled(lastId) {
      floor ??= lastId === undefined ? '' : pastEvent(lastId)
      isPolled = true
      settle((waiter) => waiter.resolve())
    },

    unpolled() {
      isPolled = false
      if (!isWanted()) forgetAll(remembered.at(-1)?.id ?? floor)
    },

    failed(error) {
      settle((waiter) => waiter.reject(error))
    },

    end(error) {
      isPolled = false
      if (error instanceof EventsOff) offAt = clock.now()
      forgetAll(undefined)
      settle((waiter) => waiter.reject(error ?? new DOMException('over', 'AbortError')))
      for (const listener of listeners) leave(listener, error)
    },

    get isWatched() {
      return listeners.size > 0
    },
    get isAwaited() {
      return waiting.size > 0
    },
    onAwaited(listener) {
      tellAwaited = listener
    },

    async follow(after, caller) {
      if (after !== undefined) checkTime(after)
      if (clock.now() - offAt < OFF_FOR) throw new EventsOff('no events')
      const listener: Listener = {
        position: undefined,
        left: new AbortController(),
        error: undefined,
        wake: () => {},
      }
      listeners.add(listener)
      try {
        if (!isPolled) await awaitPoll(caller())
      } catch (error) {
        leave(listener)
        throw error
      }
      const isFromNow = after === undefined
      if (isFromNow || (floor !== undefined && after >= floor))
        listener.position = isFromNow ? forgotten + remembered.length : forgotten
      const told = tell(after, listener, caller)
      const following: AsyncIterableIterator<Change, undefined> = {
        next: () => told.next(),
        return() {
          // What waits for the next change would wait on.
          leave(listener)
          return told.return(undefined)
        },
        [Symbol.asyncIterator]: () => following,
      }
      return following
    },
  }
}
