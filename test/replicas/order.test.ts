import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/model/change.ts'
import { type EventPage, firstIdAt, type UserEvent } from '../../src/model/events.ts'
import { DistrictStore } from '../../src/store/district-store.ts'
import { lateEventOf } from '../../src/sync/change.ts'
import { Changes } from '../../src/sync/changes.ts'
import { type AppliedEvent, EventFeed, startEventFeed } from '../../src/sync/event-feed.ts'
import type { PollEntry } from '../../src/sync/poll-log.ts'
import { contact, DISTRICT_ID, user } from '../access/people.ts'
import { callerWaiting } from '../support/clever.ts'
import { createFakeClock } from '../support/fake-clock.ts'

const LAG = 10_000
const ROWS_ON_PAGE = 3
const CALLER = callerWaiting(60_000)

/** Clever, which shows some events later than others, and a log of polls in memory. */
function createWorld() {
  const clock = createFakeClock()
  const events: (UserEvent & { readonly visibleAt: number })[] = []
  const log: PollEntry[] = []
  const visible = () =>
    events.filter(({ visibleAt }) => visibleAt <= clock.now()).sort((a, b) => (a.id < b.id ? -1 : 1))
  const reader = {
    cleverNow: clock.now,
    newestEvent: async () => visible().at(-1)?.id ?? null,
    async events(after: string | undefined): Promise<EventPage> {
      const rest = visible().filter(({ id }) => after === undefined || id > after)
      const page = rest.slice(0, ROWS_ON_PAGE)
      const lastId = page.at(-1)?.id
      return {
        events: page,
        unreadable: [],
        ahead: [],
        lastId,
        endsWith: lastId,
        isLast: page.length === rest.length,
      }
    },
  }
  function happen(delay: number) {
    const number = (events.length + 1).toString(16)
    const userId = user(number.padStart(24, '0'))
    const record = contact({ id: userId, entries: [] })
    events.push({
      id: firstIdAt(clock.now()).slice(0, 8) + number.padStart(16, '0'),
      kind: 'created',
      userId,
      occurredAt: clock.now(),
      visibleAt: clock.now() + delay,
      user: {
        id: userId,
        student: undefined,
        contact: record,
        staff: undefined,
        name: { first: undefined, middle: undefined, last: undefined },
        isTeacher: false,
        isDistrictAdmin: false,
      },
    })
  }
  return { clock, log, reader, happen }
}

type World = ReturnType<typeof createWorld>

function createReplica({ clock, log, reader }: World) {
  const store = new DistrictStore(DISTRICT_ID, clock)
  const changes = new Changes({ store, reader, clock, lagMs: LAG })
  const options = {
    reader,
    store,
    clock,
    lagMs: LAG,
    onEvent: ({ event, before, position }: AppliedEvent) => changes.addEvent(event, before, position),
    onAhead: () => expect.unreachable(),
  }
  let feed: EventFeed | undefined
  let read = 0
  let mustBegin = true

  async function write(entry: PollEntry): Promise<boolean> {
    log.push(entry)
    read = log.length
    mustBegin = false
    return true
  }

  async function follow() {
    if (feed === undefined && log.length > 0) {
      feed = new EventFeed(options)
      for (const entry of log) feed.skip(entry)
      read = log.length
      changes.pollDone(feed.endPosition, feed)
    }
    // Another replica has become the poller.
    if (read < log.length) mustBegin = true
    for (; read < log.length; read += 1) await feed?.follow(log[read] ?? expect.unreachable(), CALLER)
    if (feed !== undefined) changes.pollDone(feed.endPosition)
  }

  return {
    changes,
    follow,
    async poll() {
      await follow()
      if (feed === undefined) {
        feed = await startEventFeed(options, CALLER)
        if (feed !== undefined) await write(feed.beginning())
        changes.pollDone(feed?.endPosition, feed)
        return
      }
      if (mustBegin) await write(feed.beginning())
      const sentAt = clock.now()
      expect(await feed.poll(CALLER, write)).toMatchObject({ outcome: 'OK' })
      await write({ kind: 'POLLED', sentAt, completeUntil: sentAt - LAG })
      changes.pollDone(feed.endPosition)
    },
    /** As while Redis is away. */
    async pollAlone() {
      mustBegin = true
      expect(await feed?.poll(CALLER)).toMatchObject({ outcome: 'OK' })
      changes.pollDone(feed?.endPosition)
    },
  }
}

type Replica = ReturnType<typeof createReplica>

/** A subscriber that keeps the id of its last change. */
function createSubscriber() {
  const heard: string[] = []
  let stream: AsyncIterableIterator<Change, undefined> | undefined
  let pending: Promise<IteratorResult<Change, undefined>> | undefined

  /** Takes what there is. */
  async function hear(atMost: number) {
    for (let taken = 0; taken < atMost; taken += 1) {
      let isThere = false
      pending ??= stream?.next()
      void pending?.then(() => {
        isThere = true
      })
      for (let turn = 0; turn < 5; turn += 1) await nextTurn()
      if (!isThere) return
      const next = await pending
      pending = undefined
      if (next?.value !== undefined) heard.push(next.value.id)
    }
  }

  return {
    heard,
    hear,
    async moveTo({ changes }: Replica) {
      void stream?.return?.()
      await pending?.catch(() => {})
      pending = undefined
      stream = await changes.follow(heard.at(-1), () => CALLER)
    },
  }
}

