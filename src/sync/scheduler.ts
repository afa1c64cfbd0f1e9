import pLimit from 'p-limit'
import type { Districts } from '../clever/district-clients.ts'
import type { District, KnownDistricts } from '../districts.ts'
import { CleverError } from '../model/clever-errors.ts'
import type { Role } from '../model/ranges.ts'
import { EVERYTHING, oldest } from '../store/coverage.ts'
import { backgroundCaller, Keeper, type KeeperOptions } from './district-sync.ts'

/** Which districts are kept ready: none; those that are asked for more than a few times; all, from the start. */
export type Warm = 'off' | 'lazy' | 'eager'

export interface KeepersOptions extends Omit<KeeperOptions, 'ages'> {
  readonly warm: Warm
  /** Between two polls for events. ms */
  readonly interval: number
  readonly districts: Districts
  readonly known: KnownDistricts
}

/** Requests for a role, until it is worth reading as a whole. */
const A_FEW = 3
/** A district that nobody has asked for is left alone, unless all are kept ready. ms */
const IDLE = 3_600_000
const DISTRICTS_AT_ONCE = 16
const ROLES: readonly Role[] = ['contact', 'student']

/** Keeps districts ready until `ending`; resolves then. Never throws. */
export async function keepReady(options: KeepersOptions): Promise<void> {
  const { warm, interval, clock, log, metrics, ending, districts, known } = options
  const limit = pLimit(DISTRICTS_AT_ONCE)
  const loops: Promise<void>[] = []
  known.onNew((district) => void loops.push(keep(district)))

  function rolesOf({ interest }: District): readonly Role[] {
    if (warm === 'eager') return ROLES
    if (warm === 'off' || clock.elapsed() - interest.lastAskedAt > IDLE) return []
    return ROLES.filter((role) => interest.requests(role) > A_FEW)
  }

  async function keep(district: District) {
    const keeper = new Keeper(district, { ...options, ages: known.ages })
    while (!ending.aborted) {
      const startedAt = clock.elapsed()
      const roles = rolesOf(district)
      await limit(() => keeper.turn(roles)).catch((error: unknown) => {
        if (!ending.aborted) log.error({ error }, 'unexpected error in the background')
      })
      report()
      await rest(startedAt + interval - clock.elapsed(), district, roles)
    }
    // Whoever listens may go on elsewhere.
    district.changes.end()
  }

  /** Until the next poll is due, or until more is wanted of the district than before. */
  async function rest(milliseconds: number, district: District, roles: readonly Role[]) {
    const more = new AbortController()
    const isMoreWanted = () => rolesOf(district).length > roles.length || district.changes.isAwaited
    const look = () => {
      if (isMoreWanted()) more.abort()
    }
    district.interest.onNote(look)
    district.changes.onAwaited(look)
    if (isMoreWanted()) return
    await clock.sleep(Math.max(milliseconds, 0), AbortSignal.any([ending, more.signal])).catch(() => {})
  }

  function report() {
    metrics.directoryBytes.set(known.memory.bytes)
    for (const role of ROLES) {
      const all = known.all().map(({ directory }) => directory)
      metrics.directoryRecords.set(
        { role },
        all.reduce((sum, directory) => sum + directory.size(role), 0),
      )
      const since = all
        .map((directory) => oldest(directory.coverage(role), EVERYTHING))
        .filter((each) => each !== undefined)
      if (since.length === 0) metrics.directoryAge.remove({ role })
      else metrics.directoryAge.set({ role }, (clock.now() - Math.min(...since)) / 1000)
    }
  }

  /** Also those that authorize the application later. */
  async function discover() {
    while (!ending.aborted) {
      try {
        for (const client of await districts.all(backgroundCaller(clock, ending))) known.of(client)
      } catch (error) {
        if (ending.aborted) return
        log.warn({ error }, 'the districts to be read cannot be listed')
        if (!(error instanceof CleverError)) log.error({ error }, 'unexpected error in the background')
      }
      await clock.sleep(interval, ending).catch(() => {})
    }
  }

  if (warm === 'eager') await discover()
  await Promise.all(loops)
}
