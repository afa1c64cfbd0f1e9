import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { DistrictLog } from '../../src/replicas/district-log.ts'
import { createNames } from '../../src/replicas/names.ts'
import { connectRedis, type Redis } from '../../src/replicas/redis.ts'
import type { PollEntry } from '../../src/sync/poll-log.ts'
import { DISTRICT_ID } from '../access/people.ts'
import { findRedis, type RedisServer, startRedis } from './redis-server.ts'

const BEGIN: PollEntry = { kind: 'BEGIN', lastId: undefined, settledUpTo: '', ids: [], sentAt: 0 }
const polledAt = (sentAt: number): PollEntry => ({ kind: 'POLLED', sentAt, completeUntil: sentAt })

describe.skipIf(!findRedis())('the log of a district', () => {
  let server: RedisServer
  const opened: Redis[] = []
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(async () => {
    for (const redis of opened) await redis.close()
    await server?.[Symbol.asyncDispose]()
  })

  /** Two replicas, of which the first is the poller, and a log that nothing was written to. */
  async function openLogs() {
    const names = createNames(randomUUID())
    const logs = []
    for (const replica of ['a', 'b']) {
      const redis = await connectRedis({
        url: server.url,
        log: createLog('silent'),
        metrics: createMetrics(),
      })
      opened.push(redis)
      const shared = { redis, clock: systemClock, names, replica }
      logs.push(new DistrictLog({ ...shared, districtId: DISTRICT_ID, lagMs: 1_000 }))
    }
    const [poller, follower] = logs as [DistrictLog, DistrictLog]
    expect([await poller.turn(), await follower.turn()]).toEqual(['POLL', 'FOLLOW'])
    return { poller, follower }
  }

  it('has no news for a replica that has left, and keeps them for its return', async () => {
    const { poller, follower } = await openLogs()
    expect(await poller.write(BEGIN)).toBe(true)
    await follower.tick()
    expect(follower.hasNews).toBe(true)
    await follower.leave()
    expect(follower.hasNews).toBe(false)
    await poller.write(polledAt(1))
    expect(await follower.turn()).toBe('FOLLOW')
    expect(await follower.read()).toEqual([BEGIN, polledAt(1)])
    expect(follower.hasNews).toBe(false)
  })

  it('has no news for a replica that is alone', async () => {
    const { poller, follower } = await openLogs()
    await poller.write(BEGIN)
    await follower.tick()
    await server.kill()
    expect(await follower.turn()).toBe('ALONE')
    expect(follower.hasNews).toBe(false)
    await server.start()
  })
})
