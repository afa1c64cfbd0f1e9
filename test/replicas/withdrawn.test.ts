import { describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { openReplicas } from '../../src/replicas/replicas.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { startGateway } from '../support/gateway.ts'
import { findRedis, startRedis } from './redis-server.ts'

const SOON = { timeout: 15_000, interval: 50 }

describe.skipIf(!findRedis())('a district that withdraws its consent', { timeout: 60_000 }, () => {
  it('is no longer in the store of any replica, also where another one polls', async () => {
    await using redis = await startRedis()
    const sandbox = await startSandbox()
    const openOne = () =>
      openReplicas({
        url: redis.url,
        replicas: 2,
        secret: 'a secret for tests',
        lagMs: 0,
        clock: systemClock,
        log: createLog('silent'),
        metrics: createMetrics(),
      })
    const replicas = [await openOne(), await openOne()]
    const [a, b] = await Promise.all(
      replicas.map(({ logOf }) => startGateway({ over: sandbox, warm: 'eager', eventsInterval: 200, logOf })),
    )
    const gateways = [a ?? expect.unreachable(), b ?? expect.unreachable()]
    const bytes = () => gateways.map(({ districts }) => districts.all()[0]?.store.bytes ?? 0)
    try {
      await vi.waitFor(() => {
        for (const { lines } of gateways)
          expect(lines.filter((line) => line.includes('all of a role is known'))).toHaveLength(2)
      }, SOON)
      expect(Math.min(...bytes())).toBeGreaterThan(0)
      sandbox.faults.add({ path: /./, status: 401 })
      await vi.waitFor(() => expect(bytes()).toEqual([0, 0]), SOON)
    } finally {
      for (const gateway of gateways) await gateway[Symbol.asyncDispose]()
      for (const each of replicas) await each.close()
      await sandbox.close()
    }
  })
})
