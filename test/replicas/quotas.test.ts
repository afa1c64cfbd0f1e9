import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { KindLimits } from '../../src/access/kind-limits.ts'
import { systemClock } from '../../src/clock.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { openReplicas, type Replicas } from '../../src/replicas/replicas.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { SERVICE, startGateway, type TestGateway } from '../support/gateway.ts'
import { findRedis, type RedisServer, startRedis } from './redis-server.ts'

const SOON = { timeout: 10_000, interval: 100 }
const limits = (text: string) => KindLimits.parse(text, { min: 1, max: 1_000_000 }) ?? expect.unreachable()
const as = (sub: string) => ({ ...SERVICE, sub })

describe.skipIf(!findRedis())('a principal that reaches two replicas', { timeout: 60_000 }, () => {
  let redis: RedisServer
  let students: readonly string[]
  const replicas: Replicas[] = []
  const gateways: TestGateway[] = []
  const redisLines: string[] = []
  const at = (index: number) => gateways[index] ?? expect.unreachable()
  const sandboxStarting = startSandbox()

  beforeAll(async () => {
    const sandbox = await sandboxStarting
    students = sandbox.districts[0]?.students ?? []
    redis = await startRedis()
    for (const _replica of ['a', 'b']) {
      const shared = await openReplicas({
        url: redis.url,
        replicas: 2,
        secret: 'a secret for tests',
        lagMs: 0,
        clock: systemClock,
        log: createLog('info', { write: (line: string) => void redisLines.push(line) }),
        metrics: createMetrics(),
      })
      replicas.push(shared)
      const quotas = { disclosureQuota: limits('service=10'), costQuota: limits('service=30') }
      const costQuota = limits('service=unlimited')
      gateways.push(
        await startGateway({ over: sandbox, ...quotas, shareQuotas: shared.shareQuotas }),
        await startGateway({ over: sandbox, ...quotas, costQuota, shareQuotas: shared.shareQuotas }),
      )
    }
  })
  afterAll(async () => {
    for (const gateway of gateways) await gateway[Symbol.asyncDispose]()
    for (const each of replicas) await each.close()
    await redis?.[Symbol.asyncDispose]()
    await (await sandboxStarting).close()
  })

  /** The code with which the query was refused. */
  async function codeOf(gateway: TestGateway, query: string, sub: string) {
    return (await gateway.ask(query, {}, as(sub))).errors?.[0]?.extensions.code
  }
  const show = (gateway: TestGateway, from: number, to: number, sub = 'reader') => {
    const fields = students.slice(from, to).map((id, index) => `s${index}: student(id: "${id}") { id }`)
    return codeOf(gateway, `{ ${fields.join(' ')} }`, sub)
  }

  it('is shown as many people as the quota says by both, and people whom both show count once', async () => {
    const [a, b] = [at(1), at(3)]
    expect(await show(a, 0, 8)).toBe(undefined)
    await vi.waitFor(async () => expect((await redis.texts()).join()).toContain('ccg:shown:'), SOON)
    expect(await show(b, 0, 6)).toBe(undefined)
    await vi.waitFor(async () => {
      await show(b, 0, 1)
      expect(b.lines.some((line) => line.includes('most of its DISCLOSURE_QUOTA'))).toBe(true)
    }, SOON)
    expect(await show(b, 8, 11)).toBe('DISCLOSURE_QUOTA_EXCEEDED')
    expect(await show(b, 8, 10)).toBe(undefined)
  })

  it('spends the points of one quota on both', async () => {
    const [a, b] = [at(0), at(2)]
    const spend = (gateway: TestGateway) => codeOf(gateway, '{ __typename }', 'spender')
    while ((await spend(a)) === undefined);
    let spent = 0
    // It begins to spend before the first exchange, which is due within a second.
    while ((await spend(b)) === undefined) {
      spent += 1
      await delay(200)
    }
    expect(spent).toBeLessThan(20)
  })

  it('has a share of its quota on each while Redis is away', async () => {
    await redis.kill()
    await vi.waitFor(
      () => expect(redisLines.filter((line) => line.includes('Redis is away'))).toHaveLength(2),
      SOON,
    )
    for (const gateway of [at(1), at(3)]) {
      expect(await show(gateway, 0, 6, 'another')).toBe('DISCLOSURE_QUOTA_EXCEEDED')
      expect(await show(gateway, 0, 5, 'another')).toBe(undefined)
    }
    await redis.start()
    await vi.waitFor(async () => expect(await show(at(1), 0, 6, 'another')).toBe(undefined), SOON)
  })
})
