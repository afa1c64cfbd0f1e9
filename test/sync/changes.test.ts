import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IdHistory } from '../../src/identity/id-history.ts'
import type { Change } from '../../src/model/change.ts'
import type { EventPage, UserEvent } from '../../src/model/events.ts'
import { DistrictStore } from '../../src/store/district-store.ts'
import { Changes } from '../../src/sync/changes.ts'
import { contact, DISTRICT_ID, user } from '../access/people.ts'
import { callerWaiting } from '../support/clever.ts'
import { createFakeClock } from '../support/fake-clock.ts'

const STUDENT = 'a'.repeat(24)
const AARON = { first: 'Aaron', last: 'Collins', phone: '330-280-1898' }

/** The feed of a district, polled by hand: Clever has all events, and gives few a page. */
function begin(rowsOnPage = 3, lagMs = 0) {
  const clock = createFakeClock()
  const events: UserEvent[] = []
  let polled = 0
  let calls = 0
  let perTurn = async () => {}
  const reader = {
    cleverNow: clock.now,
    async events(after: string | undefined): Promise<EventPage> {
      calls += 1
      await perTurn()
      const rest = events.filter(({ id }) => after === undefined || id > after)
      const page = rest.slice(0, rowsOnPage)
      return {
        events: page,
        unreadable: [],
        ahead: [],
        lastId: page.at(-1)?.id,
        endsWith: page.at(-1)?.id,
        isLast: page.length === rest.length,
      }
    },
  }
  const changes = new Changes({ store: new DistrictStore(DISTRICT_ID, clock), reader, clock, lagMs })
  const idHistory = new IdHistory(clock.now, lagMs)
  const seconds: string[] = []
  const idOf = (n: number) => `${seconds[n - 1] ?? secondsNow()}${n.toString(16).padStart(16, '0')}`
  const secondsNow = () => Math.floor(clock.now() / 1_000).toString(16)

  function tell(kind: UserEvent['kind'], who: number, person: object = {}) {
    const userId = user(who.toString(16).padStart(24, '0'))
    // Only a family has a student in common.
    const student = person === AARON ? STUDENT : userId
    const record = contact({ id: userId, ...person, entries: [{ student }] })
    const told = {
      id: userId,
      student: undefined,
      contact: record,
      staff: undefined,
      name: { first: undefined, middle: undefined, last: undefined },
      isTeacher: false,
      isDistrictAdmin: false,
    }
    seconds.push(secondsNow())
    events.push({ id: idOf(events.length + 1), kind, userId, occurredAt: clock.now(), user: told })
  }

  return {
    clock,
    changes,
    idOf,
    calls: () => calls,
    /** What happens while Clever answers. */
    meanwhile(does: () => void) {
      perTurn = async () => does()
    },
    happen(many = 1) {
      for (let each = 0; each < many; each += 1) tell('created', events.length + 1)
    },
    /** Somebody comes or goes: the same person, but for the id. */
    move: (kind: 'created' | 'deleted', who: number) => tell(kind, who, AARON),
    edit: (who: number) => tell('updated', who, AARON),
    poll(upTo = events.length) {
      for (; polled < upTo; polled += 1) {
        const event = events[polled]
        if (event === undefined) continue
        changes.addIdChanges(idHistory.addEvent(event))
        changes.addEvent(event, undefined)
      }
      changes.addIdChanges(idHistory.completeUntil(clock.now() - lagMs))
      changes.pollDone(events[polled - 1]?.id)
    },
    follow: (after?: string) => changes.follow(after, () => callerWaiting()),
  }
}

async function take(from: AsyncIterator<Change, undefined>, many: number): Promise<readonly string[]> {
  const ids: string[] = []
  while (ids.length < many) {
    const { value } = await from.next()
    if (value === undefined) break
    ids.push(value.id)
  }
  return ids
}

