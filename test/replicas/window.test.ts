import { createClient } from '@redis/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { connectRedis, type Redis } from '../../src/replicas/redis.ts'
import { ReplicaWindow } from '../../src/replicas/shared-window.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { findRedis, type RedisServer, startRedis } from './redis-server.ts'

const LIMIT = 1_200
const REPLICAS = 3
const KEY = 'ccg:window:test'
const HOLD_MS = 100_000

describe.skipIf(!findRedis())('the shared window', () => {
  let server: RedisServer
  let redis: Redis
  beforeAll(async () => {
    server = await startRedis()
    redis = await connectRedis({ url: server.url, log: createLog('silent'), metrics: createMetrics() })
  })
  afterAll(async () => {
    await redis?.close()
    await server?.[Symbol.asyncDispose]()
  })

  const clock = createFakeClock()
  const open = (replica: string) =>
    new ReplicaWindow({ redis, clock, key: KEY, replica, replicas: REPLICAS }, LIMIT)

  /** As if the replica had been seen for the last time so long ago. */
  async function makeSilent(replica: string, milliseconds: number) {
    const client = await createClient({ url: server.url }).connect()
    const [held] = ((await client.hGet(KEY, `r:${replica}`)) ?? expect.unreachable()).split(' ')
    await client.hSet(KEY, `r:${replica}`, `${held} ${Date.now() - milliseconds + HOLD_MS} 1`)
    client.destroy()
  }

  /** What the replicas may still send, as a replica learns with its next exchange. */
  async function leftFor(window: ReplicaWindow) {
    await clock.advance(16_000)
    await window.tick()
    return window.left(clock.elapsed())
  }

  it('keeps the share of a replica that may be cut off, until another one takes its place', async () => {
    const [a, b, c] = [open('a'), open('b'), open('c')]
    for (const window of [a, b, c]) await window.tick()
    for (const window of [a, b, c]) await leftFor(window)
    await makeSilent('c', 30_000)
    expect(await leftFor(a)).toBeLessThanOrEqual(LIMIT - LIMIT / REPLICAS)
    await makeSilent('c', HOLD_MS + 60_000)
    const kept = await leftFor(a)
    expect(kept).toBeLessThanOrEqual(LIMIT - LIMIT / REPLICAS)
    const d = open('d')
    await d.tick()
    expect(await leftFor(a)).toBeGreaterThan(kept + LIMIT / REPLICAS / 2)
  })
})
