import { CleverError, CleverPathRefused, CleverTokenRefused } from '../clever/errors.ts'
import { type AheadEvent, timeOfEvent } from '../clever/events.ts'
import type { Role } from '../clever/ranges.ts'
import { type Caller, UNLIMITED } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { Ages } from './ages.ts'
import { EventsLost, EventsOff } from './change-errors.ts'
import { EVERYTHING, gaps, oldest } from './coverage.ts'
import type { District } from './districts.ts'
import { type Applied, beginFeed, type Feed } from './feed.ts'
import { createPast } from './past.ts'

export interface KeeperOptions {
  readonly ages: Ages
  /** How long after a change Clever may tell of it. ms */
  readonly lag: number
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly ending: AbortSignal
  /** Told after each page of a sweep. */
  readonly onProgress: (progress: Progress) => void
}

export interface Progress {
  readonly district: District
  readonly role: Role
  /** Known so far. */
  readonly rows: number
}

/** Keeps one district ready: reads whole roles before they are asked for, and keeps them young by events. */
export interface Keeper {
  /**
   * Does what there is to do now, for these roles and for whoever listens to changes. What Clever fails at is said, and
   * tried again in the next turn; never throws a CleverError.
   */
  turn(roles: readonly Role[]): Promise<void>
}

/** Without events a role is read anew before it is too old for display. */
const READ_ANEW_AT = 0.8
/** A district that has no events is asked for them again after so long. ms */
const ASK_FOR_EVENTS_AGAIN = 600_000
/** A background call may wait for the next window of its token, and the one after. ms */
const PATIENCE = 150_000
/** What is said once, until something else is the case. */
const REASONS = {
  'events off': 'the district has no events: what is known of it ages, and is read anew',
  'events lost': 'events may have been missed: what is known of the district ages, and is read anew',
  'not whole':
    'not all of a role can be held: there is no memory for it, or Clever lists what cannot be read',
  'past too long':
    'the past events of the district are too many to be read: whose place contacts took before now is not known',
  fails: 'Clever cannot be asked in the background: what is known ages',
} as const
type Reason = keyof typeof REASONS

/** Waits for nobody in particular. */
export function backgroundCaller(clock: Clock, ending: AbortSignal): Caller {
  return { deadline: clock.now() + PATIENCE, signal: ending, ledger: UNLIMITED, priority: 'BACKGROUND' }
}

