import type { CleverClient } from './clever/client.ts'
import type { CallContext } from './clever/transport.ts'
import type { Clock } from './clock.ts'
import { DistrictReader } from './fetch/district-reader.ts'
import { IdHistory } from './identity/id-history.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Role } from './model/ranges.ts'
import type { Ages } from './store/ages.ts'
import { EVERYTHING, oldestAsOf } from './store/coverage.ts'
import { DistrictStore } from './store/district-store.ts'
import { createMemoryLimit, type MemoryLimit } from './store/memory-limit.ts'
import { Changes } from './sync/changes.ts'
import { EventBackfill } from './sync/event-backfill.ts'
import { createMassChanges, type MassChanges } from './sync/mass-change.ts'

/** One district: its store, and the parts that read and sync it. Lives as long as the gateway. */
export interface District {
  readonly client: CleverClient
  readonly store: DistrictStore
  /** How many reads for requests the store answered, and how many it did not. */
  readonly reads: { hits: number; misses: number }
  readonly reader: DistrictReader
  readonly sizes: Sizes
  /** Called after anything was put into the store. */
  enforceMemoryLimit(): void
  readonly demand: Demand
  readonly idHistory: IdHistory
  readonly backfill: EventBackfill
  readonly changes: Changes
  readonly massChanges: MassChanges
}

/** The number of records of each role. The planner computes costs from it. */
export interface Sizes {
  /** Rows of a role: as stored, as counted by Clever, or as estimated. Undefined if none of these is known. */
  rows(role: Role): number | undefined
  /**
   * The rows that Clever counts, or has counted within the hour; undefined if it does not. A count that failed is not repeated for a
   * minute. Costs at most a call. Does not throw.
   */
  learnRows(role: Role, callContext: CallContext): Promise<number | undefined>
  /** Asks Clever. Throws the errors of Reads. */
  count(role: Role, callContext: CallContext): Promise<void>
  readonly mayCount: (role: Role) => boolean
  /** Whether all records of a role fit in memory, and the last full load of the role did not fail within the hour. */
  fits(role: Role): boolean
  /** Notes that a full load did not store all records of the role. */
  recordFailedLoad(role: Role): void
  /** An estimate from a part of the role, used until Clever has counted. */
  guess(role: Role, rows: number): void
}

/** Tracks which roles are requested, so that they can be loaded before the next request. */
export interface Demand {
  /** Once for each request. */
  add(role: Role): void
  requestCount(role: Role): number
  /** Counts one request as very many. */
  raise(role: Role): void
  /** ms since the epoch */
  readonly lastRequestedAt: number
  /** Called at each request. Replaces the listener that was set before. */
  onAdd(listener: () => void): void
}

