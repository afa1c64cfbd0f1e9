import { CleverError } from '../clever/errors.ts'
import type { UserEvent } from '../clever/events.ts'
import type { Role } from '../clever/ranges.ts'
import type { ContactRecord } from '../clever/records.ts'
import { type Caller, UNLIMITED } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { Ages } from './ages.ts'
import { EventsLost, EventsOff } from './change-errors.ts'
import { EVERYTHING, gaps } from './coverage.ts'
import type { District } from './districts.ts'
import { beginFeed, type Feed, type Polled } from './feed.ts'
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
/** ms */
const ASK_FOR_EVENTS_AGAIN = 600_000
/** A background call may wait for the next window of its token, and the one after. ms */
const PATIENCE = 150_000
/** Of the records of a district, deleted in one poll: more than a day of school does. */
const MASS = 0.1
const FEWEST_FOR_MASS = 20

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
  const { directory, reads, sizes, successions, changes } = district
  const { districtId } = directory
  const said = new Set<Reason>()
  const past = createPast(reads, successions)
  let feed: Feed | undefined
  let askedForEventsAt = Number.NEGATIVE_INFINITY

  const caller = () => backgroundCaller(clock, ending)

  function sayOnce(reason: Reason, more: object = {}) {
    if (!said.has(reason)) log.warn({ districtId, reason, ...more }, REASONS[reason])
    said.add(reason)
  }

  /** Before anything is swept: what happens from now on will be told. */
  async function begin() {
    const isTooSoon = clock.now() - askedForEventsAt < ASK_FOR_EVENTS_AGAIN
    if (isTooSoon && !changes.isAwaited) return
    askedForEventsAt = clock.now()
    const onEvent = (event: UserEvent, before: ContactRecord | undefined) => {
      metrics.events.inc({ kind: event.kind })
      // Otherwise it is read with the past, in its order.
      changes.note(event, before, successions.isFollowing ? successions.note(event) : [])
    }
    feed = await beginFeed({ reads, directory, clock, lag, onEvent }, caller())
    if (feed === undefined) {
      changes.end(new EventsOff('no events'))
      return sayOnce('events off')
    }
    changes.polled(feed.lastId)
    said.delete('events off')
    said.delete('events lost')
  }

  async function poll(from: Feed) {
    const before = directory.size('student') + directory.size('contact')
    const sentAt = clock.now()
    const polled = await from.poll(caller())
    district.keepWithinMemory()
    metrics.feed.inc({ outcome: polled.outcome.toLowerCase() })
    if (polled.outcome === 'OK') {
      if (successions.isFollowing) successions.vouch(sentAt - lag)
      changes.polled(from.lastId)
      return raiseMassChange(polled, before)
    }
    feed = undefined
    successions.breakOff()
    sayOnce(polled.outcome === 'OFF' ? 'events off' : 'events lost')
    changes.end(polled.outcome === 'OFF' ? new EventsOff('no events') : new EventsLost('missed'))
    if (polled.outcome === 'LOST') askedForEventsAt = Number.NEGATIVE_INFINITY
  }

  function raiseMassChange({ deleted, events }: Extract<Polled, { outcome: 'OK' }>, before: number) {
    if (deleted < FEWEST_FOR_MASS || deleted < before * MASS) return
    metrics.massChanges.inc()
    log.warn({ districtId, deleted, of: before, events }, 'a large part of the district was deleted at once')
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

  /** After a start, or whenever events were missed. Last of all, as nothing else waits for it. */
  async function catchUp({ lastId }: Feed) {
    if (successions.isFollowing) return
    if (!(await past.readOn(lastId, caller()))) sayOnce('past too long')
  }

  return {
    async turn(roles) {
      try {
        directory.forgetOlder(clock.now() - ages.displayAtMost)
        if (roles.length === 0 && !changes.isWatched) return changes.unpolled()
        if (feed === undefined) await begin()
        else await poll(feed)
        for (const role of roles) await sweep(role)
        if (feed !== undefined) await catchUp(feed)
        said.delete('fails')
      } catch (error) {
        if (!(error instanceof CleverError)) throw error
        metrics.feed.inc({ outcome: 'failed' })
        sayOnce('fails', { error })
        changes.failed(error)
      }
    },
  }
}
