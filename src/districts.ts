import type { CleverClient } from './clever/client.ts'
import type { Caller } from './clever/transport.ts'
import type { Clock } from './clock.ts'
import { Reads } from './fetch/district-reader.ts'
import { Successions } from './identity/id-history.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Role } from './model/ranges.ts'
import type { Ages } from './store/ages.ts'
import { EVERYTHING, oldest } from './store/coverage.ts'
import { Directory } from './store/district-store.ts'
import { createMemory, type Memory } from './store/memory-limit.ts'
import { Changes } from './sync/changes.ts'
import { createMassChanges, type MassChanges } from './sync/mass-change.ts'

/** One district: what we know of it, and how to learn more. Lives as long as the gateway. */
export interface District {
  readonly client: CleverClient
  readonly directory: Directory
  readonly reads: Reads
  readonly sizes: Sizes
  /** After anything was learned. */
  keepWithinMemory(): void
  readonly interest: Interest
  readonly successions: Successions
  readonly changes: Changes
  readonly massChanges: MassChanges
}

/** How large the roles are: what a plan goes by. */
export interface Sizes {
  /** Rows of a role: as held, as counted, or as guessed; undefined where there is no telling. */
  rows(role: Role): number | undefined
  /** Asks Clever, once an hour at most. Throws what Reads throws. */
  count(role: Role, caller: Caller): Promise<void>
  readonly mayCount: (role: Role) => boolean
  /** Whether all of a role would stay in memory, and could be learned when that was last tried. */
  mayHold(role: Role): boolean
  /** It was tried, and not all could be learned. */
  noteNotWhole(role: Role): void
  /** From a part of the role, while nobody has counted. */
  guess(role: Role, rows: number): void
}

/** What is asked for, so that it can be read before it is asked for again. */
export interface Interest {
  /** Once for each request. */
  note(role: Role): void
  requests(role: Role): number
  /** Makes as much of a request as of very many. */
  urge(role: Role): void
  /** ms since the epoch */
  readonly lastAskedAt: number
  /** Told of each request, until another listener is set. */
  onNote(listener: () => void): void
}

export interface DistrictsOptions {
  readonly ages: Ages
  /** For all districts together. */
  readonly mostBytes: number
  /** How late Clever may tell an event. ms */
  readonly lag: number
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

export interface KnownDistricts {
  of(client: CleverClient): District
  all(): readonly District[]
  /** Told of each district when it is first asked for; of those that were before, at once. */
  onNew(listener: (district: District) => void): void
  readonly memory: Memory
  readonly ages: Ages
}

/** An hour, as a roster changes slowly. ms */
const COUNT_HOLDS = 3_600_000

/** All districts that anybody has asked for. */
export function createKnownDistricts(options: DistrictsOptions): KnownDistricts {
  const { ages, mostBytes, lag, clock, log, metrics } = options
  const districts = new Map<CleverClient, District>()
  const all = () => [...districts.values()]
  let tell = (_district: District) => {}
  const memory = createMemory(mostBytes, () =>
    all()
      .sort((a, b) => a.interest.lastAskedAt - b.interest.lastAskedAt)
      .map(({ directory }) => directory),
  )

  function begin(client: CleverClient): District {
    const directory = new Directory(client.districtId, clock)
    const successions = new Successions(clock.now, lag, (record) => directory.markShared(record))
    const onRefusal = (error: Error) => {
      successions.forgetAll()
      changes.end(error)
    }
    const massChanges = createMassChanges(client.districtId, log, metrics)
    const onWhole = (role: Role) => massChanges.read(role, directory.size(role))
    const reads = new Reads({ client, directory, memory, clock, log, metrics, onRefusal, onWhole })
    const changes = new Changes({ directory, reads, clock, lag })
    const sizes = createSizes(directory, reads, memory, clock)
    const keepWithinMemory = () => memory.keepWithin(directory)
    return {
      client,
      directory,
      reads,
      sizes,
      keepWithinMemory,
      interest: createInterest(clock),
      successions,
      changes,
      massChanges,
    }
  }

  return {
    of(client) {
      const known = districts.get(client)
      if (known !== undefined) return known
      const district = begin(client)
      districts.set(client, district)
      tell(district)
      return district
    },
    all,
    onNew(listener) {
      tell = listener
      for (const district of all()) listener(district)
    },
    memory,
    ages,
  }
}

function createSizes(directory: Directory, reads: Reads, memory: Memory, clock: Clock): Sizes {
  const counts = new Map<Role, { readonly rows: number | undefined; readonly at: number }>()
  const guesses = new Map<Role, number>()
  const notWholeAt = new Map<Role, number>()
  const counted = (role: Role) => {
    const count = counts.get(role)
    return count !== undefined && clock.elapsed() - count.at < COUNT_HOLDS ? count : undefined
  }
  const sizes: Sizes = {
    rows(role) {
      const isWhole = oldest(directory.coverage(role), EVERYTHING) !== undefined
      return isWhole ? directory.size(role) : (counted(role)?.rows ?? guesses.get(role))
    },
    async count(role, caller) {
      counts.set(role, { rows: await reads.count(role, caller), at: clock.elapsed() })
    },
    mayCount: (role) => counted(role) === undefined,
    mayHold: (role) => {
      const isTooSoon = clock.elapsed() - (notWholeAt.get(role) ?? Number.NEGATIVE_INFINITY) < COUNT_HOLDS
      return !isTooSoon && memory.mayHold(sizes.rows(role) ?? 0)
    },
    noteNotWhole: (role) => void notWholeAt.set(role, clock.elapsed()),
    guess: (role, rows) => void guesses.set(role, rows),
  }
  return sizes
}

function createInterest(clock: Clock): Interest {
  const requests = new Map<Role, number>()
  let lastAskedAt = clock.elapsed()
  let tell = () => {}
  return {
    note(role) {
      requests.set(role, (requests.get(role) ?? 0) + 1)
      lastAskedAt = clock.elapsed()
      tell()
    },
    onNote(listener) {
      tell = listener
    },
    urge(role) {
      requests.set(role, Number.POSITIVE_INFINITY)
      tell()
    },
    requests: (role) => requests.get(role) ?? 0,
    get lastAskedAt() {
      return lastAskedAt
    },
  }
}
