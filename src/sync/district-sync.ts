import type { CallContext } from '../clever/transport.ts'
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
import { EVERYTHING, oldestAsOf } from '../store/coverage.ts'
import { backgroundCallContext } from './background-calls.ts'
import { youngEnough } from './district-load.ts'
import {
  type AppliedEvent,
  EventFeed,
  type EventFeedOptions,
  type PollResult,
  startEventFeed,
  type WriteEntry,
} from './event-feed.ts'
import { NO_LOG, type PollEntry, type PollLog, type Turn } from './poll-log.ts'
import { SyncWarnings } from './sync-warnings.ts'

export interface DistrictSyncOptions {
  readonly ages: Ages
  /** How long after a change Clever may report it. ms */
  readonly lagMs: number
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly ending: AbortSignal
  /** The log that the replicas share; none for a process that runs alone. */
  readonly logOf?: ((districtId: DistrictId) => PollLog) | undefined
}

/** How long after an answer without events the district is asked for them again. ms */
const EVENTS_RETRY_MS = 600_000

/**
 * Keeps the records of one district young: polls it for events, and applies them. Its full loads run at the same time, and start
 * after the first poll, so that events report what changes during them.
 */
export class DistrictSync {
  readonly #district: District
  readonly #options: DistrictSyncOptions
  readonly #warnings: SyncWarnings
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
    this.#warnings = new SyncWarnings(district.store.districtId, options.log)
    this.#log = options.logOf?.(district.store.districtId) ?? NO_LOG
  }

  /** Whether another replica has found something. */
  get hasNews(): boolean {
    return this.#log.hasNews
  }

  /** Whether the last poll failed. */
  get isFailing(): boolean {
    return this.#failures > 0
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
   * Polls for events, for these roles and for the subscribers. True if full loads of the roles may begin. Logs failures of Clever,
   * and tries again in the next run. Never throws a CleverError.
   */
  async poll(roles: readonly Role[]): Promise<boolean> {
    const { clock, ages } = this.#options
    const { store, changes } = this.#district
    return this.#attempt(async () => {
      store.evictOlder(clock.now() - ages.displayMaxMs)
      if (roles.length > 0 || changes.hasSubscribers) return this.#askForEvents()
      await this.#stopPolling()
      return false
    })
  }

  /**
   * Reads what nothing waits for: schools that grow old, and past events unless full loads are due. Handles failures as `poll` does.
   */
  async readRest({ isLoaded }: { readonly isLoaded: boolean }): Promise<void> {
    await this.#attempt(async () => {
      await this.#readSchools()
      if (isLoaded) await this.#readPastEvents()
      if (this.#failures === 0) this.#warnings.end('fails')
      return true
    })
  }

  /** False if Clever fails. */
  async #attempt(work: () => Promise<boolean>): Promise<boolean> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof CleverError)) throw error
      this.#handleFailure(error)
      return false
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
      // Each replica finds the refusal by its own call, which clears its store. So another one polls next.
      if (error instanceof CleverTokenRefused) await this.#log.leave()
      if (!(error instanceof CleverError) || error instanceof CleverTokenRefused) throw error
      this.#failures += 1
      this.#handleFailure(error)
      return this.#failures > 1
    }
  }

  async #pollOrStart(turn: Turn) {
    const write = async (entry: PollEntry) => turn === 'ALONE' || this.#log.write(entry)
    if (this.#feed === undefined) return this.#start(write)
    const mustBegin = turn !== 'ALONE' && this.#log.mustBegin
    if (!mustBegin || (await write(this.#feed.beginning()))) await this.#poll(this.#feed, write)
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
    this.#warnings.end('events off')
    this.#warnings.end('events lost')
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
    this.#warnings.warnOnce(reason)
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

  /**
   * Schools that were requested before are read again before they are too old for display. A refusal leaves
   * the rest as it is.
   */
  async #readSchools() {
    const { clock, ages } = this.#options
    const { store, reader } = this.#district
    const minAsOf = youngEnough(clock, ages)
    const wasAsked = store.schools(Number.NEGATIVE_INFINITY) !== undefined
    if (!wasAsked || ages.displayMs === 0 || store.schools(minAsOf) !== undefined) return
    await reader.schools(this.#callContext(), minAsOf).catch((error: unknown) => {
      if (!(error instanceof CleverPathRefused)) throw error
    })
  }

  /** Reads on where a request has begun, or for subscribers. It comes last, because nothing waits for it. */
  async #readPastEvents() {
    const { backfill, changes } = this.#district
    if (changes.hasSubscribers) backfill.want()
    await backfill.readOn(this.#callContext())
    if (backfill.isGivenUp) this.#warnings.warnOnce('past too long')
  }

  #handleFailure(error: CleverError) {
    this.#countPoll('FAILED')
    this.#warnings.warnOnce('fails', { error })
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

  #callContext(): CallContext {
    return backgroundCallContext(this.#options.clock, this.#options.ending)
  }
}