export interface DistrictsOptions {
  readonly ages: Ages
  /** For all districts together. */
  readonly maxBytes: number
  /** How long after a change Clever may report it. ms */
  readonly lagMs: number
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

export interface DistrictRegistry {
  of(client: CleverClient): District
  all(): readonly District[]
  /** Called for each district at its first request, and at once for the districts that exist. */
  onNew(listener: (district: District) => void): void
  readonly memoryLimit: MemoryLimit
  readonly ages: Ages
}

/** An hour, as a roster changes slowly. ms */
const RESULT_MAX_AGE_MS = 3_600_000
/** How long a count that failed is not repeated. ms */
const FAILED_COUNT_MS = 60_000

/** All districts that were opened so far. */
export function createDistrictRegistry(options: DistrictsOptions): DistrictRegistry {
  const { ages, maxBytes } = options
  const districts = new Map<CleverClient, District>()
  const all = () => [...districts.values()]
  let notify = (_district: District) => {}
  const memoryLimit = createMemoryLimit(
    maxBytes,
    () => all().map(({ store }) => store),
    () =>
      all()
        .sort((a, b) => a.demand.lastRequestedAt - b.demand.lastRequestedAt)
        .map(({ store }) => store),
  )

  return {
    of(client) {
      const known = districts.get(client)
      if (known !== undefined) return known
      const district = createDistrict(client, options, memoryLimit)
      districts.set(client, district)
      notify(district)
      return district
    },
    all,
    onNew(listener) {
      notify = listener
      for (const district of all()) listener(district)
    },
    memoryLimit,
    ages,
  }
}

function createDistrict(
  client: CleverClient,
  { lagMs, clock, log, metrics }: DistrictsOptions,
  memoryLimit: MemoryLimit,
): District {
  const store = new DistrictStore(client.districtId, clock)
  const idHistory = new IdHistory(clock.now, lagMs, (record) => store.markShared(record))
  const onRefusal = (error: Error) => {
    backfill.clear()
    changes.end(error)
  }
  const massChanges = createMassChanges(client.districtId, log, metrics)
  const onWhole = (role: Role) => massChanges.loaded(role, store.size(role))
  const reader = new DistrictReader({
    client,
    store,
    memoryLimit,
    clock,
    log,
    metrics,
    expectedRows: (role) => sizes.rows(role),
    learnRows: (role, callContext) => sizes.learnRows(role, callContext),
    onRefusal,
    onWhole,
  })
  const changes = new Changes({ store, reader, clock, lagMs })
  const backfill = new EventBackfill({
    reader,
    idHistory,
    clock,
    lagMs,
    isPolled: () => changes.isPolled,
    onIdChanges: (idChanges) => changes.addIdChanges(idChanges),
  })
  const sizes = createSizes(store, reader, memoryLimit, clock)
  const enforceMemoryLimit = () => memoryLimit.enforce(store)
  return {
    client,
    store,
    reads: { hits: 0, misses: 0 },
    reader,
    sizes,
    enforceMemoryLimit,
    demand: createDemand(clock),
    idHistory,
    backfill,
    changes,
    massChanges,
  }
}

function createSizes(
  store: DistrictStore,
  reader: DistrictReader,
  memoryLimit: MemoryLimit,
  clock: Clock,
): Sizes {
  const counts = new Map<Role, { readonly rows: number | undefined; readonly until: number }>()
  const guesses = new Map<Role, number>()
  const failedLoadAt = new Map<Role, number>()
  const counted = (role: Role) => {
    const count = counts.get(role)
    return count !== undefined && clock.elapsed() < count.until ? count : undefined
  }
  const isWhole = (role: Role) => oldestAsOf(store.coverage(role), EVERYTHING) !== undefined
  const sizes: Sizes = {
    rows: (role) => (isWhole(role) ? store.size(role) : (counted(role)?.rows ?? guesses.get(role))),
    async learnRows(role, callContext) {
      if (sizes.mayCount(role)) await sizes.count(role, callContext).catch(() => {})
      return counted(role)?.rows
    },
    async count(role, callContext) {
      try {
        const rows = await reader.count(role, callContext)
        counts.set(role, { rows, until: clock.elapsed() + RESULT_MAX_AGE_MS })
      } catch (error) {
        counts.set(role, { rows: undefined, until: clock.elapsed() + FAILED_COUNT_MS })
        throw error
      }
    },
    mayCount: (role) => counted(role) === undefined,
    fits: (role) => {
      const isTooSoon =
        clock.elapsed() - (failedLoadAt.get(role) ?? Number.NEGATIVE_INFINITY) < RESULT_MAX_AGE_MS
      return !isTooSoon && memoryLimit.fits(sizes.rows(role) ?? 0)
    },
    recordFailedLoad: (role) => void failedLoadAt.set(role, clock.elapsed()),
    guess: (role, rows) => void guesses.set(role, Math.ceil(rows)),
  }
  return sizes
}

function createDemand(clock: Clock): Demand {
  const requests = new Map<Role, number>()
  let lastRequestedAt = clock.elapsed()
  let notify = () => {}
  return {
    add(role) {
      requests.set(role, (requests.get(role) ?? 0) + 1)
      lastRequestedAt = clock.elapsed()
      notify()
    },
    onAdd(listener) {
      notify = listener
    },
    raise(role) {
      requests.set(role, Number.POSITIVE_INFINITY)
      notify()
    },
    requestCount: (role) => requests.get(role) ?? 0,
    get lastRequestedAt() {
      return lastRequestedAt
    },
  }
}