type Step =
  | { readonly do: 'happen'; readonly delay: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'poll' }
  | { readonly do: 'follow' | 'restart' | 'pollerMoves' | 'subscriberMoves'; readonly at: number }
  | { readonly do: 'hear'; readonly atMost: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('happen' as const), delay: fc.nat(8_000) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 4_000 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('poll' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('follow' as const), at: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), at: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pollerMoves' as const), at: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('subscriberMoves' as const), at: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('hear' as const), atMost: fc.nat(3) }) },
)

/** Each was a failure once. */
const FOUND_BEFORE: readonly Step[][] = [
  // A replica that begins behind a late event.
  [
    { do: 'happen', delay: 1 },
    { do: 'happen', delay: 0 },
    { do: 'poll' },
    { do: 'happen', delay: 2 },
    { do: 'pass', ms: 1 },
    { do: 'poll' },
    { do: 'subscriberMoves', at: 1 },
  ],
]

describe('a subscriber that moves between replicas', () => {
  it('hears each change once, in the order of the log, also of events that Clever shows late', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        const world = createWorld()
        const replicas = [createReplica(world), createReplica(world), createReplica(world)]
        const at = (index: number) => replicas[index] ?? expect.unreachable()
        let [poller, here] = [0, 0]
        await at(poller).poll()
        // A first change, so that the subscriber has a place to continue from.
        world.happen(0)
        await world.clock.advance(1_000)
        const subscriber = createSubscriber()
        await subscriber.moveTo(at(here))
        await at(poller).poll()
        await subscriber.hear(10)
        for (const each of steps) {
          if (each.do === 'happen') world.happen(each.delay)
          else if (each.do === 'pass') await world.clock.advance(each.ms)
          else if (each.do === 'poll') await at(poller).poll()
          else if (each.do === 'follow') await at(each.at).follow()
          else if (each.do === 'pollerMoves') poller = each.at
          else if (each.do === 'hear') await subscriber.hear(each.atMost)
          else if (each.do === 'restart' && each.at !== here) replicas[each.at] = createReplica(world)
          else if (each.do === 'subscriberMoves') {
            here = each.at
            await at(here).follow()
            await subscriber.moveTo(at(here))
          }
        }
        await world.clock.advance(LAG)
        await at(poller).poll()
        await at(here).follow()
        await subscriber.hear(1_000)
        const written = world.log.flatMap((entry) => (entry.kind === 'EVENTS' ? entry.positions : []))
        expect(subscriber.heard).toEqual(written)
        expect(written.length).toBe(1 + steps.filter((each) => each.do === 'happen').length)
      }),
      { numRuns: 300, examples: FOUND_BEFORE.map((steps) => [steps]) },
    )
  })
})

type AwayStep = Step | { readonly do: 'pollAlone'; readonly at: number }

const awayStep: fc.Arbitrary<AwayStep> = fc.oneof(
  {
    weight: 3,
    arbitrary: step.filter((each) => each.do !== 'restart' && each.do !== 'subscriberMoves'),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pollAlone' as const), at: fc.nat(2) }) },
)

describe('a subscriber that stays while Redis is away and comes back', () => {
  it('hears each change once, also of events that Clever shows late', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(awayStep, { minLength: 10, maxLength: 60 }), async (steps) => {
        const world = createWorld()
        const replicas = [createReplica(world), createReplica(world), createReplica(world)]
        const at = (index: number) => replicas[index] ?? expect.unreachable()
        let poller = 0
        await at(poller).poll()
        const subscribers = []
        for (const replica of replicas) {
          await replica.follow()
          const subscriber = createSubscriber()
          await subscriber.moveTo(replica)
          await subscriber.hear(0)
          subscribers.push(subscriber)
        }
        for (const each of steps) {
          if (each.do === 'happen') world.happen(each.delay)
          else if (each.do === 'pass') await world.clock.advance(each.ms)
          else if (each.do === 'poll') await at(poller).poll()
          else if (each.do === 'follow') await at(each.at).follow()
          else if (each.do === 'pollerMoves') poller = each.at
          else if (each.do === 'pollAlone') await at(each.at).pollAlone()
        }
        await world.clock.advance(LAG)
        await at(poller).poll()
        for (const replica of replicas) await replica.follow()
        const happened = steps.filter((each) => each.do === 'happen').length
        for (const subscriber of subscribers) {
          await subscriber.hear(1_000)
          const events = subscriber.heard.map((position) => lateEventOf(position) ?? position)
          expect(events).toHaveLength(happened)
          expect(new Set(events).size).toBe(happened)
        }
      }),
      { numRuns: 300 },
    )
  })
})
