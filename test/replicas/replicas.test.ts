import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Change, DISTRICT, type Group, type Replica, type Stream, startGroup } from './group.ts'
import { findRedis } from './redis-server.ts'

/** Clever's limit for each token in 60 s. */
const WINDOW = 1_200
const SOON = { timeout: 15_000, interval: 50 }

/** As many contacts are read one by one. */
const CALLS_PER_REQUEST = 8

let group: Group
/** The changes that were sent in these tests. */
const sent: Change[] = []
let ids = 0
const unknownId = () => {
  ids += 1
  return ids.toString(16).padStart(24, '5')
}

function contactsQuery(): string {
  const fields = Array.from(
    { length: CALLS_PER_REQUEST },
    (_, index) => `c${index}: contact(id: "${unknownId()}") { id }`,
  )
  return `{ ${fields.join(' ')} }`
}

describe.skipIf(!findRedis())('three replicas', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    group = await startGroup()
    DISTRICT.id = group.districts[0] ?? ''
  }, 60_000)
  afterAll(() => group?.[Symbol.asyncDispose]())

  const tokenOf = (district: number) =>
    group.signIn.tokenFor({
      clever_kind: 'service',
      sub: `of-${district}`,
      scope: 'contacts:read students:read',
      clever_district_ids: [group.districts[district]],
    })

  /** Asks for contacts that do not exist, so each costs a call. Returns for how many Clever was asked. */
  async function askMany(replica: Replica, token: string, calls: number): Promise<number> {
    let answered = 0
    let left = calls
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        while (left > 0) {
          left -= CALLS_PER_REQUEST
          const { errors = [] } = await replica.ask(contactsQuery(), {}, token)
          answered += CALLS_PER_REQUEST - errors.length
          for (const { extensions } of errors) expect(extensions.code).toBe('UPSTREAM_RATE_LIMITED')
        }
      }),
    )
    return answered
  }

  /** Changes the phones of some contacts, as Clever reports after its sync. */
  async function change(share = 0.2) {
    await group.control(`/districts/${DISTRICT.id}/change-contacts`, { share })
    await group.control(`/districts/${DISTRICT.id}/sync`, {})
  }

  const eventIds = ({ changes }: Stream) => changes.map(({ eventId }) => eventId)

  /** The replica that asked Clever for events in the last interval. */
  async function pollers(): Promise<readonly Replica[]> {
    const polls = ({ metric }: Replica) => metric(/replicas_turns_total\{turn="poll"\} (\d+)/)
    const before = await Promise.all(group.replicas.map(polls))
    await vi.waitFor(async () => {
      const now = await Promise.all(group.replicas.map(polls))
      expect(now.some((count, index) => count >= (before[index] ?? 0) + 2)).toBe(true)
    }, SOON)
    const after = await Promise.all(group.replicas.map(polls))
    return group.replicas.filter((_replica, index) => (after[index] ?? 0) > (before[index] ?? 0))
  }

  it('together send no more calls than the window of a token, and one may use what the others leave', async () => {
    const token = await tokenOf(1)
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
    expect(await pollers()).toHaveLength(1)
    expect((await group.calls('/events\\?')).count - started.count).toBeLessThanOrEqual(4)
    await change()
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

  it('replace a poller that is killed, and a subscriber that moves loses nothing and repeats nothing', async () => {
    const stays = await Promise.all(group.replicas.map(({ subscribe }) => subscribe()))
    const [poller] = await pollers()
    const at = group.replicas.indexOf(poller ?? expect.unreachable())
    const moves = await (poller ?? expect.unreachable()).subscribe()
    await change()
    await vi.waitFor(() => expect(moves.changes.length).toBeGreaterThan(2), SOON)
    poller?.main.child.kill('SIGKILL')
    await change()
    const [other, another] = group.replicas.filter((_each, index) => index !== at) as [Replica, Replica]
    const witness = stays.filter((_each, index) => index !== at)
    const moved = await other.subscribe(moves.changes.at(-1)?.eventId)
    await vi.waitFor(() => expect(moved.changes.length).toBeGreaterThan(2), SOON)
    moved.stop()
    const last = await another.subscribe(moved.changes.at(-1)?.eventId)
    await change()
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
      await tokenOf(2),
    ]
    await Promise.all(group.replicas.map((replica) => askMany(replica, token, 20)))
    await group.redis.kill()
    const answered = await Promise.all(group.replicas.map((replica) => askMany(replica, token, 150)))
    for (const each of answered) expect(each).toBeGreaterThan(20)
    await change()
    await vi.waitFor(() => {
      for (const each of streams) expect(each.changes.length).toBeGreaterThan(2)
    }, SOON)
    const up = () => Promise.all(group.replicas.map(({ metric }) => metric(/^replicas_redis_up (\d)/m)))
    expect(await up()).toEqual([0, 0, 0])
    for (const { main } of group.replicas) expect(main.output()).toContain('Redis is away')
    await group.redis.start()
    await vi.waitFor(async () => expect(await up()).toEqual([1, 1, 1]), SOON)
    await vi.waitFor(async () => expect(await pollers()).toHaveLength(1), SOON)
    await change()
    await vi.waitFor(() => expect(streams[0]?.changes.length).toBeGreaterThan(5), SOON)
    for (const each of streams)
      await vi.waitFor(() => expect(eventIds(each)).toEqual(eventIds(streams[0] ?? each)), SOON)
    await Promise.all(group.replicas.map((replica) => askMany(replica, token, 300)))
    expect((await group.calls('5555')).busiestWindow).toBeLessThanOrEqual(WINDOW)
    for (const each of streams) each.stop()
  })

  it('refuse a revoked token and a revoked principal, and end its subscription', {
    timeout: 30_000,
  }, async () => {
    const [spared, leaked] = [await tokenOf(0), await tokenOf(0)]
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
    await change()
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
