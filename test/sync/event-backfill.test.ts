import { describe, expect, it } from 'vitest'
import { UNLIMITED_CALLS } from '../../src/clever/transport.ts'
import { IdHistory } from '../../src/identity/id-history.ts'
import { type EventPage, firstIdAt, type UserEvent } from '../../src/model/events.ts'
import { parseUserId } from '../../src/model/ids.ts'
import { EventBackfill, MAX_BACKFILL_PAGES, PAGES_PER_RUN } from '../../src/sync/event-backfill.ts'
import { contact } from '../access/people.ts'
import { MIXED } from '../federation/documented-family.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { INTERVAL, type Keeping, LAG, startKeeping } from './syncing.ts'

const PAST = /\/events\?record_type=users&limit=1000/
const user = (id: string) => parseUserId(id) ?? expect.unreachable()
const successor = ({ district }: Keeping, id: string) => district.idHistory.successorOf(user(id))

/** The contact of the documentation with another e-mail, and so another id. */
function correct({ roster }: Keeping, id = MIXED, email = 'a.collins@example.org') {
  const next = roster.correctEmail(id, email)
  roster.sync()
  return next
}

/** A district whose past events a request has wanted, and could not read. */
async function startWanted(options: Parameters<typeof startKeeping>[0]) {
  const keeping = await startKeeping(options)
  keeping.district.backfill.want()
  return keeping
}

/** Asks for what had happened before. */
const past = ({ sandbox }: Keeping) =>
  sandbox.calls
    .all()
    .map(({ path, query }) => `${path}?${query}`)
    .filter((path) => PAST.test(path))

describe('the past of a district', () => {
  it('is not read before a request or a subscriber wants it', async () => {
    await using keeping = await startKeeping({ lagMs: 0 })
    for (let turn = 0; turn < 3; turn += 1) await keeping.later()
    expect(past(keeping).filter((path) => !path.includes('starting_after'))).toEqual([])
    keeping.district.backfill.want()
    await keeping.later()
    expect(past(keeping).filter((path) => !path.includes('starting_after'))).toHaveLength(1)
  })

  it('shows, after a restart, which contact replaced which', async () => {
    await using keeping = await startWanted({ lagMs: 0 })
    const next = correct(keeping)
    await keeping.turn()
    expect(successor(keeping, MIXED)).toBe(next)
  })

  it('is read once, and goes on with the events of the feed', async () => {
    await using keeping = await startWanted({ lagMs: 0 })
    const second = correct(keeping)
    await keeping.turn()
    for (let turn = 0; turn < 3; turn += 1) await keeping.later()
    const third = correct(keeping, second, 'aaron@example.org')
    await keeping.later()
    expect([MIXED, second].map((id) => successor(keeping, id))).toEqual([third, third])
    expect(past(keeping).filter((path) => !path.includes('starting_after'))).toHaveLength(1)
    // The events just before the feed started, and four polls.
    expect(past(keeping)).toHaveLength(6)
  })

  it('is not asked for where there are no events', async () => {
    await using keeping = await startWanted({ lagMs: 0, sandbox: { eventsEnabled: false } })
    await keeping.turn()
    expect(past(keeping)).toEqual([])
    keeping.roster.setEvents('on')
    await keeping.later(600_000)
    const next = correct(keeping)
    await keeping.later()
    expect(successor(keeping, MIXED)).toBe(next)
  })

  it('misses nothing of what happens while it is read', async () => {
    await using keeping = await startWanted({ lagMs: 0 })
    keeping.sandbox.faults.add({ path: PAST, times: 1, status: 400 })
    await keeping.turn()
    const second = correct(keeping)
    keeping.sandbox.faults.add({ path: /\/events\?.*limit=1000$/, times: 1, status: 400 })
    await keeping.later()
    expect(successor(keeping, MIXED)).toBeUndefined()
    const third = correct(keeping, second, 'aaron@example.org')
    await keeping.later()
    expect(successor(keeping, MIXED)).toBeUndefined()
    // The pause doubles with each failure.
    await keeping.later()
    expect(successor(keeping, MIXED)).toBe(third)
  })

  it('goes on with the next turn where Clever failed, and reads no page twice', async () => {
    await using keeping = await startWanted({ lagMs: 0, sandbox: { students: 900 } })
    const next = correct(keeping)
    await keeping.clock.advance(2 * LAG)
    keeping.sandbox.faults.add({ path: /starting_after/, times: 1, status: 400 })
    await keeping.turn()
    expect([past(keeping).length, successor(keeping, MIXED)]).toEqual([2, undefined])
    await keeping.later()
    expect(successor(keeping, MIXED)).toBe(next)
    const [first, failed, poll, again] = past(keeping)
    expect([first?.includes('starting_after'), again]).toEqual([false, failed])
    expect(poll).not.toBe(failed)
  })

  it('comes after all is known that is asked for', async () => {
    await using keeping = await startWanted({ lagMs: 0 })
    keeping.sandbox.faults.add({ path: /role=student&limit/, times: 1, status: 400 })
    await keeping.turn()
    expect(past(keeping)).toEqual([])
    await keeping.later()
    expect(past(keeping).filter((path) => !path.includes('starting_after'))).toHaveLength(1)
  })

  it('is read on from where events were missed, and what was known stays', async () => {
    await using keeping = await startWanted({ lagMs: 0 })
    const second = correct(keeping)
    await keeping.turn()
    await keeping.later(3 * 3_600_000)
    keeping.roster.setEvents('off')
    await keeping.later()
    expect(successor(keeping, MIXED)).toBe(second)
    keeping.roster.setEvents('on')
    await keeping.later(2 * 3_600_000)
    expect(past(keeping).filter((path) => !path.includes('starting_after'))).toHaveLength(1)
    const third = correct(keeping, second, 'aaron@example.org')
    await keeping.later()
    // It came within an hour of an event that was not seen.
    expect([MIXED, second].map((id) => successor(keeping, id))).toEqual([second, undefined])
    await keeping.later(2 * 3_600_000)
    const fourth = correct(keeping, third, 'a.b.collins@example.org')
    await keeping.later()
    expect(successor(keeping, third)).toBe(fourth)
  })

  it('is forgotten when the district takes its token back, and read again when it gives one', async () => {
    await using keeping = await startWanted({ lagMs: 0 })
    const next = correct(keeping)
    await keeping.turn()
    const mend = keeping.sandbox.faults.add({ path: /./, status: 401 })
    await keeping.later()
    expect(successor(keeping, MIXED)).toBeUndefined()
    mend()
    await keeping.later()
    expect(successor(keeping, MIXED)).toBe(next)
  })
})

