import { type Caller, UNLIMITED } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { District } from '../districts.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { EventsLost, EventsOff } from '../model/change-errors.ts'
import { CleverError, CleverPathRefused, CleverTokenRefused } from '../model/clever-errors.ts'
import { type AheadEvent, timeOfEvent } from '../model/events.ts'
import type { Role } from '../model/ranges.ts'
import type { Ages } from '../store/ages.ts'
import { EVERYTHING, gaps, oldest } from '../store/coverage.ts'
import { createPast, type Past } from './event-backfill.ts'
import { type Applied, beginFeed, type Feed } from './event-feed.ts'

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

/** Without events a role is read again before it is too old for display: the share of that age. */
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

/** The caller for calls that no request waits for. */
export function backgroundCaller(clock: Clock, ending: AbortSignal): Caller {
  return { deadline: clock.now() + PATIENCE, signal: ending, ledger: UNLIMITED, priority: 'BACKGROUND' }
}

/** Keeps one district ready: reads whole roles before they are asked for, and keeps them young by events. */
export class Keeper {
  readonly #district: District
  readonly #options: KeeperOptions
  readonly #past: Past
  readonly #said = new Set<Reason>()
  #feed: Feed | undefined
  /** When Clever last answered that there are no events. */
  #offAt = Number.NEGATIVE_INFINITY
  /** How many questions for events have failed in a row. */
  #failures = 0

  constructor(district: District, options: KeeperOptions) {
    this.#district = district
    this.#options = options
    this.#past = createPast(district.reads, district.successions)
  }

