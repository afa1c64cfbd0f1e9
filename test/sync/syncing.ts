import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'vitest'
import type { CleverOptions } from '../../src/clever/connect.ts'
import { createDistrictRegistry } from '../../src/districts.ts'
import { createLog } from '../../src/log.ts'
import type { Role } from '../../src/model/ranges.ts'
import type { User } from '../../src/sandbox/roster/records.ts'
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { DistrictLoad } from '../../src/sync/district-load.ts'
import { DistrictSync } from '../../src/sync/district-sync.ts'
import { FullLoads } from '../../src/sync/full-loads.ts'
import { startClever } from '../support/clever.ts'
import { createFakeClock } from '../support/fake-clock.ts'

export const INTERVAL = 30_000
export const LAG = 90_000
const BOTH: readonly Role[] = ['contact', 'student']

interface KeepingOptions {
  readonly sandbox?: SandboxOptions
  readonly source?: CleverOptions['source']
  readonly maxBytes?: number
  readonly lagMs?: number
}

/** A keeper of a district, turned by hand, over a sandbox on the same fake clock. */
export async function startKeeping({
  sandbox: roster,
  source,
  maxBytes = 100_000_000,
  lagMs = LAG,
}: KeepingOptions = {}) {
  const clock = createFakeClock()
  // Clever's clock stays right when ours is set.
  const clever = await startClever({ ...roster, now: clock.elapsed }, { clock, ...(source && { source }) })
  const { sandbox, metrics } = clever
  const lines: string[] = []
  const log = createLog('debug', { write: (line: string) => void lines.push(line) })
  const ages = { displayMs: 300_000, displayMaxMs: 86_400_000, decisionMs: 60_000 }
  const districts = createDistrictRegistry({ ages, maxBytes, lagMs, clock, log, metrics })
  const district = districts.of(clever.district)
  const ending = new AbortController()
  const { memoryLimit } = districts
  const all = { ages, clock, log, metrics, ending: ending.signal }
  const sync = new DistrictSync(district, { ...all, lagMs })
  const load = new DistrictLoad(district, all)
  const loads = new FullLoads({ ...all, memoryLimit, places: 1, firstPauseMs: INTERVAL, random: () => 0 })

  /** A poll, then the loads, and then the past. */
  async function runOnce(roles: readonly Role[]) {
    const mayLoad = await sync.poll(roles)
    load.want(mayLoad ? roles : [])
    loads.update(load, undefined)
    await loads.ended()
    if (mayLoad) await sync.readRest({ isLoaded: loads.state(load) === undefined })
  }

  return {
    clock,
    sandbox,
    metrics,
    district,
    store: district.store,
    roster: sandbox.districts[0] ?? expect.unreachable(),
    /** The log lines with this reason. */
    said: (reason: string) => lines.filter((line) => line.includes(`"reason":"${reason}"`)),
    warnings: () => lines.filter((line) => line.includes('"level":"warn"')),
    /** What is due at once. Pauses before a second attempt pass by. */
    async turn(roles = BOTH) {
      let isOver = false
      const turning = runOnce(roles).finally(() => {
        isOver = true
      })
      while (!isOver) {
        await nextTurn()
        await clock.advance(10)
      }
      await turning
    },
    /** What is due after so long. */
    async later(milliseconds = INTERVAL, roles = BOTH) {
      await clock.advance(milliseconds)
      await this.turn(roles)
    },
    async [Symbol.asyncDispose]() {
      ending.abort()
      await clever[Symbol.asyncDispose]()
    },
  }
}

export type Keeping = Awaited<ReturnType<typeof startKeeping>>

interface TestEvent {
  readonly n: number
  readonly kind: 'created' | 'updated' | 'deleted'
  readonly object: User
}

/** An hour after the fake clock begins. */
const LATER = Date.parse('2026-11-22T13:00:00Z')

/**
 * A page of events as Clever would write it, in the order given; `n` is their place within a second. `at`: ms since the epoch,
 * after all that was.
 */
export function pageOfEvents(events: readonly TestEvent[], at = LATER): string {
  const seconds = Math.floor(at / 1_000).toString(16)
  const data = events.map(({ n, kind, object }) => {
    const id = `${seconds}${n.toString(16).padStart(16, '0')}`
    return { data: { id, type: `users.${kind}`, data: { object } }, uri: `/v3.1/events/${id}` }
  })
  return JSON.stringify({ data, links: [] })
}
