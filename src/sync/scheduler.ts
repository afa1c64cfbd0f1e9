import { once } from 'node:events'
import type { DistrictClients } from '../clever/district-clients.ts'
import type { District, DistrictRegistry } from '../districts.ts'
import { CleverError } from '../model/clever-errors.ts'
import { ROLES, type Role } from '../model/ranges.ts'
import { backgroundCallContext } from './background-calls.ts'
import { DistrictLoad } from './district-load.ts'
import { DistrictLoop } from './district-loop.ts'
import { DistrictSync, type DistrictSyncOptions } from './district-sync.ts'
import { FullLoads } from './full-loads.ts'

/** The districts that are kept ready: none, those with more than a few requests, or all from the start. */
export type Warm = 'off' | 'lazy' | 'eager'

export interface SchedulerOptions extends Omit<DistrictSyncOptions, 'ages'> {
  readonly warm: Warm
  /** Between two polls for events. ms */
  readonly intervalMs: number
  /** How many districts are loaded at one time. */
  readonly loadsAtOnce: number
  readonly clients: DistrictClients
  readonly districts: DistrictRegistry
}

/** The number of requests for a role after which it is loaded in full. */
const REQUESTS_BEFORE_FULL_LOAD = 3
/** A district without requests for this long is not synced, unless all districts are kept warm. ms */
const IDLE_MS = 3_600_000
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2

/**
 * Keeps districts ready until `ending`; resolves then. Never throws. Each district is polled by a loop of its own, and the full
 * loads of all districts share a few places.
 */
export async function runSync(options: SchedulerOptions): Promise<void> {
  const { warm, intervalMs, clock, log, metrics, ending, districts } = options
  const { ages, memoryLimit } = districts
  const places = { places: options.loadsAtOnce, firstPauseMs: intervalMs, random: Math.random }
  const loads = new FullLoads({ clock, log, metrics, ending, memoryLimit, ...places })
  const synced = new Map<District, { readonly load: DistrictLoad; readonly loop: DistrictLoop }>()
  const running: Promise<void>[] = []
  loads.onEnd(({ district }) => synced.get(district)?.loop.loadEnded())
  metrics.sources.loadState = (district) => {
    const load = synced.get(district)?.load
    const state = load && loads.state(load)
    return state?.kind === 'PAUSED' ? { ...state, until: clock.now() + state.until - clock.elapsed() } : state
  }

  function rolesOf({ demand }: District): readonly Role[] {
    if (warm === 'eager') return ROLES
    if (warm === 'off' || clock.elapsed() - demand.lastRequestedAt > IDLE_MS) return []
    return ROLES.filter((role) => demand.requestCount(role) > REQUESTS_BEFORE_FULL_LOAD)
  }

  districts.onNew((district) => {
    const sync = new DistrictSync(district, { ...options, ages })
    const load = new DistrictLoad(district, { ages, clock, log, metrics })
    const roles = () => rolesOf(district)
    const firstIntervalMs = intervalMs * shareOfInterval(synced.size)
    const loop = new DistrictLoop({ ...options, district, sync, load, loads, roles, firstIntervalMs })
    synced.set(district, { load, loop })
    running.push(loop.run())
  })
  if (warm === 'eager') await discover(options)
  else if (!ending.aborted) await once(ending, 'abort')
  await Promise.all(running)
  await loads.ended()
}

/** Spreads the polls of districts that start together evenly over the interval. */
function shareOfInterval(n: number): number {
  return 1 - ((n * GOLDEN_RATIO) % 1)
}

/** Includes districts that authorize the application later. */
async function discover({ clients, districts, clock, log, ending, intervalMs }: SchedulerOptions) {
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
