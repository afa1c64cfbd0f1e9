import { type CallContext, UNLIMITED_CALLS } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { District } from '../districts.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { EventsLost, EventsOff } from '../model/change-errors.ts'
import { CleverError, CleverPathRefused, CleverTokenRefused } from '../model/clever-errors.ts'
import { type AheadEvent, timeOfEvent } from '../model/events.ts'
import type { Role } from '../model/ranges.ts'
import type { Ages } from '../store/ages.ts'
import { EVERYTHING, gaps, oldestAsOf } from '../store/coverage.ts'
import { createEventBackfill, type EventBackfill } from './event-backfill.ts'
import { type AppliedEvent, type EventFeed, type PollResult, startEventFeed } from './event-feed.ts'

export interface DistrictSyncOptions {
  readonly ages: Ages
  /** How long after a change Clever may report it. ms */
  readonly lagMs: number
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly ending: AbortSignal
  /** Called after each page of a full load. */
  readonly onProgress: (progress: Progress) => void
}

export interface Progress {
  readonly district: District
  readonly role: Role
  /** Known so far. */
  readonly rows: number
}

/** The share of the maximum display age after which a role is read again, if the district has no events. */
const RELOAD_AT_AGE_SHARE = 0.8
/** How long after an answer without events the district is asked for them again. ms */
const EVENTS_RETRY_MS = 600_000
/** How long a background call may wait: for up to two windows of its token. ms */
const BACKGROUND_DEADLINE_MS = 150_000
/** Warnings that are logged once, until they no longer hold. */
const WARNINGS = {
  'events off':
    'the district has no events: its records age, and are loaded again. Ask the district to turn on the Events API in Clever',
  'events lost':
    'events may have been missed: the records of the district age, and are loaded again. There is nothing to do, unless it is repeated',
  'not whole':
    'not all of a role can be held: there is no memory for it, or Clever lists what cannot be read. Compare directory_bytes with DIRECTORY_MAX_BYTES',
  'past too long':
    'the past events of the district are too many to be read: whose place contacts took before now is not known',
  fails: 'Clever cannot be reached in the background: the records age. The name of the error says why',
} as const
type Warning = keyof typeof WARNINGS

/** The call context of background calls. */
export function backgroundCallContext(clock: Clock, ending: AbortSignal): CallContext {
  return {
    deadline: clock.now() + BACKGROUND_DEADLINE_MS,
    signal: ending,
    allowance: UNLIMITED_CALLS,
    priority: 'BACKGROUND',
  }
}

/**
 * Keeps one district ready: loads whole roles before they are requested, and keeps them young with events.
 */
export class DistrictSync {
  readonly #district: District
  readonly #options: DistrictSyncOptions
  readonly #backfill: EventBackfill
  readonly #warned = new Set<Warning>()
  #feed: EventFeed | undefined
  /** The time of Clever's last answer that there are no events. */
  #offAt = Number.NEGATIVE_INFINITY
  /** The number of failed polls in a row. */
  #failures = 0

  constructor(district: District, options: DistrictSyncOptions) {
    this.#district = district
    this.#options = options
    this.#backfill = createEventBackfill(district.reader, district.idHistory)
  }