describe('a long past', () => {
  const callContext = {
    deadline: 0,
    signal: new AbortController().signal,
    allowance: UNLIMITED_CALLS,
    priority: 'BACKGROUND',
  } as const
  const eventId = (n: number) => n.toString(16).padStart(24, '0')

  /** A past of so many full pages without a contact in them. */
  function begin(
    pages: number,
    more: Partial<EventPage> = {},
    whileAsked = (_page: number, _backfill: EventBackfill) => {},
  ) {
    const asked: (string | undefined)[] = []
    const clock = createFakeClock()
    const idHistory = new IdHistory(clock.now, 0)
    const backfill = new EventBackfill({
      reader: {
        cleverNow: clock.now,
        events: async (after) => {
          asked.push(after)
          whileAsked(asked.length, backfill)
          return {
            events: [],
            unreadable: [],
            ahead: [],
            lastId: eventId(asked.length),
            endsWith: eventId(asked.length),
            isLast: asked.length >= pages,
            ...more,
          }
        },
      },
      idHistory,
      clock,
      lagMs: 0,
      isPolled: () => true,
      onIdChanges: () => {},
    })
    backfill.want()
    return { asked, backfill, idHistory, turn: () => backfill.readOn(callContext) }
  }

  it('is read some pages a turn, so that polls come in between', async () => {
    const { asked, idHistory, turn } = begin(PAGES_PER_RUN + 1)
    await turn()
    expect([asked.length, idHistory.isStarted]).toEqual([PAGES_PER_RUN, false])
    await turn()
    expect([asked.length, idHistory.isStarted]).toEqual([PAGES_PER_RUN + 1, true])
    expect(asked[PAGES_PER_RUN]).toBe(eventId(PAGES_PER_RUN))
  })

  it('is given up when it is too long, and then what comes is followed', async () => {
    const { asked, backfill, idHistory, turn } = begin(MAX_BACKFILL_PAGES + 1)
    while (!idHistory.isStarted) await turn()
    expect([asked.length, backfill.isGivenUp]).toEqual([MAX_BACKFILL_PAGES, true])
  })

  it('is given up when Clever runs in circles', async () => {
    const { asked, backfill, idHistory, turn } = begin(100, { lastId: eventId(1) })
    await turn()
    expect([asked.length, backfill.isGivenUp, idHistory.isStarted]).toEqual([2, true, true])
  })

  it.each([1, 2])('is not learned from page %i if it comes after the district was forgotten', async (nth) => {
    let isCleared = false
    const { asked, idHistory, turn } = begin(2, {}, (page, backfill) => {
      if (page === nth && !isCleared) backfill.clear()
      isCleared ||= page === nth
    })
    await turn()
    // It is read from the start again.
    expect(asked.slice(nth - 1)).toEqual([nth === 1 ? undefined : eventId(1), undefined])
    expect(idHistory.isStarted).toBe(true)
  })

  it('with events that cannot be read is read to its end all the same', async () => {
    const { asked, backfill, idHistory, turn } = begin(2, { unreadable: ['one'] })
    await turn()
    expect([asked.length, backfill.isGivenUp, idHistory.isStarted]).toEqual([2, false, true])
  })
})

