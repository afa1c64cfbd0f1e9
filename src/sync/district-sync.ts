import { type CallContext, UNLIMITED_CALLS } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { District } from '../districts.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { EventsLost, EventsOff } from '../model/change-errors.ts'
import { CleverError, CleverPathRefused, CleverTokenRefused } from '../model/clever-errors.ts'
import { type AheadEvent, timeOfEvent } from '../model/events.ts'
import type { DistrictId } from '../model/ids.ts'
import type { Role } from '../model/ranges.ts'
import type { Ages } from '../store/ages.ts'
import { EVERYTHING, gaps, oldestAsOf } from '../store/coverage.ts'
import {
  type AppliedEvent,
  EventFeed,
  type EventFeedOptions,
  type PollResult,
  startEventFeed,
  type WriteEntry,
} from './event-feed.ts'
import { NO_LOG, type PollEntry, type PollLog, type Turn } from './poll-log.ts'

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
  /** The log that the replicas share; none for a process that runs alone. */
  readonly logOf?: ((districtId: DistrictId) => PollLog) | undefined
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
  readonly #warned = new Set<Warning>()
  readonly #log: PollLog
  /** Entries of the log that were read and not applied yet. */
  #entries: PollEntry[] = []
  #feed: EventFeed | undefined
  #waitsForPoller = false
  /** The time of Clever's last answer that there are no events. */
  #offAt = Number.NEGATIVE_INFINITY
  /** The number of failed polls in a row. */
  #failures = 0

  constructor(district: District, options: DistrictSyncOptions) {
    this.#district = district
    this.#options = options
    this.#log = options.logOf?.(district.store.districtId) ?? NO_LOG
  }

  /** Whether another replica has found something. */
  get hasNews(): boolean {
    return this.#log.hasNews
  }

  /** Whether another replica is the poller and has not begun yet. */
  get waitsForPoller(): boolean {
    return this.#waitsForPoller
  }

  /** Sets the function that is called when another replica has found something. */
  onNews(listener: () => void) {
    this.#log.onNews(listener)
  }

  /** Gives the lease of the poller back. */
  leave(): Promise<void> {
    return this.#log.leave()
  }

  /**
   * Does all due work for these roles and for the subscribers. Logs failures of Clever, and tries again in
   * the next run. Never throws a CleverError.
   */
  async runOnce(roles: readonly Role[]): Promise<void> {
    const { clock, ages } = this.#options
    const { store, changes } = this.#district
    try {
      store.evictOlder(clock.now() - ages.displayMaxMs)
      if (roles.length === 0 && !changes.hasSubscribers) return await this.#stopPolling()
      if (!(await this.#askForEvents())) return
      for (const role of roles) await this.#fullLoad(role)
      await this.#readSchools()
      await this.#readPastEvents()
      if (this.#failures === 0) this.#warned.delete('fails')
    } catch (error) {
      if (!(error instanceof CleverError)) throw error
      this.#handleFailure(error)
    }
  }

  /** Nothing needs the events of the district now. */
  async #stopPolling() {
    await this.#log.leave()
    this.#options.metrics.feedPolledAt.remove({ district: this.#label })
    this.#district.changes.pollingStopped()
  }

  /** False after the first failure in a row. Then no full load begins before the next attempt. */
  async #askForEvents(): Promise<boolean> {
    try {
      const turn = await this.#log.turn()
      this.#options.metrics.turns.inc({ turn: turn.toLowerCase() })
      if (turn !== 'ALONE') await this.#followLog()
      if (turn !== 'FOLLOW') await this.#pollOrStart(turn)
      else if (this.#feed !== undefined) this.#district.changes.pollDone(this.#feed.endPosition)
      this.#waitsForPoller = turn === 'FOLLOW' && this.#feed === undefined
      this.#failures = 0
      return true
    } catch (error) {
      if (!(error instanceof CleverError) || error instanceof CleverTokenRefused) throw error
      this.#failures += 1
      this.#handleFailure(error)
      return this.#failures > 1
    }
  }

  async #pollOrStart(turn: Turn) {
    const write = async (entry: PollEntry) => turn === 'ALONE' || this.#log.write(entry)
    if (this.#feed === undefined) return this.#start(write)
    const hasBegun = turn === 'ALONE' || !(await this.#log.isEmpty())
    if (hasBegun || (await write(this.#feed.beginning()))) await this.#poll(this.#feed, write)
  }

  /** Applies what other replicas have found. An entry that cannot be applied now is tried again in the next run. */
  async #followLog(): Promise<void> {
    const news = await this.#log.read()
    if (news === 'GAP') {
      this.#entries = []
      if (this.#feed !== undefined) this.#endFeed('events lost')
      return this.#followLog()
    }
    this.#entries.push(...news)
    if (this.#feed === undefined) return this.#join()
    for (let [entry] = this.#entries; entry !== undefined; [entry] = this.#entries) {
      const isOver = await this.#follow(this.#feed, entry)
      this.#entries.shift()
      if (isOver) return this.#join()
    }
  }

  /** Continues where the log ends. Costs no call. */
  #join() {
    const end = this.#entries.findLastIndex(({ kind }) => kind === 'END')
    const entries = this.#entries.splice(0).slice(end + 1)
    if (end >= 0 && entries.length === 0) return
    if (entries.length === 0) return
    this.#feed = new EventFeed(this.#feedOptions())
    for (const entry of entries) this.#feed.skip(entry)
    this.#offAt = Number.NEGATIVE_INFINITY
    this.#begun(this.#feed)
  }

  /** True if polling has ended. */
  async #follow(feed: EventFeed, entry: PollEntry): Promise<boolean> {
    const { store } = this.#district
    const before = store.size('student') + store.size('contact')
    const result = await feed.follow(entry, this.#callContext())
    this.#district.enforceMemoryLimit()
    if (this.#endIfOver(result)) return true
    if (entry.kind === 'POLLED') this.#polled(entry.completeUntil)
    if (result.outcome === 'OK') this.#noteSizes(result.deleted, before)
    return false
  }

  /** Comes before any full load, so that events report what changes during it. */
  async #start(write: WriteEntry) {
    const { clock } = this.#options
    const { changes } = this.#district
    const isTooSoon = clock.elapsed() - this.#offAt < EVENTS_RETRY_MS
    if (isTooSoon && !changes.isPollWanted) return
    const feed = await startEventFeed(this.#feedOptions(), this.#callContext())
    if (feed === undefined) return this.#endFeed('events off')
    this.#offAt = Number.NEGATIVE_INFINITY
    if (!(await write(feed.beginning()))) return
    this.#feed = feed
    this.#begun(feed)
  }

  #begun(feed: EventFeed) {
    this.#notePoll()
    this.#district.changes.pollDone(feed.endPosition, feed)
    this.#warned.delete('events off')
    this.#warned.delete('events lost')
  }

  #feedOptions(): EventFeedOptions {
    const { clock, lagMs } = this.#options
    const { store, reader } = this.#district
    const onEvent = (applied: AppliedEvent) => this.#onEvent(applied)
    const onAhead = (event: AheadEvent) => this.#onAhead(event)
    return { reader, store, clock, lagMs, onEvent, onAhead }
  }

  async #poll(from: EventFeed, write: WriteEntry) {
    const { store, reader, changes } = this.#district
    const before = store.size('student') + store.size('contact')
    // Only the answer shows that our clock was set forward.
    const sentAt = reader.cleverNow()
    const result = await from.poll(this.#callContext(), write)
    const completeUntil = Math.min(sentAt, reader.cleverNow()) - this.#options.lagMs
    this.#district.enforceMemoryLimit()
    this.#countPoll(result.outcome)
    if (result.outcome === 'OFF' || result.outcome === 'LOST')
      await write({ kind: 'END', reason: result.outcome })
    if (result.outcome === 'REPLACED' || this.#endIfOver(result)) return
    await write({ kind: 'POLLED', sentAt, completeUntil })
    this.#polled(completeUntil)
    changes.pollDone(from.endPosition)
    if (result.outcome === 'OK') this.#noteSizes(result.deleted, before)
  }

  #endIfOver({ outcome }: PollResult): boolean {
    if (outcome !== 'OFF' && outcome !== 'LOST') return false
    this.#district.backfill.eventsMissed()
    this.#endFeed(outcome === 'OFF' ? 'events off' : 'events lost')
    return true
  }

  #polled(completeUntil: number) {
    this.#notePoll()
    this.#district.backfill.completeUntil(completeUntil)
  }

  #noteSizes(deleted: number, before: number) {
    const { store, massChanges } = this.#district
    massChanges.eventsApplied(deleted, before)
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
    const { backfill, changes } = this.#district
    this.#options.metrics.events.inc({ kind: event.kind })
    backfill.addEvent(event)
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

  /** Reads on where a request has begun, or for subscribers. It comes last, because nothing waits for it. */
  async #readPastEvents() {
    const { backfill, changes } = this.#district
    if (changes.hasSubscribers) backfill.want()
    await backfill.readOn(this.#callContext())
    if (backfill.isGivenUp) this.#warnOnce('past too long')
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
