import { randomUUID } from 'node:crypto'
import type { CostQuota } from '../access/cost-quota.ts'
import type { DisclosureQuota } from '../access/disclosure-quota.ts'
import { MAX_LIMIT, type SharedWindow } from '../clever/rate-limiter.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { PollLog } from '../sync/poll-log.ts'
import { DistrictLog } from './district-log.ts'
import { createNames } from './names.ts'
import { connectRedis } from './redis.ts'
import { Revocations } from './revocations.ts'
import { SharedQuotas } from './shared-quotas.ts'
import { ReplicaWindow } from './shared-window.ts'

/** What this replica shares with the others. */
export interface Replicas {
  /** The shared window of a token. */
  windowOf(token: string): SharedWindow
  /** The log of the polls of a district. */
  logOf(districtId: string): PollLog
  readonly revocations: Pick<Revocations, 'watch'>
  /** Counts what each principal uses of these quotas on all replicas. */
  shareQuotas(costs: CostQuota, disclosures: DisclosureQuota): void
  /** Gives back what this replica holds, and closes the connection. */
  close(): Promise<void>
}

export interface ReplicasOptions {
  readonly url: string
  /** The most replicas that run at one time. */
  readonly replicas: number
  /** Shared by all replicas. */
  readonly secret: string
  /** How late an event may be reported. ms */
  readonly lagMs: number
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** How soon a replica learns what another one has written. ms */
const TICK_MS = 250

export async function openReplicas(options: ReplicasOptions): Promise<Replicas> {
  const { url, secret, clock, log, metrics, replicas, lagMs } = options
  const redis = await connectRedis({ url, log, metrics })
  const names = createNames(secret)
  const replica = randomUUID()
  const shared = { redis, clock, replica }
  const windows = new Map<string, ReplicaWindow>()
  const logs = new Map<string, DistrictLog>()
  const revocations = new Revocations(redis, names, clock, metrics)
  const quotas = new SharedQuotas({ redis, names, clock, replicas })
  await revocations.tick()
  const ending = new AbortController()
  const ticking = tick()

  async function tick() {
    while (!ending.signal.aborted) {
      const parts = [...windows.values(), ...logs.values(), revocations, quotas]
      await Promise.all(parts.map((part) => part.tick()))
      await clock.sleep(TICK_MS, ending.signal).catch(() => {})
    }
  }

  return {
    windowOf(token) {
      // The token is the key of its own hash, so replicas agree on it also while other credentials change.
      const key = `ccg:window:${createNames(token).hash('window', '')}`
      const window = windows.get(key) ?? new ReplicaWindow({ ...shared, key, replicas }, MAX_LIMIT)
      windows.set(key, window)
      return window
    },
    logOf(districtId) {
      const known = logs.get(districtId) ?? new DistrictLog({ ...shared, names, districtId, lagMs })
      logs.set(districtId, known)
      return known
    },
    revocations,
    shareQuotas: (costs, disclosures) => quotas.add(costs, disclosures),
    async close() {
      ending.abort()
      await ticking
      await Promise.all([...windows.values(), ...logs.values()].map((part) => part.leave()))
      await redis.close()
    },
  }
}
