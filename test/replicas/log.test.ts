import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { DistrictLog } from '../../src/replicas/district-log.ts'
import { createNames } from '../../src/replicas/names.ts'
import { connectRedis, type Redis } from '../../src/replicas/redis.ts'
import type { PollEntry, Turn } from '../../src/sync/poll-log.ts'
import { DISTRICT_ID } from '../access/people.ts'
import { findRedis, type RedisServer, startRedis } from './redis-server.ts'

const BEGIN: PollEntry = { kind: 'BEGIN', lastId: undefined, settledUpTo: '', positions: [], sentAt: 0 }
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

  /** Until the replica has its turn again. */
  const back = (log: DistrictLog, turn: Turn) =>
    vi.waitFor(async () => expect(await log.turn()).toBe(turn), { timeout: 10_000, interval: 50 })

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

  it('begins again with what the poller has applied, where Redis comes back empty', async () => {
    const { poller, follower } = await openLogs()
    for (const entry of [BEGIN, polledAt(1), polledAt(2)]) await poller.write(entry)
    expect(await follower.read()).toHaveLength(3)
    await server.kill()
    await server.start()
    await back(poller, 'POLL')
    expect(await poller.read()).toEqual([])
    expect(poller.mustBegin).toBe(true)
    expect(await poller.write(polledAt(3))).toBe(false)
    expect(await poller.write(BEGIN)).toBe(true)
    await poller.write(polledAt(3))
    await back(follower, 'FOLLOW')
    expect(await follower.read()).toEqual([BEGIN, polledAt(3)])
  })

  it('begins again where Redis comes back with an old log, and skips nothing silently', async () => {
    const { poller, follower } = await openLogs()
    for (const entry of [BEGIN, polledAt(1)]) await poller.write(entry)
    await server.save()
    await poller.write(polledAt(2))
    expect(await follower.read()).toHaveLength(3)
    await server.kill()
    await server.start('SAVED')
    await back(follower, 'FOLLOW')
    await back(poller, 'POLL')
    expect(await poller.read()).toEqual([BEGIN, polledAt(1)])
    expect(poller.mustBegin).toBe(true)
    await poller.write(BEGIN)
    await poller.write(polledAt(3))
    expect((await follower.read()).slice(-2)).toEqual([BEGIN, polledAt(3)])
  })

  it('is answered for within seconds, alone, while Redis accepts commands and does not answer', async () => {
    const { poller, follower } = await openLogs()
    await poller.write(BEGIN)
    await follower.read()
    server.pause()
    for (const log of [poller, follower]) {
      expect(await log.turn()).toBe('ALONE')
      expect(await log.write(polledAt(1))).toBe(false)
      await log.tick()
      expect(await log.read()).toEqual([])
    }
    server.resume()
    await back(poller, 'POLL')
    await poller.read()
    expect(poller.mustBegin).toBe(true)
    expect(await poller.write(BEGIN)).toBe(true)
    await back(follower, 'FOLLOW')
    expect(await follower.read()).toEqual([BEGIN])
  })

  it('takes no entry from a poller that has not read all others', async () => {
    const { poller, follower } = await openLogs()
    await poller.write(BEGIN)
    await poller.leave()
    expect(await follower.turn()).toBe('POLL')
    expect(await follower.write(BEGIN)).toBe(false)
    expect(await follower.turn()).toBe('POLL')
    expect(await follower.read()).toEqual([BEGIN])
    expect(await follower.write(BEGIN)).toBe(true)
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