async function takeChanges(from: AsyncIterator<Change, undefined>, many: number): Promise<readonly Change[]> {
  const changes: Change[] = []
  while (changes.length < many) changes.push((await from.next()).value ?? expect.unreachable())
  return changes
}

async function takeKinds(from: AsyncIterator<Change, undefined>, many: number): Promise<readonly string[]> {
  const kinds: string[] = []
  while (kinds.length < many) kinds.push((await from.next()).value?.kind ?? expect.unreachable())
  return kinds
}

describe('the changes of a district', () => {
  it('are each delivered once and in order, wherever a subscriber begins and whatever happens meanwhile', async () => {
    const numbers = fc.nat({ max: 12 })
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          before: numbers,
          from: numbers,
          seen: numbers,
          meanwhile: fc.nat({ max: 3 }),
          later: numbers,
        }),
        fc.integer({ min: 1, max: 4 }),
        async ({ before, from, seen, meanwhile, later }, rowsOnPage) => {
          const district = begin(rowsOnPage)
          district.happen(before + 1)
          // Nobody listens yet: this is not remembered.
          district.poll(Math.min(seen, before + 1))
          district.poll(Math.min(seen, before + 1))
          const start = Math.min(from, before) + 1
          const following = await district.follow(district.idOf(start))
          let total = before + 1
          let rounds = meanwhile
          district.meanwhile(() => {
            if (rounds === 0) return
            rounds -= 1
            total += 1
            district.happen()
            district.poll(total - (total % 2))
          })
          const first = take(following, 1)
          await nextTurn()
          district.happen(later + 1)
          total += later + 1
          district.poll()
          const told = [...(await first)]
          while (told.length < total - start) {
            district.poll()
            told.push(...(await take(following, 1)))
          }
          const expected = Array.from({ length: total - start }, (_, n) => district.idOf(start + 1 + n))
          expect(told).toEqual(expected)
          await following.return?.()
          expect(district.changes.hasSubscribers).toBe(false)
        },
      ),
    )
  })

  it('are those from now on, where nothing else is said', async () => {
    const district = begin()
    district.happen(5)
    district.poll()
    const following = await district.follow()
    district.happen(2)
    district.poll()
    expect(await take(following, 2)).toEqual([district.idOf(6), district.idOf(7)])
    expect(district.calls()).toBe(0)
  })

  it('wait for a poll if there was none', async () => {
    const district = begin()
    let awaited = 0
    district.changes.onPollWanted(() => {
      awaited += 1
    })
    const following = district.follow()
    expect([awaited, district.changes.isPollWanted, district.changes.hasSubscribers]).toEqual([1, true, true])
    district.poll()
    await following
    expect(district.changes.isPollWanted).toBe(false)
    district.changes.pollingStopped()
    const failing = district.follow()
    district.changes.pollFailed(new Error('down'))
    await expect(failing).rejects.toThrow('down')
  })

  it('are remembered for a while after the last subscriber', async () => {
    const district = begin()
    district.happen()
    district.poll()
    const following = await district.follow()
    await following.return?.()
    district.happen(3)
    district.poll()
    const again = await district.follow(district.idOf(2))
    expect(await take(again, 2)).toEqual([district.idOf(3), district.idOf(4)])
    expect(district.calls()).toBe(0)
    await again.return?.()
    await district.clock.advance(700_000)
    district.happen()
    district.poll()
    expect(await take(await district.follow(district.idOf(4)), 1)).toEqual([district.idOf(5)])
    // From an hour before on, for the sake of id changes.
    expect(district.calls()).toBe(2)
  })

  it('are all delivered to a subscriber whose replay was not done when more came than are remembered', async () => {
    const district = begin(1_000)
    district.happen(20)
    district.poll()
    district.poll()
    const following = await district.follow(district.idOf(1))
    expect(await take(following, 1)).toEqual([district.idOf(2)])
    district.happen(6_000)
    district.poll()
    const told = await take(following, 6_018)
    expect(told).toEqual(Array.from({ length: 6_018 }, (_, i) => district.idOf(i + 3)))
  })

  it.each([
    ['before both', 1, ['CREATED', 'DELETED', 'SUCCEEDED']],
    ['between the two', 2, ['DELETED', 'SUCCEEDED']],
  ])('tell of an id change also whoever goes on from %s', async (_where, after, kinds) => {
    const district = begin(1_000)
    district.happen()
    district.move('created', 0xb1)
    district.move('deleted', 0xa1)
    district.poll()
    district.poll()
    expect(await takeKinds(await district.follow(district.idOf(after)), kinds.length)).toEqual(kinds)
  })

  it('report an id change to a subscriber that had both events, and not yet that', async () => {
    const district = begin(1_000)
    district.happen()
    district.move('created', 0xb1)
    district.move('deleted', 0xa1)
    district.poll()
    district.poll()
    expect(await takeKinds(await district.follow(district.idOf(3)), 1)).toEqual(['SUCCEEDED'])
  })

  it('report no id change that is uncertain because of events before the cursor', async () => {
    const district = begin(1_000)
    district.happen()
    district.move('deleted', 0xa1)
    district.move('deleted', 0xa2)
    district.move('created', 0xb1)
    district.happen()
    district.poll()
    district.poll()
    const kinds = await takeKinds(await district.follow(district.idOf(2)), 3)
    expect(kinds).toEqual(['DELETED', 'CREATED', 'CREATED'])
  })

  it('are lost to a subscriber that does not read, and to no other', async () => {
    const district = begin()
    district.happen()
    district.poll()
    const [idle, busy] = [await district.follow(), await district.follow()]
    const reading = take(busy, 6_000)
    for (let poll = 0; poll < 6; poll += 1) {
      district.happen(1_000)
      district.poll()
      await nextTurn()
    }
    expect(await reading).toHaveLength(6_000)
    await expect(idle.next()).rejects.toMatchObject({ name: 'SlowReader' })
    expect(await idle.next()).toMatchObject({ done: true })
    expect(district.changes.hasSubscribers).toBe(true)
  })

  it('end for a subscriber that waits for the next one and leaves', async () => {
    const district = begin()
    district.poll()
    const following = await district.follow()
    const next = following.next()
    await nextTurn()
    await following.return?.()
    expect(await next).toMatchObject({ done: true })
  })

  describe('of a sync, with the time that Clever may be late', () => {
    const LAG = 90_000
    const SETTLED = 2 * LAG + 1_000

    /** An id change that is settled while other contacts come. */
    async function begun(isFollowed: boolean) {
      const district = begin(1_000, LAG)
      district.happen()
      district.poll()
      const live = isFollowed ? await district.follow(district.idOf(1)) : undefined
      await district.clock.advance(1_000)
      district.move('created', 0xb1)
      district.move('deleted', 0xa1)
      await district.clock.advance(30_000)
      district.poll()
      district.edit(0xb1)
      await district.clock.advance(SETTLED)
      district.poll()
      await district.clock.advance(30_000)
      district.happen()
      district.poll()
      return { district, live }
    }

    it('report an id change once it is settled, and the same to a subscriber that resumes from any position', async () => {
      const { live } = await begun(true)
      const told = await takeChanges(live ?? expect.unreachable(), 5)
      expect(told.map(({ kind }) => kind)).toEqual(['CREATED', 'DELETED', 'UPDATED', 'SUCCEEDED', 'CREATED'])
      expect(told.map(({ id }) => id)).toEqual(told.map(({ id }) => id).toSorted())
      const other = (await begun(false)).district
      for (const [i, { id }] of told.slice(0, -1).entries()) {
        const rest = await takeChanges(await other.follow(id), told.length - i - 1)
        expect(rest.map((change) => [change.id, change.kind])).toEqual(
          told.slice(i + 1).map((change) => [change.id, change.kind]),
        )
      }
    })
  })
})
