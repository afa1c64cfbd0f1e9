import { timeOfEvent, type UserEvent } from '../clever/events.ts'
import type { UserId } from '../clever/ids.ts'
import type { ContactRecord } from '../clever/records.ts'
import type { Caller } from '../clever/transport.ts'
import { whileWaiting } from '../clever/while-waiting.ts'
import type { Clock } from '../clock.ts'
import { createCatchUp, type Floor } from './catch-up.ts'
import { type Change, changeOf, eventOf, pastEvent, successionsAsChanges } from './change.ts'
import { EventsExpired, EventsOff, NoSuchChange, SlowReader } from './change-errors.ts'
import type { Directory } from './directory.ts'
import { RETENTION } from './feed.ts'
import type { Reads } from './reads.ts'
import type { Succession } from './successions.ts'

/**
 * What happens to the contacts of one district, for whoever listens. All listeners share one short memory of it and have
 * no more than a place in it, so that one who does not read holds nothing.
 */
export interface Changes {
  /** An event that the feed has applied, at its place in that order; `held`: the contact as it was known before. */
  note(event: UserEvent, held: ContactRecord | undefined, place?: string): void
  /** Successions that are settled, before any later event is noted. */
  succeed(successions: readonly Succession[]): void
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
  readonly reads: Pick<Reads, 'events' | 'cleverNow'>
  readonly clock: Clock
  /** How late an event may be told. ms */
  readonly lag: number
}

/** Shared by all who listen to a district; some 2 kB each. */
const MOST_REMEMBERED = 5_000
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

export function createChanges({ directory, reads, clock, lag }: ChangesOptions): Changes {
  const { districtId } = directory
  const listeners = new Set<Listener>()
  const waiting = new Set<PromiseWithResolvers<void>>()
  const remembered: Change[] = []
  /** So many were noted before those that are remembered. */
  let forgotten = 0
  /** All changes that came after this one are remembered; undefined before the first poll. */
  let floor: Floor | undefined
  let isPolled = false
  let offAt = ALWAYS
  let leftAt = ALWAYS
  let tellAwaited = () => {}

  function recordOf(id: UserId): ContactRecord | undefined {
    const change = remembered.findLast(({ contactId }) => contactId === id)
    const held = change?.after ?? change?.before ?? directory.find('contact', id, ALWAYS)?.value
    return held === 'UNREADABLE' ? undefined : held
  }

  function setFloor(id: string | undefined) {
    if (id !== floor?.id) floor = id === undefined ? undefined : { id, at: clock.now() }
  }

  function forgetUpTo(upTo: string) {
    forgetAll(floor === undefined || floor.id < upTo ? upTo : floor.id)
  }

  function forgetAll(upTo: string | undefined) {
    forgotten += remembered.length
    remembered.length = 0
    setFloor(upTo)
  }

  function remember(change: Change) {
    remembered.push(change)
    if (remembered.length <= MOST_REMEMBERED) return
    setFloor(remembered.shift()?.id)
    forgotten += 1
    for (const listener of listeners)
      if ((listener.position ?? forgotten) < forgotten) leave(listener, new SlowReader('did not read'))
  }

  function leave(listener: Listener, error?: Error) {
    if (!listeners.delete(listener)) return
    listener.error = error
    if (listeners.size === 0) leftAt = clock.elapsed()
    listener.left.abort()
    listener.wake()
  }

  const isWanted = () => listeners.size > 0 || clock.elapsed() - leftAt < REMEMBERED_FOR

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

  const catchUp = createCatchUp({
    districtId,
    reads,
    clock,
    lag,
    markShared: (record) => directory.markShared(record),
    recordOf,
    floor: () => floor,
  })

  async function* tell(after: string | undefined, listener: Listener, caller: () => Caller) {
    try {
      let isNew = ({ id }: Change) => id > (after ?? '')
      const eventId = after === undefined ? undefined : eventOf(after)
      if (after !== undefined && eventId !== undefined && floor !== undefined && after < floor.id)
        isNew = yield* catchUp.read({ after, eventId, signal: listener.left.signal, caller })
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
        if (isNew(change)) yield change
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
    if (timeOfEvent(eventId) > reads.cleverNow() + FUTURE) throw new NoSuchChange('in the future')
    if (timeOfEvent(eventId) < reads.cleverNow() - RETENTION) throw new EventsExpired('too long ago')
  }

  return {
    note(event, held, place = event.id) {
      if (!isWanted()) return forgetUpTo(pastEvent(place))
      const change = changeOf(districtId, { event, place, held })
      if (change === undefined) return
      remember(change)
      for (const { wake } of listeners) wake()
    },

    succeed(successions) {
      for (const change of successionsAsChanges(districtId, successions, recordOf)) {
        if (isWanted()) remember(change)
        else forgetUpTo(pastEvent(change.id))
      }
      for (const { wake } of listeners) wake()
    },

    polled(lastId) {
      if (floor === undefined) setFloor(lastId === undefined ? '' : pastEvent(lastId))
      catchUp.tidy()
      isPolled = true
      settle((waiter) => waiter.resolve())
    },

    unpolled() {
      isPolled = false
      if (!isWanted()) forgetAll(remembered.at(-1)?.id ?? floor?.id)
      catchUp.tidy()
    },

    failed(error) {
      settle((waiter) => waiter.reject(error))
    },

    end(error) {
      isPolled = false
      if (error instanceof EventsOff) offAt = clock.elapsed()
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
      if (clock.elapsed() - offAt < OFF_FOR) throw new EventsOff('no events')
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
      if (isFromNow || (floor !== undefined && after >= floor.id))
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