it('a past that is too long is said once', async () => {
  await using keeping = await startWanted({ lagMs: 0 })
  const page = JSON.stringify({
    data: Array.from({ length: 1_000 }, () => ({
      data: { id: '0'.repeat(24), type: 'users.updated', data: { object: { id: MIXED } } },
    })),
    links: [],
  })
  keeping.sandbox.faults.add({ path: PAST, times: 2, status: 200, body: page })
  await keeping.turn()
  for (let turn = 0; turn < 3; turn += 1) await keeping.later(INTERVAL)
  expect(keeping.said('past too long')).toHaveLength(1)
})

describe('what the feed reports', () => {
  const STUDENT = 'a'.repeat(24)
  const at = Date.parse('2026-11-22T11:00:00Z')
  const idAt = (minutes: number) => `${firstIdAt(at + minutes * 60_000).slice(0, 8)}${'1'.repeat(16)}`

  function move(kind: 'created' | 'deleted', letter: string, minutes: number): UserEvent {
    const record = contact({
      id: user(letter.repeat(24)),
      first: 'Aaron',
      last: 'Collins',
      phone: '330-280-1898',
      entries: [{ student: STUDENT }],
    })
    const name = { first: undefined, middle: undefined, last: undefined }
    const flags = { isTeacher: false, isDistrictAdmin: false }
    return {
      id: idAt(minutes),
      kind,
      userId: record.id,
      occurredAt: at + minutes * 60_000,
      user: { id: record.id, student: undefined, contact: record, staff: undefined, name, ...flags },
    }
  }

  /** Pages that Clever gives one after the other. `whileAsked` happens before Clever has answered. */
  function begin(
    pages: readonly (readonly UserEvent[])[],
    whileAsked: (page: number, backfill: EventBackfill) => void,
  ) {
    const clock = createFakeClock(at + 10 * 60_000)
    const idHistory = new IdHistory(clock.now, 0)
    const published: string[] = []
    let asked = 0
    const backfill = new EventBackfill({
      reader: {
        cleverNow: clock.now,
        events: async () => {
          const events = pages[asked] ?? expect.unreachable()
          asked += 1
          whileAsked(asked, backfill)
          const lastId = events.at(-1)?.id
          const isLast = asked === pages.length
          return { events, unreadable: [], ahead: [], lastId, endsWith: lastId, isLast }
        },
      },
      idHistory,
      clock,
      lagMs: 0,
      isPolled: () => true,
      onIdChanges: (found) => void published.push(...found.map(({ id }) => id)),
    })
    backfill.want()
    return { backfill, idHistory, clock, published }
  }

  const context = { deadline: 0, signal: new AbortController().signal, priority: 'BACKGROUND' } as const
  const read = ({ backfill }: ReturnType<typeof begin>) =>
    backfill.readOn({ ...context, allowance: UNLIMITED_CALLS })
  const [gone, came, other] = [move('deleted', 'b', 1), move('created', 'c', 2), move('created', 'd', 3)]
  const edit = { ...move('created', 'e', 4), kind: 'updated' } as const
  const last = { ...move('created', 'e', 5), user: undefined }

  it.each([1, 2])('while page %i is read, and too late for it, is not missed', async (nth) => {
    const run = begin([[gone, came, edit], [last]], (page, backfill) => {
      if (page === nth) backfill.addEvent(other)
    })
    await read(run)
    // Two contacts came, so none is the successor.
    expect(run.idHistory.successorOf(gone.userId)).toBeUndefined()
  })

  it('while the last page is read, and after it, is not missed', async () => {
    const run = begin([[gone], []], (page, backfill) => {
      if (page === 2) for (const event of [came, last]) backfill.addEvent(event)
    })
    await read(run)
    expect(run.idHistory.successorOf(gone.userId)).toBe(came.userId)
  })

  it('again after the backfill has read it, counts once', async () => {
    const run = begin([[gone, came]], () => {})
    await read(run)
    run.backfill.addEvent(came)
    run.backfill.completeUntil(run.clock.now())
    expect(run.published).toEqual([came.userId])
  })

  it('is published as an id change after the feed has applied its events, and not before', async () => {
    const run = begin([[gone, came, last]], () => {})
    run.backfill.completeUntil(gone.occurredAt)
    await read(run)
    expect([run.published, run.idHistory.successorOf(gone.userId)]).toEqual([[], came.userId])
    run.backfill.completeUntil(came.occurredAt)
    expect(run.published).toEqual([came.userId])
  })

  it('as missed, before the backfill has come so far, makes what lies around it uncertain', async () => {
    const run = begin([[gone, came, last]], () => {})
    run.clock.setBy(came.occurredAt - 1 - run.clock.now())
    run.backfill.eventsMissed()
    run.clock.setBy(10 * 60_000)
    await read(run)
    expect(run.idHistory.successorOf(gone.userId)).toBeUndefined()
  })
})
