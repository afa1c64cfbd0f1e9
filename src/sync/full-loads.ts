import pLimit from 'p-limit'
import { type CallContext, UNLIMITED_CALLS } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { CleverError } from '../model/clever-errors.ts'
import type { MemoryLimit } from '../store/memory-limit.ts'
import { backgroundCallContext } from './background-calls.ts'
import type { DistrictLoad, LoadResult } from './district-load.ts'
import { LoadQueue, type LoadState } from './load-queue.ts'

export interface FullLoadsOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly ending: AbortSignal
  readonly memoryLimit: MemoryLimit
  /** How many districts are loaded at one time. */
  readonly places: number
  /** The longest pause after a first failure. ms */
  readonly firstPauseMs: number
  /** A random number in [0, 1), for the jitter. */
  readonly random: () => number
}

/** A load that has to wait longer for its next page, for its rate limit for example, fails and frees its place. ms */
const PAGE_DEADLINE_MS = 30_000
/** Calls that count the records of districts which wait. */
const COUNTS_AT_ONCE = 4
const YIELDED = new Error('another district was asked for')

/** Runs the full loads of all districts in the order of the queue. No method throws. */
export class FullLoads {
  readonly #options: FullLoadsOptions
  readonly #queue: LoadQueue<DistrictLoad>
  readonly #running = new Set<Promise<void>>()
  readonly #limitCounts = pLimit(COUNTS_AT_ONCE)
  #onEnd = (_load: DistrictLoad) => {}

  constructor(options: FullLoadsOptions) {
    this.#options = options
    this.#queue = new LoadQueue(options.places, options.firstPauseMs)
  }

  /** Sets the function that is called when a load has ended and has left the queue. */
  onEnd(listener: (load: DistrictLoad) => void) {
    this.#onEnd = listener
  }

  /** Queues the load if anything of it is due, and takes it from the queue otherwise. `askedAt`: see LoadOffer. */
  update(load: DistrictLoad, askedAt: number | undefined) {
    const { clock, memoryLimit } = this.#options
    if (load.due().length === 0) return this.#queue.withdraw(load)
    this.#queue.offer(load, { ...load.size(), askedAt }, clock.elapsed())
    this.#fill()
    if (this.#queue.lacksMemory(load, clock.elapsed(), memoryLimit.room()))
      load.warnings.warnOnce('not whole')
    void this.#limitCounts(() => this.#learnSize(load))
  }

  /** A request or a subscriber has asked for the district. */
  ask(load: DistrictLoad, now: number) {
    if (this.#queue.ask(load, now)) this.#fill()
  }

  /** Clever answers for this district again. */
  resume(load: DistrictLoad) {
    this.#queue.resume(load, this.#options.clock.elapsed())
    this.#fill()
  }

  /** Undefined if nothing of the district is to be loaded. Times are `clock.elapsed()`. */
  state(load: DistrictLoad): LoadState | undefined {
    return this.#queue.state(load, this.#options.clock.elapsed())
  }

  /** Resolves when no load is running. */
  async ended() {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  #fill() {
    const { clock, ending, memoryLimit } = this.#options
    while (!ending.aborted) {
      const load = this.#queue.start(clock.elapsed(), memoryLimit.room())
      if (load === undefined) return
      const running = this.#run(load).finally(() => this.#running.delete(running))
      this.#running.add(running)
    }
  }

  async #run(load: DistrictLoad): Promise<void> {
    const { clock, random } = this.#options
    const turn = { isOver: false }
    const callContext = this.#callContext(turn)
    try {
      const result = await load.run(callContext, (rows) => {
        callContext.deadline = clock.now() + PAGE_DEADLINE_MS
        if (this.#queue.mustYield(load, rows, clock.elapsed())) turn.isOver = true
      })
      this.#queue.end(load, 'DONE', clock.elapsed(), random())
      load.warnings.end('fails')
      if (result === 'WHOLE') load.warnings.end('not whole')
      this.#count(load, result)
    } catch (error) {
      if (turn.isOver) this.#yielded(load)
      else this.#failed(load, error)
    }
    this.#fill()
    if (this.state(load) === undefined) this.#onEnd(load)
  }

  #yielded(load: DistrictLoad) {
    const { clock, log, random } = this.#options
    const { districtId } = load.district.store
    this.#queue.end(load, 'YIELDED', clock.elapsed(), random())
    this.#count(load, 'YIELDED')
    log.info({ districtId }, 'a full load waits for a district that was asked for, and keeps its pages')
  }

  #failed(load: DistrictLoad, error: unknown) {
    const { clock, log, ending, random } = this.#options
    const { districtId } = load.district.store
    const pause = this.#queue.end(load, 'FAILED', clock.elapsed(), random()) ?? 0
    if (ending.aborted) return
    this.#count(load, 'FAILED')
    if (error instanceof CleverError) load.warnings.warnOnce('fails', { error })
    else log.error({ error }, 'unexpected error in the background')
    log.info({ districtId, seconds: Math.ceil(pause / 1_000) }, 'a full load has failed and pauses')
    void clock.sleep(pause, ending).then(
      () => this.#fill(),
      () => {},
    )
  }

  /** Small districts go first, so the size of one that waits is worth a call. */
  async #learnSize(load: DistrictLoad) {
    const { clock, ending } = this.#options
    if (this.state(load)?.kind !== 'WAITING' || load.size().rows !== undefined) return
    await load.count(backgroundCallContext(clock, ending))
    if (this.state(load)?.kind !== 'WAITING') return
    this.#queue.offer(load, { ...load.size(), askedAt: undefined }, clock.elapsed())
    this.#fill()
  }

  /** When the turn is over, the pages that are under way still come, and no further one is asked for. */
  #callContext(turn: { readonly isOver: boolean }): CallContext & { deadline: number } {
    const { clock, ending } = this.#options
    const spend = () => {
      if (turn.isOver) throw YIELDED
    }
    return {
      deadline: clock.now() + PAGE_DEADLINE_MS,
      signal: ending,
      allowance: { ...UNLIMITED_CALLS, spend },
      priority: 'BACKGROUND',
    }
  }

  #count(load: DistrictLoad, outcome: LoadResult | 'YIELDED' | 'FAILED') {
    const { metrics } = this.#options
    const district = metrics.districtLabel(load.district.store.districtId)
    metrics.loads.inc({ district, outcome: outcome.toLowerCase() })
  }
}
