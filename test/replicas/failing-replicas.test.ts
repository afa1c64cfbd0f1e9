import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { askMany, change, eventIds, pollers, SOON, tokenOf, WINDOW } from './acts.ts'
import { DISTRICT, type Group, type Replica, startGroup } from './group.ts'
import { findRedis } from './redis-server.ts'

describe.skipIf(!findRedis())('three replicas', { timeout: 60_000 }, () => {
  let group: Group
  beforeAll(async () => {
    group = await startGroup()
    DISTRICT.id = group.districts[0] ?? ''
  }, 60_000)
  afterAll(() => group?.[Symbol.asyncDispose]())

  it('replace a poller that is killed, and a subscriber that moves loses nothing and repeats nothing', async () => {
    const stays = await Promise.all(group.replicas.map(({ subscribe }) => subscribe()))
    const [poller] = await pollers(group)
    const at = group.replicas.indexOf(poller ?? expect.unreachable())
    const moves = await (poller ?? expect.unreachable()).subscribe()
    await change(group)
    await vi.waitFor(() => expect(moves.changes.length).toBeGreaterThan(2), SOON)
    poller?.main.child.kill('SIGKILL')
    await change(group)
    const [other, another] = group.replicas.filter((_each, index) => index !== at) as [Replica, Replica]
    const witness = stays.filter((_each, index) => index !== at)
    const moved = await other.subscribe(moves.changes.at(-1)?.eventId)
    await vi.waitFor(() => expect(moved.changes.length).toBeGreaterThan(2), SOON)
    moved.stop()
    const last = await another.subscribe(moved.changes.at(-1)?.eventId)
    await change(group)
    group.replicas[at] = await group.start()
    await vi.waitFor(() => expect(last.changes.length).toBeGreaterThan(2), SOON)
    // A change in several seconds may come with two polls.
    const hearing = () => [moves, moved, last].flatMap(eventIds)
    for (const each of witness) await vi.waitFor(() => expect(eventIds(each)).toEqual(hearing()), SOON)
    const heard = hearing()
    expect(new Set(heard).size).toBe(heard.length)
    const anew = await (group.replicas[at] ?? expect.unreachable()).subscribe(heard[0])
    await vi.waitFor(() => expect(eventIds(anew)).toEqual(heard.slice(1)), SOON)
    for (const each of [...stays, last, anew]) each.stop()
  })

  it('go on without Redis, within the window, and come back without a restart', async () => {
    const [streams, token] = [
      await Promise.all(group.replicas.map(({ subscribe }) => subscribe())),
      await tokenOf(group, 2),
    ]
    await Promise.all(group.replicas.map((replica) => askMany(replica, token, 20)))
    await group.redis.kill()
    const answered = await Promise.all(group.replicas.map((replica) => askMany(replica, token, 150)))
    for (const each of answered) expect(each).toBeGreaterThan(20)
    await change(group)
    await vi.waitFor(() => {
      for (const each of streams) expect(each.changes.length).toBeGreaterThan(2)
    }, SOON)
    const up = () => Promise.all(group.replicas.map(({ metric }) => metric(/^replicas_redis_up (\d)/m)))
    expect(await up()).toEqual([0, 0, 0])
    for (const { main } of group.replicas) expect(main.output()).toContain('Redis is away')
    await group.redis.start()
    await vi.waitFor(async () => expect(await up()).toEqual([1, 1, 1]), SOON)
    await vi.waitFor(async () => expect(await pollers(group)).toHaveLength(1), SOON)
    await change(group)
    await vi.waitFor(() => expect(streams[0]?.changes.length).toBeGreaterThan(5), SOON)
    for (const each of streams)
      await vi.waitFor(() => expect(eventIds(each)).toEqual(eventIds(streams[0] ?? each)), SOON)
    await Promise.all(group.replicas.map((replica) => askMany(replica, token, 300)))
    expect((await group.calls('5555')).busiestWindow).toBeLessThanOrEqual(WINDOW)
    for (const each of streams) each.stop()
  })
})
