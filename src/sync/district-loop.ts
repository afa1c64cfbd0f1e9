import type { Clock } from '../clock.ts'
import type { District } from '../districts.ts'
import type { Logger } from '../log.ts'
import { ShuttingDown } from '../model/change-errors.ts'
import { ROLES, type Role } from '../model/ranges.ts'
import type { DistrictLoad } from './district-load.ts'
import type { DistrictSync } from './district-sync.ts'
import type { FullLoads } from './full-loads.ts'
import { ASKED_MS } from './load-queue.ts'

export interface DistrictLoopOptions {
  readonly district: District
  readonly sync: DistrictSync
  readonly load: DistrictLoad
  readonly loads: FullLoads
  /** The roles that are to be kept whole now. */
  readonly roles: () => readonly Role[]
  /** Between two polls for events. ms */
  readonly intervalMs: number
  /** Before the second poll, at most the interval. ms */
  readonly firstIntervalMs: number
  readonly clock: Clock
  readonly log: Logger
  readonly ending: AbortSignal
}

/** How soon the log is looked at again before its first entry. ms */
const POLLER_PAUSE_MS = 500
/** Between two polls of which the second did not end what the first began early for. ms */
const AGAIN_PAUSE_MS = 100

/**
 * Polls one district at its interval, and sooner if a request, a subscriber or another replica wants it. Full loads are only queued
 * here, so that no poll waits for them.
 */
export class DistrictLoop {
  readonly #options: DistrictLoopOptions
  #polledRoles: readonly Role[] = []
  /** Whether the last poll allows full loads. */
  #mayLoad = false
  /** The last request or subscriber. `clock.elapsed()` */
  #askedAt: number | undefined
  #wake = new AbortController()
  /** Whether the last poll began at once after the one before. */
  #isEarly = false

  constructor(options: DistrictLoopOptions) {
    this.#options = options
    const { district, sync, clock } = options
    const { demand, changes } = district
    if (ROLES.some((role) => demand.requestCount(role) > 0)) this.#askedAt = demand.lastRequestedAt
    demand.onAdd(() => this.#asked(demand.lastRequestedAt))
    changes.onSubscriber(() => this.#asked(clock.elapsed()))
    changes.onPollWanted(() => this.#look())
    sync.onNews(() => this.#look())
  }

  /** Resolves when the process ends. Never throws. */
  async run(): Promise<void> {
    const { intervalMs, firstIntervalMs, clock, ending, district, sync } = this.#options
    for (let interval = firstIntervalMs; !ending.aborted; interval = intervalMs) {
      const startedAt = clock.elapsed()
      await this.#poll()
      await this.#restUntil(startedAt + interval)
    }
    // Subscribers may resume on another replica.
    district.changes.end(new ShuttingDown('the process ends'))
    await sync.leave()
  }

  /** The full loads of the district have ended. */
  loadEnded() {
    this.#wake.abort()
  }

  async #poll() {
    const { district, sync, load, loads, roles, clock } = this.#options
    const wasFailing = sync.isFailing
    this.#polledRoles = roles()
    this.#mayLoad = await this.#safely(() => sync.poll(this.#polledRoles))
    // An open subscription keeps on asking.
    const isOld = clock.elapsed() - (this.#askedAt ?? Number.NEGATIVE_INFINITY) > ASKED_MS / 2
    if (district.changes.hasSubscribers && isOld) this.#askedAt = clock.elapsed()
    load.want(this.#mayLoad ? roles() : [])
    if (wasFailing && !sync.isFailing) loads.resume(load)
    loads.update(load, this.#askedAt)
  }

  /**
   * Waits until the next poll is due, or until it is wanted sooner. It waits after each poll that began without a wait, so that no
   * fault can keep the event loop for itself.
   */
  async #restUntil(dueAt: number) {
    const { sync, load, loads, clock, ending } = this.#options
    const latest = sync.waitsForPoller ? Math.min(dueAt, clock.elapsed() + POLLER_PAUSE_MS) : dueAt
    while (!ending.aborted) {
      this.#wake = new AbortController()
      const wake = AbortSignal.any([ending, this.#wake.signal])
      const isLoaded = loads.state(load) === undefined
      if (this.#mayLoad) await this.#safely(() => sync.readRest({ isLoaded }))
      const isWanted = this.#isPollWanted()
      this.#isEarly = isWanted && !this.#isEarly
      if (this.#isEarly) return
      const until = isWanted ? Math.min(latest, clock.elapsed() + AGAIN_PAUSE_MS) : latest
      await clock.sleep(Math.max(until - clock.elapsed(), 0), wake).catch(() => {})
      if (clock.elapsed() >= until || this.#isPollWanted()) return
    }
  }

  /** A request or a subscriber needs more of the district, or another replica has polled. */
  #isPollWanted(): boolean {
    const { district, sync } = this.#options
    return (
      this.#areMoreRolesWanted() || (district.changes.isPollWanted && !sync.waitsForPoller) || sync.hasNews
    )
  }

  #areMoreRolesWanted(): boolean {
    const { roles } = this.#options
    return this.#polledRoles.length < ROLES.length && roles().length > this.#polledRoles.length
  }

  #look() {
    if (this.#isPollWanted()) this.#wake.abort()
  }

  /** Called for each request. */
  #asked(now: number) {
    const { load, loads } = this.#options
    this.#askedAt = now
    loads.ask(load, now)
    if (this.#areMoreRolesWanted()) this.#wake.abort()
  }

  async #safely<Value>(work: () => Promise<Value>): Promise<Value | false> {
    const { log, ending } = this.#options
    try {
      return await work()
    } catch (error) {
      if (!ending.aborted) log.error({ error }, 'unexpected error in the background')
      return false
    }
  }
}