export function createKeeper(district: District, options: KeeperOptions): Keeper {
  const { ages, lag, clock, log, metrics, ending } = options
  const { directory, reads, sizes, successions, changes, massChanges } = district
  const { districtId } = directory
  const said = new Set<Reason>()
  const past = createPast(reads, successions)
  let feed: Feed | undefined
  /** When Clever last answered that there are no events. */
  let offAt = Number.NEGATIVE_INFINITY
  /** So many questions for events have failed in a row. */
  let failures = 0

  const caller = () => backgroundCaller(clock, ending)

  function sayOnce(reason: Reason, more: object = {}) {
    if (!said.has(reason)) log.warn({ districtId, reason, ...more }, REASONS[reason])
    said.add(reason)
  }

  function onEvent({ event, before, place }: Applied) {
    metrics.events.inc({ kind: event.kind })
    // Before successions are followed, an event is read with the past, in its order.
    if (successions.isFollowing) changes.succeed(successions.note(event))
    changes.note(event, before, place)
  }

  function onAhead({ id }: AheadEvent) {
    metrics.eventsAhead.inc()
    const seconds = Math.round((timeOfEvent(id) - reads.cleverNow()) / 1_000)
    log.warn({ districtId, seconds }, 'an event lies ahead of its time and was not applied')
  }

  /** Before anything is swept: what happens from now on will be told. */
  async function begin() {
    const isTooSoon = clock.elapsed() - offAt < ASK_FOR_EVENTS_AGAIN
    if (isTooSoon && !changes.isAwaited) return
    feed = await beginFeed({ reads, directory, clock, lag, onEvent, onAhead }, caller())
    if (feed === undefined) return endFeed('events off')
    offAt = Number.NEGATIVE_INFINITY
    changes.polled(feed.lastId)
    said.delete('events off')
    said.delete('events lost')
  }

  function endFeed(reason: 'events off' | 'events lost') {
    feed = undefined
    if (reason === 'events off') offAt = clock.elapsed()
    sayOnce(reason)
    changes.end(reason === 'events off' ? new EventsOff('no events') : new EventsLost('missed'))
  }

  async function poll(from: Feed) {
    const before = directory.size('student') + directory.size('contact')
    // Only the answer shows that our clock was set forward.
    const sentAt = reads.cleverNow()
    const polled = await from.poll(caller())
    const toldUntil = Math.min(sentAt, reads.cleverNow()) - lag
    district.keepWithinMemory()
    metrics.feed.inc({ outcome: polled.outcome.toLowerCase() })
    if (polled.outcome !== 'OK') {
      successions.breakOff()
      return endFeed(polled.outcome === 'OFF' ? 'events off' : 'events lost')
    }
    if (successions.isFollowing) changes.succeed(successions.vouch(toldUntil))
    changes.polled(from.lastId)
    massChanges.told(polled.deleted, before)
    for (const role of ['student', 'contact'] as const)
      if (oldest(directory.coverage(role), EVERYTHING) !== undefined)
        massChanges.known(role, directory.size(role))
  }

  /** False where Clever fails to answer for the first time: then nothing is swept before it is asked again. */
  async function askForEvents(): Promise<boolean> {
    try {
      await (feed === undefined ? begin() : poll(feed))
      failures = 0
      return true
    } catch (error) {
      if (!(error instanceof CleverError) || error instanceof CleverTokenRefused) throw error
      failures += 1
      heedFailure(error)
      return failures > 1
    }
  }

  function heedFailure(error: CleverError) {
    metrics.feed.inc({ outcome: 'failed' })
    sayOnce('fails', { error })
    changes.failed(error)
  }

  async function sweep(role: Role) {
    const youngEnough = clock.now() - ages.display * READ_ANEW_AT
    if (gaps(directory.coverage(role), EVERYTHING, youngEnough).length === 0) return
    const startedAt = clock.now()
    // Not noted anew: what was tried in vain is tried again an hour later.
    if (!sizes.mayHold(role)) return sayOnce('not whole', { role })
    const isWhole = await reads.sweep(role, caller(), youngEnough, (rows) => {
      metrics.sweptRows.inc({ role }, rows)
      options.onProgress({ district, role, rows: directory.size(role) })
    })
    if (!isWhole) {
      sizes.noteNotWhole(role)
      return sayOnce('not whole', { role })
    }
    const milliseconds = clock.now() - startedAt
    log.info({ districtId, role, rows: directory.size(role), milliseconds }, 'all of a role is known')
  }

  /** Schools that a request asked for are read again before they are too old for display. A refusal leaves the rest as it is. */
  async function readSchools() {
    const youngEnough = clock.now() - ages.display * READ_ANEW_AT
    const wasAsked = directory.schools(Number.NEGATIVE_INFINITY) !== undefined
    if (!wasAsked || ages.display === 0 || directory.schools(youngEnough) !== undefined) return
    await reads.schools(caller(), youngEnough).catch((error: unknown) => {
      if (!(error instanceof CleverPathRefused)) throw error
    })
  }

  /** After a start, or whenever events were missed. Last of all, as nothing else waits for it. */
  async function catchUp({ lastId }: Feed, polledAt: number) {
    if (successions.isFollowing) return
    if (!(await past.readOn(lastId, caller()))) sayOnce('past too long')
    if (successions.isFollowing)
      changes.succeed(successions.vouch(Math.min(polledAt, reads.cleverNow()) - lag))
  }

  return {
    async turn(roles) {
      try {
        const startedAt = reads.cleverNow()
        directory.forgetOlder(clock.now() - ages.displayAtMost)
        if (roles.length === 0 && !changes.isWatched) return changes.unpolled()
        if (!(await askForEvents())) return
        for (const role of roles) await sweep(role)
        await readSchools()
        if (feed !== undefined) await catchUp(feed, startedAt)
        if (failures === 0) said.delete('fails')
      } catch (error) {
        if (!(error instanceof CleverError)) throw error
        heedFailure(error)
      }
    },
  }
}
