import type { CallContext } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { District } from '../districts.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { Role } from '../model/ranges.ts'
import type { Ages } from '../store/ages.ts'
import { EVERYTHING, gaps } from '../store/coverage.ts'
import type { LoadOffer } from './load-queue.ts'
import { SyncWarnings } from './sync-warnings.ts'

export interface DistrictLoadOptions {
  readonly ages: Ages
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** WHOLE: all due roles are in memory. PARTIAL: some of a role cannot be held. */
export type LoadResult = 'WHOLE' | 'PARTIAL'

/** Called after each page, with its rows. */
export type OnPage = (rows: number) => void

/** The share of the maximum display age after which a role is read again, if the district has no events. */
const RELOAD_AT_AGE_SHARE = 0.8

/** A full load does not wait longer to know how many pages it needs. ms */
const COUNT_DEADLINE_MS = 5_000

/** The records with an older as-of time are read again before they are too old for display. ms since the epoch */
export function youngEnough(clock: Clock, ages: Ages): number {
  return clock.now() - ages.displayMs * RELOAD_AT_AGE_SHARE
}

/** The full loads of one district: which of its roles are due, and how they are read. */
export class DistrictLoad {
  readonly district: District
  readonly warnings: SyncWarnings
  readonly #options: DistrictLoadOptions
  #wanted: readonly Role[] = []

  constructor(district: District, options: DistrictLoadOptions) {
    this.district = district
    this.warnings = new SyncWarnings(district.store.districtId, options.log)
    this.#options = options
  }

  /** The roles that are to be kept whole. */
  want(roles: readonly Role[]) {
    this.#wanted = roles
  }

  /** The wanted roles that are not known in full, or are too old, and may fit in memory. */
  due(): readonly Role[] {
    return this.#wanted.filter((role) => {
      if (this.#isKnown(role)) return false
      if (this.district.sizes.fits(role)) return true
      // The failure is not recorded again, so the next attempt comes an hour after the first.
      this.warnings.warnOnce('not whole', { role })
      return false
    })
  }

  /** What the queue needs to know of the due roles. */
  size(): Omit<LoadOffer, 'askedAt'> {
    const { store, sizes } = this.district
    const due = this.due()
    const rows = due.map(sizes.rows)
    const isKnown = rows.every((each) => each !== undefined)
    return {
      rows: isKnown ? rows.reduce((sum, each) => sum + (each ?? 0), 0) : undefined,
      held: due.reduce((sum, role) => sum + store.size(role), 0),
    }
  }

  /** Counts the due roles of unknown size. Clever need not answer. Costs a call for each such role, once an hour. */
  async count(callContext: CallContext): Promise<void> {
    const { sizes } = this.district
    const unknown = this.due().filter((role) => sizes.rows(role) === undefined)
    await Promise.all(unknown.map((role) => sizes.learnRows(role, callContext)))
  }

  /**
   * Reads the due roles side by side, and logs the start and the end of each. When one fails, it lets the other end. Throws the
   * CleverErrors, and the signal's reason. Pages that were read before stay in the store.
   */
  async run(callContext: CallContext, onPage: OnPage): Promise<LoadResult> {
    const reads = await Promise.allSettled(this.due().map((role) => this.#read(role, callContext, onPage)))
    for (const read of reads) if (read.status === 'rejected') throw read.reason
    return reads.every((read) => read.status === 'fulfilled' && read.value) ? 'WHOLE' : 'PARTIAL'
  }

  async #read(role: Role, callContext: CallContext, onPage: OnPage): Promise<boolean> {
    const { clock, log, metrics, ages } = this.#options
    const { store, reader, sizes } = this.district
    const { districtId } = store
    const startedAt = clock.elapsed()
    const of = await this.#expectedRows(role, callContext)
    log.info({ districtId, role, of }, 'loading all of a role')
    const load = () =>
      reader.fullLoad(role, callContext, youngEnough(clock, ages), (rows) => {
        metrics.loadedRows.inc({ district: metrics.districtLabel(districtId), role }, rows)
        onPage(rows)
      })
    const isWhole = sizes.fits(role) && (await load())
    const milliseconds = Math.round(clock.elapsed() - startedAt)
    if (!isWhole) {
      sizes.recordFailedLoad(role)
      this.warnings.warnOnce('not whole', { role })
      return false
    }
    // The size stays known when records are evicted.
    sizes.guess(role, store.size(role))
    log.info({ districtId, role, rows: store.size(role), milliseconds }, 'all of a role is known')
    return true
  }

  /** A role that has been whole has about as many rows as then. Any other is counted. */
  async #expectedRows(role: Role, callContext: CallContext): Promise<number | undefined> {
    const { store, sizes } = this.district
    const deadline = Math.min(callContext.deadline, this.#options.clock.now() + COUNT_DEADLINE_MS)
    if (store.wholeAsOf(role) === undefined) await sizes.learnRows(role, { ...callContext, deadline })
    return sizes.rows(role)
  }

  #isKnown(role: Role): boolean {
    const { clock, ages } = this.#options
    return gaps(this.district.store.coverage(role), EVERYTHING, youngEnough(clock, ages)).length === 0
  }
}
