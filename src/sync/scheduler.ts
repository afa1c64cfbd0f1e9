import pLimit from 'p-limit'
import type { DistrictClients } from '../clever/district-clients.ts'
import type { District, DistrictRegistry } from '../districts.ts'
import { ShuttingDown } from '../model/change-errors.ts'
import { CleverError } from '../model/clever-errors.ts'
import type { Role } from '../model/ranges.ts'
import { backgroundCallContext, DistrictSync, type DistrictSyncOptions } from './district-sync.ts'

/** The districts that are kept ready: none, those with more than a few requests, or all from the start. */
export type Warm = 'off' | 'lazy' | 'eager'

export interface SchedulerOptions extends Omit<DistrictSyncOptions, 'ages'> {
  readonly warm: Warm
  /** Between two polls for events. ms */
  readonly intervalMs: number
  readonly clients: DistrictClients
  readonly districts: DistrictRegistry
}

/** The number of requests for a role after which it is loaded in full. */
const REQUESTS_BEFORE_FULL_LOAD = 3
/** A district without requests for this long is not synced, unless all districts are kept warm. ms */
const IDLE_MS = 3_600_000
/** How soon the log is looked at again before its first entry. ms */
const POLLER_PAUSE_MS = 500
/** Between two runs of which the second did not end what the first began early for. ms */
const AGAIN_PAUSE_MS = 100
const DISTRICTS_AT_ONCE = 16
const ROLES: readonly Role[] = ['contact', 'student']

/** A run of the work for a district. */
interface Run {
  readonly district: District
  readonly sync: DistrictSync
  readonly roles: readonly Role[]
  /** Whether it began at once after the run before. */
  readonly isEarly: boolean
}

/** Keeps districts ready until `ending`; resolves then. Never throws. */
export async function runSync(options: SchedulerOptions): Promise<void> {
  const { warm, intervalMs, clock, log, ending, clients, districts } = options
  const limit = pLimit(DISTRICTS_AT_ONCE)
  const loops: Promise<void>[] = []
  districts.onNew((district) => void loops.push(syncDistrict(district)))

  function rolesOf({ demand }: District): readonly Role[] {
    if (warm === 'eager') return ROLES
    if (warm === 'off' || clock.elapsed() - demand.lastRequestedAt > IDLE_MS) return []
    return ROLES.filter((role) => demand.requestCount(role) > REQUESTS_BEFORE_FULL_LOAD)
  }

  async function syncDistrict(district: District) {
    const sync = new DistrictSync(district, { ...options, ages: districts.ages })
    let isEarly = false
    while (!ending.aborted) {
      const startedAt = clock.elapsed()
      const roles = rolesOf(district)
      await limit(() => sync.runOnce(roles)).catch((error: unknown) => {
        if (!ending.aborted) log.error({ error }, 'unexpected error in the background')
      })
      isEarly = await rest(startedAt + intervalMs - clock.elapsed(), { district, roles, sync, isEarly })
    }
    // Subscribers may resume on another replica.
    district.changes.end(new ShuttingDown('the process ends'))
    await sync.leave()
  }

  /**
   * Waits until the next poll is due, a request or a subscriber needs more of the district, or another replica has polled. True
   * without a wait. It waits after each run that did not wait, so that no fault can keep the event loop for itself.
   */
  async function rest(milliseconds: number, { district, roles, sync, isEarly }: Run): Promise<boolean> {
    const more = new AbortController()
    const isMoreWanted = () =>
      rolesOf(district).length > roles.length ||
      (district.changes.isPollWanted && !sync.waitsForPoller) ||
      sync.hasNews
    const pause = sync.waitsForPoller ? Math.min(milliseconds, POLLER_PAUSE_MS) : milliseconds
    const look = () => {
      if (isMoreWanted()) more.abort()
    }
    district.demand.onAdd(look)
    district.changes.onPollWanted(look)
    sync.onNews(look)
    if (isMoreWanted() && !isEarly) return true
    const least = isMoreWanted() ? Math.min(pause, AGAIN_PAUSE_MS) : pause
    await clock.sleep(Math.max(least, 0), AbortSignal.any([ending, more.signal])).catch(() => {})
    return false
  }

  /** Includes districts that authorize the application later. */
  async function discover() {
    while (!ending.aborted) {
      try {
        for (const client of await clients.all(backgroundCallContext(clock, ending))) districts.of(client)
      } catch (error) {
        if (ending.aborted) return
        log.warn({ error }, 'the districts to be read cannot be listed')
        if (!(error instanceof CleverError)) log.error({ error }, 'unexpected error in the background')
      }
      await clock.sleep(intervalMs, ending).catch(() => {})
    }
  }

  if (warm === 'eager') await discover()
  await Promise.all(loops)
}
