import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createDistrictRegistry } from '../../src/districts.ts'
import { createLog } from '../../src/log.ts'
import { NO_LOG, type PollLog } from '../../src/sync/poll-log.ts'
import { runSync } from '../../src/sync/scheduler.ts'
import { startClever } from '../support/clever.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { INTERVAL, LAG } from './syncing.ts'

describe('the work for a district', () => {
  it('leaves time for requests also if it is always due', async () => {
    const clock = createFakeClock()
    await using clever = await startClever({ now: clock.elapsed }, { clock })
    const { metrics } = clever
    const log = createLog('silent')
    const ages = { displayMs: 300_000, displayMaxMs: 86_400_000, decisionMs: 60_000 }
    const districts = createDistrictRegistry({ ages, maxBytes: 1_000_000, lagMs: LAG, clock, log, metrics })
    let runs = 0
    const alwaysNews: PollLog = {
      ...NO_LOG,
      hasNews: true,
      leave: async () => {
        runs += 1
      },
    }
    const ending = new AbortController()
    const syncing = runSync({
      warm: 'lazy',
      intervalMs: INTERVAL,
      lagMs: LAG,
      clients: clever.clever.clients,
      districts,
      clock,
      log,
      metrics,
      ending: ending.signal,
      loadsAtOnce: 2,
      logOf: () => alwaysNews,
    })
    districts.of(clever.district)
    for (let turn = 0; turn < 20; turn += 1) await nextTurn()
    expect(runs).toBeLessThanOrEqual(2)
    await clock.advance(1_000)
    expect(runs).toBeGreaterThan(5)
    expect(runs).toBeLessThanOrEqual(22)
    ending.abort()
    await syncing
  })
})
