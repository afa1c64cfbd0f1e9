import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { createNames } from '../../src/replicas/names.ts'
import { connectRedis, type Redis } from '../../src/replicas/redis.ts'
import { addRevocation, Revocations } from '../../src/replicas/revocations.ts'
import { findRedis, type RedisServer, startRedis } from './redis-server.ts'

const NAMES = createNames('a secret for tests')
const SOON = { timeout: 10_000, interval: 50 }

describe.skipIf(!findRedis())('a revocation', () => {
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

  const openReplica = () => new Revocations(redis, NAMES, systemClock, createMetrics())
  const revoke = (principal: string) => addRevocation(redis, NAMES, 'principal', principal, Date.now())
  const refuses = (replica: Revocations, principal: string) => replica.watch('token', principal, 0)()

  it.each(['EMPTY', 'SAVED'] as const)(
    'stays in force, and reaches a new replica, where Redis comes back %s',
    async (content) => {
      const [earlier, later] = [`service:earlier-${content}`, `service:later-${content}`]
      const replica = openReplica()
      await revoke(earlier)
      await server.save()
      await revoke(later)
      await replica.tick()
      await server.kill()
      await replica.tick()
      expect([earlier, later].map((each) => refuses(replica, each))).toEqual([true, true])
      await server.start(content)
      await vi.waitFor(async () => {
        await replica.tick()
        const anew = openReplica()
        await anew.tick()
        expect([earlier, later].map((each) => refuses(anew, each))).toEqual([true, true])
      }, SOON)
    },
  )

  it('stays in force while Redis accepts commands and does not answer, and the command fails', async () => {
    const replica = openReplica()
    await revoke('service:known')
    await replica.tick()
    server.pause()
    await replica.tick()
    expect(refuses(replica, 'service:known')).toBe(true)
    await expect(revoke('service:unsaid')).rejects.toThrow(/not connected|no answer/)
    server.resume()
    await vi.waitFor(async () => {
      await revoke('service:said')
      await replica.tick()
      expect(refuses(replica, 'service:said')).toBe(true)
    }, SOON)
  })
})