  /**
   * Does all due work for these roles and for the subscribers. Logs failures of Clever, and tries again in
   * the next run. Never throws a CleverError.
   */
  async runOnce(roles: readonly Role[]): Promise<void> {
    const { clock, ages } = this.#options
    const { store, reader, changes } = this.#district
    try {
      const startedAt = reader.cleverNow()
      store.evictOlder(clock.now() - ages.displayMaxMs)
      if (roles.length === 0 && !changes.hasSubscribers) return this.#stopPolling()
      if (!(await this.#askForEvents())) return
      for (const role of roles) await this.#fullLoad(role)
      await this.#readSchools()
      if (this.#feed !== undefined) await this.#backfillEvents(this.#feed, startedAt)
      if (this.#failures === 0) this.#warned.delete('fails')
    } catch (error) {
      if (!(error instanceof CleverError)) throw error
      this.#handleFailure(error)
    }
  }

  /** Nothing needs the events of the district now. */
  #stopPolling() {
    this.#options.metrics.feedPolledAt.remove({ district: this.#label })
    this.#district.changes.pollingStopped()
  }

  /** False after the first failure in a row. Then no full load begins before the next attempt. */
  async #askForEvents(): Promise<boolean> {
    try {
      await (this.#feed === undefined ? this.#start() : this.#poll(this.#feed))
      this.#failures = 0
      return true
    } catch (error) {
      if (!(error instanceof CleverError) || error instanceof CleverTokenRefused) throw error
      this.#failures += 1
      this.#handleFailure(error)
      return this.#failures > 1
    }
  }

  /** Comes before any full load, so that events report what changes during it. */
  async #start() {
    const { clock, lagMs } = this.#options
    const { store, reader, changes } = this.#district
    const isTooSoon = clock.elapsed() - this.#offAt < EVENTS_RETRY_MS
    if (isTooSoon && !changes.isPollWanted) return
    const onEvent = (applied: AppliedEvent) => this.#onEvent(applied)
    const onAhead = (event: AheadEvent) => this.#onAhead(event)
    this.#feed = await startEventFeed({ reader, store, clock, lagMs, onEvent, onAhead }, this.#callContext())
    if (this.#feed === undefined) return this.#endFeed('events off')
    this.#offAt = Number.NEGATIVE_INFINITY
    this.#notePoll()
    changes.pollDone(this.#feed.lastId)
    this.#warned.delete('events off')
    this.#warned.delete('events lost')
  }

  async #poll(from: EventFeed) {
    const { store, reader, idHistory, changes, massChanges } = this.#district
    const before = store.size('student') + store.size('contact')
    // Only the answer shows that our clock was set forward.
    const sentAt = reader.cleverNow()
    const result = await from.poll(this.#callContext())
    const eventsCompleteUntil = Math.min(sentAt, reader.cleverNow()) - this.#options.lagMs
    this.#district.enforceMemoryLimit()
    this.#countPoll(result.outcome)
    if (result.outcome !== 'OK') {
      idHistory.reset()
      return this.#endFeed(result.outcome === 'OFF' ? 'events off' : 'events lost')
    }
    this.#notePoll()
    if (idHistory.isStarted) changes.addIdChanges(idHistory.completeUntil(eventsCompleteUntil))
    changes.pollDone(from.lastId)
    massChanges.eventsApplied(result.deleted, before)
    for (const role of ['student', 'contact'] as const)
      if (oldestAsOf(store.coverage(role), EVERYTHING) !== undefined)
        massChanges.sizeKnown(role, store.size(role))
  }

  #endFeed(reason: 'events off' | 'events lost') {
    this.#feed = undefined
    const { metrics, clock } = this.#options
    if (reason === 'events off') this.#offAt = clock.elapsed()
    metrics.eventsOff.set({ district: this.#label }, reason === 'events off' ? 1 : 0)
    metrics.feedPolledAt.remove({ district: this.#label })
    this.#warnOnce(reason)
    this.#district.changes.end(
      reason === 'events off' ? new EventsOff('no events') : new EventsLost('missed'),
    )
  }

  #onEvent({ event, before, position }: AppliedEvent) {
    const { idHistory, changes } = this.#district
    this.#options.metrics.events.inc({ kind: event.kind })
    // Until id changes are followed, events are read by the backfill, in their order.
    if (idHistory.isStarted) changes.addIdChanges(idHistory.addEvent(event))
    changes.addEvent(event, before, position)
  }

  #onAhead({ id }: AheadEvent) {
    const { metrics, log } = this.#options
    const { store, reader } = this.#district
    metrics.eventsAhead.inc()
    const seconds = Math.round((timeOfEvent(id) - reader.cleverNow()) / 1_000)
    const { districtId } = store
    log.warn({ districtId, seconds }, 'an event lies ahead of its time and was not applied')
  }

  async #fullLoad(role: Role) {
    const { clock, log, metrics, onProgress } = this.#options
    const { store, reader, sizes } = this.#district
    const youngEnough = this.#youngEnough()
    if (gaps(store.coverage(role), EVERYTHING, youngEnough).length === 0) return
    const startedAt = clock.now()
    // The failure is not recorded again, so the next attempt comes an hour after the first.
    if (!sizes.fits(role)) return this.#warnOnce('not whole', { role })
    const isWhole = await reader.fullLoad(role, this.#callContext(), youngEnough, (rows) => {
      metrics.loadedRows.inc({ district: this.#label, role }, rows)
      onProgress({ district: this.#district, role, rows: store.size(role) })
    })
    if (!isWhole) {
      sizes.recordFailedLoad(role)
      return this.#warnOnce('not whole', { role })
    }
    const milliseconds = clock.now() - startedAt
    const { districtId } = store
    log.info({ districtId, role, rows: store.size(role), milliseconds }, 'all of a role is known')
  }

  /**
   * Schools that were requested before are read again before they are too old for display. A refusal leaves
   * the rest as it is.
   */
  async #readSchools() {
    const { ages } = this.#options
    const { store, reader } = this.#district
    const youngEnough = this.#youngEnough()
    const wasAsked = store.schools(Number.NEGATIVE_INFINITY) !== undefined
    if (!wasAsked || ages.displayMs === 0 || store.schools(youngEnough) !== undefined) return
    await reader.schools(this.#callContext(), youngEnough).catch((error: unknown) => {
      if (!(error instanceof CleverPathRefused)) throw error
    })
  }

  /** Needed after a start, or after events were missed. It comes last, because nothing else waits for it. */
  async #backfillEvents({ lastId }: EventFeed, polledAt: number) {
    const { reader, idHistory, changes } = this.#district
    if (idHistory.isStarted) return
    if (!(await this.#backfill.readMore(lastId, this.#callContext()))) this.#warnOnce('past too long')
    if (idHistory.isStarted)
      changes.addIdChanges(
        idHistory.completeUntil(Math.min(polledAt, reader.cleverNow()) - this.#options.lagMs),
      )
  }

  #handleFailure(error: CleverError) {
    this.#countPoll('FAILED')
    this.#warnOnce('fails', { error })
    this.#district.changes.pollFailed(error)
  }

  get #label(): string {
    return this.#options.metrics.districtLabel(this.#district.store.districtId)
  }

  #countPoll(outcome: PollResult['outcome'] | 'FAILED') {
    this.#options.metrics.feed.inc({ district: this.#label, outcome: outcome.toLowerCase() })
  }

  #notePoll() {
    const { metrics, clock } = this.#options
    metrics.eventsOff.set({ district: this.#label }, 0)
    metrics.feedPolledAt.set({ district: this.#label }, clock.now() / 1_000)
  }

  #warnOnce(reason: Warning, more: object = {}) {
    const { districtId } = this.#district.store
    if (!this.#warned.has(reason)) this.#options.log.warn({ districtId, reason, ...more }, WARNINGS[reason])
    this.#warned.add(reason)
  }

  #youngEnough(): number {
    return this.#options.clock.now() - this.#options.ages.displayMs * RELOAD_AT_AGE_SHARE
  }

  #callContext(): CallContext {
    return backgroundCallContext(this.#options.clock, this.#options.ending)
  }
}
