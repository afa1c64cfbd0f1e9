import type { CostQuota } from '../access/cost-quota.ts'
import type { DisclosureQuota } from '../access/disclosure-quota.ts'
import type { QuotaSharing } from '../access/quota-sharing.ts'
import type { Clock } from '../clock.ts'
import type { Names } from './names.ts'
import type { Redis } from './redis.ts'
import { script } from './script.ts'

export interface SharedQuotasOptions {
  readonly redis: Redis
  readonly names: Names
  readonly clock: Clock
  /** The most replicas that run at one time. */
  readonly replicas: number
}

const EXCHANGE_EVERY_MS = 1_000
/** Principals whose sums are exchanged at one time. */
const PRINCIPALS_AT_ONCE = 500
const IDS_AT_ONCE = 1_000
/** People are counted by the slot in which they were first shown, for an hour and up to one slot more. ms */
const SLOT_MS = 300_000
const SLOTS = 13

/**
 * KEYS: the points of a principal. ARGV: points spent, the limit within a minute, the points that the replica has left. Returns the
 * points that are left for all replicas. Redis that does not know the principal takes the replica's points.
 */
const SPEND = script(`
local spent, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('HMGET', KEYS[1], 'left', 'at')
local left = tonumber(ARGV[3])
if known[1] then
  left = math.min(known[1] + math.max(now - known[2], 0) * limit / 60000, limit) - spent
end
left = math.floor(math.max(left, -limit))
redis.call('HSET', KEYS[1], 'left', string.format('%d', left), 'at', string.format('%d', now))
redis.call('PEXPIRE', KEYS[1], 180000)
return left
`)

/** Exchanges, each second, what principals have used of their quotas. Redis holds hashes and counts, and no id. */
export class SharedQuotas {
  readonly #options: SharedQuotasOptions
  readonly #exchanges: (() => Promise<unknown>)[] = []
  #exchangedAt = Number.NEGATIVE_INFINITY

  constructor(options: SharedQuotasOptions) {
    this.#options = options
  }

  /** From now on, the quotas count what the principals use on all replicas. */
  add(costs: CostQuota, disclosures: DisclosureQuota) {
    const { redis, replicas } = this.#options
    const share = () => (redis.isUp ? 1 : 1 / replicas)
    const [ofCosts, ofDisclosures] = [costs.beginSharing(share), disclosures.beginSharing(share)]
    this.#exchanges.push(
      () => this.#forEach(ofCosts, (key) => this.#exchangeCost(costs, key)),
      () => this.#forEach(ofDisclosures, (key) => this.#exchangeShown(disclosures, key)),
    )
  }

  /** Exchanges the sums when it is due. Never throws. */
  async tick() {
    const { clock, redis } = this.#options
    if (!redis.isUp || clock.elapsed() - this.#exchangedAt < EXCHANGE_EVERY_MS) return
    this.#exchangedAt = clock.elapsed()
    // What could not be said remains unsaid.
    await Promise.all(this.#exchanges.map((exchange) => exchange().catch(() => {})))
  }

  async #forEach({ unsaid }: QuotaSharing, exchange: (key: string) => Promise<void>) {
    const keys = [...unsaid].slice(0, PRINCIPALS_AT_ONCE)
    await Promise.all(
      keys.map(async (key) => {
        unsaid.delete(key)
        await exchange(key).catch((error: unknown) => {
          unsaid.add(key)
          throw error
        })
      }),
    )
  }

  async #exchangeCost(costs: CostQuota, key: string) {
    const { redis, names } = this.#options
    const spent = costs.spentBy(key)
    if (spent === undefined) return
    const { points, limit, left } = spent
    const args = [Math.ceil(points), limit, Math.floor(left)]
    const shared = await redis.run(SPEND, [`ccg:cost:${names.hash('cost', key)}`], args)
    costs.exchanged(key, points, Number(shared))
  }

  async #exchangeShown(disclosures: DisclosureQuota, key: string) {
    const { redis, names, clock } = this.#options
    const name = names.hash('shown', key)
    const slot = Math.floor(clock.now() / SLOT_MS)
    const keyOf = (back: number) => `ccg:shown:${name}:${slot - back}`
    const ids = disclosures.unsaidOf(key)
    for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
      const hashes = ids.slice(at, at + IDS_AT_ONCE).map((id) => names.hash('person', id))
      await redis.send('PFADD', keyOf(0), ...hashes)
      await redis.send('PEXPIRE', keyOf(0), SLOTS * SLOT_MS)
    }
    const keys = Array.from({ length: SLOTS }, (_, back) => keyOf(back))
    disclosures.exchanged(key, ids.length, Number(await redis.send('PFCOUNT', ...keys)))
  }
}