  /**
   * Does all that is due, for these roles and for the listeners to changes. Logs what Clever fails at, and tries it again in
   * the next turn; never throws a CleverError.
   */
  async turn(roles: readonly Role[]): Promise<void> {
    const { clock, ages } = this.#options
    const { directory, reads, changes } = this.#district
    try {
      const startedAt = reads.cleverNow()
      directory.forgetOlder(clock.now() - ages.displayAtMost)
      if (roles.length === 0 && !changes.isWatched) return changes.unpolled()
      if (!(await this.#askForEvents())) return
      for (const role of roles) await this.#sweep(role)
      await this.#readSchools()
      if (this.#feed !== undefined) await this.#catchUp(this.#feed, startedAt)
      if (this.#failures === 0) this.#said.delete('fails')
    } catch (error) {
      if (!(error instanceof CleverError)) throw error
      this.#heedFailure(error)
    }
  }

  /** False if Clever fails to answer for the first time: then nothing is swept before it is asked again. */
  async #askForEvents(): Promise<boolean> {
    try {
      await (this.#feed === undefined ? this.#begin() : this.#poll(this.#feed))
      this.#failures = 0
      return true
    } catch (error) {
      if (!(error instanceof CleverError) || error instanceof CleverTokenRefused) throw error
      this.#failures += 1
      this.#heedFailure(error)
      return this.#failures > 1
    }
  }

  /** Comes before any sweep, so that what happens from now on will be told. */
  async #begin() {
    const { clock, lag } = this.#options
    const { directory, reads, changes } = this.#district
    const isTooSoon = clock.elapsed() - this.#offAt < ASK_FOR_EVENTS_AGAIN
    if (isTooSoon && !changes.isAwaited) return
    const onEvent = (applied: Applied) => this.#onEvent(applied)
    const onAhead = (event: AheadEvent) => this.#onAhead(event)
    this.#feed = await beginFeed({ reads, directory, clock, lag, onEvent, onAhead }, this.#caller())
    if (this.#feed === undefined) return this.#endFeed('events off')
    this.#offAt = Number.NEGATIVE_INFINITY
    changes.polled(this.#feed.lastId)
    this.#said.delete('events off')
    this.#said.delete('events lost')
  }

  async #poll(from: Feed) {
    const { directory, reads, successions, changes, massChanges } = this.#district
    const before = directory.size('student') + directory.size('contact')
    // Only the answer shows that our clock was set forward.
    const sentAt = reads.cleverNow()
    const polled = await from.poll(this.#caller())
    const toldUntil = Math.min(sentAt, reads.cleverNow()) - this.#options.lag
    this.#district.keepWithinMemory()
    this.#options.metrics.feed.inc({ outcome: polled.outcome.toLowerCase() })
    if (polled.outcome !== 'OK') {
      successions.breakOff()
      return this.#endFeed(polled.outcome === 'OFF' ? 'events off' : 'events lost')
    }
    if (successions.isFollowing) changes.succeed(successions.vouch(toldUntil))
    changes.polled(from.lastId)
    massChanges.told(polled.deleted, before)
    for (const role of ['student', 'contact'] as const)
      if (oldest(directory.coverage(role), EVERYTHING) !== undefined)
        massChanges.known(role, directory.size(role))
  }

  #endFeed(reason: 'events off' | 'events lost') {
    this.#feed = undefined
    if (reason === 'events off') this.#offAt = this.#options.clock.elapsed()
    this.#sayOnce(reason)
    this.#district.changes.end(
      reason === 'events off' ? new EventsOff('no events') : new EventsLost('missed'),
    )
  }

  #onEvent({ event, before, place }: Applied) {
    const { successions, changes } = this.#district
    this.#options.metrics.events.inc({ kind: event.kind })
    // Before successions are followed, an event is read with the past, in its order.
    if (successions.isFollowing) changes.succeed(successions.note(event))
    changes.note(event, before, place)
  }

  #onAhead({ id }: AheadEvent) {
    const { metrics, log } = this.#options
    const { directory, reads } = this.#district
    metrics.eventsAhead.inc()
    const seconds = Math.round((timeOfEvent(id) - reads.cleverNow()) / 1_000)
    const { districtId } = directory
    log.warn({ districtId, seconds }, 'an event lies ahead of its time and was not applied')
  }

  async #sweep(role: Role) {
    const { clock, log, metrics, onProgress } = this.#options
    const { directory, reads, sizes } = this.#district
    const youngEnough = this.#youngEnough()
    if (gaps(directory.coverage(role), EVERYTHING, youngEnough).length === 0) return
    const startedAt = clock.now()
    // Not noted again: what was tried in vain is tried again an hour later.
    if (!sizes.mayHold(role)) return this.#sayOnce('not whole', { role })
    const isWhole = await reads.sweep(role, this.#caller(), youngEnough, (rows) => {
      metrics.sweptRows.inc({ role }, rows)
      onProgress({ district: this.#district, role, rows: directory.size(role) })
    })
    if (!isWhole) {
      sizes.noteNotWhole(role)
      return this.#sayOnce('not whole', { role })
    }
    const milliseconds = clock.now() - startedAt
    const { districtId } = directory
    log.info({ districtId, role, rows: directory.size(role), milliseconds }, 'all of a role is known')
  }

  /** Schools that a request asked for are read again before they are too old for display. A refusal leaves the rest as it is. */
  async #readSchools() {
    const { ages } = this.#options
    const { directory, reads } = this.#district
    const youngEnough = this.#youngEnough()
    const wasAsked = directory.schools(Number.NEGATIVE_INFINITY) !== undefined
    if (!wasAsked || ages.display === 0 || directory.schools(youngEnough) !== undefined) return
    await reads.schools(this.#caller(), youngEnough).catch((error: unknown) => {
      if (!(error instanceof CleverPathRefused)) throw error
    })
  }

  /** After a start, or whenever events were missed. Last of all, as nothing else waits for it. */
  async #catchUp({ lastId }: Feed, polledAt: number) {
    const { reads, successions, changes } = this.#district
    if (successions.isFollowing) return
    if (!(await this.#past.readOn(lastId, this.#caller()))) this.#sayOnce('past too long')
    if (successions.isFollowing)
      changes.succeed(successions.vouch(Math.min(polledAt, reads.cleverNow()) - this.#options.lag))
  }

  #heedFailure(error: CleverError) {
    this.#options.metrics.feed.inc({ outcome: 'failed' })
    this.#sayOnce('fails', { error })
    this.#district.changes.failed(error)
  }

  #sayOnce(reason: Reason, more: object = {}) {
    const { districtId } = this.#district.directory
    if (!this.#said.has(reason)) this.#options.log.warn({ districtId, reason, ...more }, REASONS[reason])
    this.#said.add(reason)
  }

  #youngEnough(): number {
    return this.#options.clock.now() - this.#options.ages.display * READ_ANEW_AT
  }

  #caller(): Caller {
    return backgroundCaller(this.#options.clock, this.#options.ending)
  }
}
