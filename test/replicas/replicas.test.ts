import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { askMany, change, eventIds, pollers, SOON, tokenOf, unknownId, WINDOW } from './acts.ts'
import { type Change, DISTRICT, type Group, type Replica, startGroup } from './group.ts'
import { findRedis } from './redis-server.ts'

/** The changes that were sent in these tests. */
const sent: Change[] = []

describe.skipIf(!findRedis())('three replicas', { timeout: 60_000 }, () => {
  let group: Group
  beforeAll(async () => {
    group = await startGroup()
    DISTRICT.id = group.districts[0] ?? ''
  }, 60_000)
  afterAll(() => group?.[Symbol.asyncDispose]())

  it('together send no more calls than the window of a token, and one may use what the others leave', async () => {
    const token = await tokenOf(group, 1)
    const [a, b, c] = group.replicas as [Replica, Replica, Replica]
    const answered = await Promise.all([
      askMany(a, token, 900),
      askMany(b, token, 250),
      askMany(c, token, 250),
    ])
    const sum = answered.reduce((total, each) => total + each, 0)
    const { busiestWindow } = await group.calls('5555')
    expect(busiestWindow).toBeLessThanOrEqual(WINDOW)
    expect(sum).toBeGreaterThan(WINDOW * 0.85)
    expect(answered[0]).toBeGreaterThan(WINDOW / 3 + 100)
  })

  it('hear of a change from one poller, each with the same ids and within an interval', async () => {
    const streams = await Promise.all(group.replicas.map(({ subscribe }) => subscribe()))
    const polls = async () => {
      const counts = group.replicas.map(({ metric }) => metric(/replicas_turns_total\{turn="poll"\} (\d+)/))
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
    }
    const started = await group.calls('/events\\?')
    expect(await pollers(group)).toHaveLength(1)
    expect((await group.calls('/events\\?')).count - started.count).toBeLessThanOrEqual(4)
    await change(group)
    const polled = await polls()
    await vi.waitFor(() => {
      for (const each of streams) expect(each.changes.length).toBeGreaterThan(2)
    }, SOON)
    // The poll that finds it, and the next one, which may have begun meanwhile.
    expect((await polls()) - polled).toBeLessThanOrEqual(2)
    await vi.waitFor(() => expect(new Set(streams.map((each) => eventIds(each).join())).size).toBe(1), SOON)
    for (const each of streams) each.stop()
    sent.push(...(streams[0]?.changes ?? []))
  })

  it('refuse a revoked token and a revoked principal, and end its subscription', {
    timeout: 30_000,
  }, async () => {
    const [spared, leaked] = [await tokenOf(group, 0), await tokenOf(group, 0)]
    const guardian = await group.signIn.tokenFor({
      clever_kind: 'guardian',
      clever_contact_ids: [unknownId()],
    })
    const teacher = await group.signIn.tokenFor({
      clever_kind: 'service',
      sub: 'stolen',
      scope: 'contacts:read',
      clever_district_ids: '*',
    })
    const codesOf = async (token: string) =>
      Promise.all(
        group.replicas.map(
          async ({ ask }) => (await ask('{ __typename }', {}, token)).errors?.[0]?.extensions.code,
        ),
      )
    for (const token of [spared, leaked, guardian, teacher])
      expect(await codesOf(token)).toEqual([undefined, undefined, undefined])
    const stream = await group.replicas[0]?.subscribe(undefined, teacher)
    const revoked = [
      group.revoke(['token'], leaked),
      group.revoke(['principal', 'service:stolen']),
      group.revoke(['principal', 'Ruth Whitfield']),
    ]
    expect(await Promise.all(revoked)).toEqual([0, 0, 1])
    const refused = Array(3).fill('UNAUTHENTICATED')
    for (const token of [leaked, teacher])
      await vi.waitFor(async () => expect(await codesOf(token)).toEqual(refused), SOON)
    for (const token of [spared, guardian])
      expect(await codesOf(token)).toEqual([undefined, undefined, undefined])
    const before = stream?.changes.length
    await change(group)
    await vi.waitFor(() => expect(stream?.error()).toBe('UNAUTHENTICATED'), SOON)
    expect(stream?.changes).toHaveLength(before ?? 0)
  })

  it('put nothing into Redis that names a person, a token, a district or an event', async () => {
    const texts = await group.redis.texts()
    expect(texts.map((text) => text.split(':')[1]).toSorted()).toEqual(
      expect.arrayContaining(['polls', 'revocations', 'window']),
    )
    const secrets = [
      ...group.districts,
      ...group.environment.CLEVER_DISTRICT_TOKENS.split(/[=,]/),
      ...sent.flatMap(({ eventId, contactId }) => [eventId, contactId]),
      'service',
      'stolen',
    ]
    for (const secret of secrets) expect(texts.filter((text) => text.includes(secret))).toEqual([])
  })
})
