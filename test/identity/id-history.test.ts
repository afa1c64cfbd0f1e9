import { assert as check, constantFrom, property, shuffledSubarray, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  IdHistory,
  KEEP_MS,
  MAX_CANDIDATES,
  MAX_GAP_MS,
  MAX_OPEN,
  MAX_STUDENTS,
} from '../../src/identity/id-history.ts'
import type { UserEvent } from '../../src/model/events.ts'
import { contact, type Person, user } from '../quality/people.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const idOf = (letter: string) => user(letter.repeat(24))
const [A, B, C, D] = [idOf('a'), idOf('b'), idOf('c'), idOf('d')]
const AARON: Person = { last: 'Aaron Collins', phone: '330-280-1898' }

type Told = readonly [kind: UserEvent['kind'], id: string, person?: Person]

const numbered = (n: number) => user(n.toString(16).padStart(24, '0'))

/** The id history of a district whose syncs follow one another. */
function begin(lagMs = 0) {
  let [now, events] = [Date.parse('2026-11-22T12:00:00Z'), 0]
  const idHistory = new IdHistory(() => now, lagMs)
  const eventOf = ([kind, id, person = AARON]: Told): UserEvent => {
    const record = contact({ ...person, id })
    events += 1
    return {
      id: numbered(events),
      kind,
      userId: record.id,
      occurredAt: now,
      user: {
        id: record.id,
        student: undefined,
        contact: record,
        staff: undefined,
        name: { first: undefined, middle: undefined, last: undefined },
        isTeacher: false,
        isDistrictAdmin: false,
      },
    }
  }
  return {
    idHistory,
    eventOf,
    /** Adds the events of one sync, and its end. */
    sync(...told: readonly Told[]) {
      for (const each of told) idHistory.addEvent(eventOf(each))
      idHistory.completeUntil(now - lagMs)
    },
    later(milliseconds: number) {
      now += milliseconds
    },
    successor: (id: string) => idHistory.successorOf(user(id)),
    previous: (id: string) => idHistory.previousIds(user(id)),
  }
}

/** A contact with one id, and within one sync with another. */
const replaced = (from: string, to: string): readonly Told[] => [
  ['created', to],
  ['deleted', from],
]

describe('a contact that went and came under another id', () => {
  it.each<[string, Told, Told]>([
    ['deleted, then created', ['deleted', A], ['created', B]],
    ['created, then deleted', ['created', B], ['deleted', A]],
  ])('is followed: %s', (_order, ...told) => {
    const { sync, successor, previous } = begin()
    sync(...told)
    expect([successor(A), successor(B), previous(B), previous(A)]).toEqual([B, undefined, [A], []])
  })

  it('is followed once, however often it is reported', () => {
    const { idHistory, eventOf, sync, successor, previous } = begin()
    const told = replaced(A, B).map(eventOf)
    for (const event of [...told, ...told, ...told]) idHistory.addEvent(event)
    sync()
    expect([successor(A), previous(B)]).toEqual([B, [A]])
  })

  it('is followed over several syncs to whom it is today, the latest id first', () => {
    const { sync, later, successor, previous } = begin()
    for (const [from, to] of [
      [A, B],
      [B, C],
      [C, D],
    ] as const) {
      sync(...replaced(from, to))
      later(DAY)
    }
    expect([A, B, C].map(successor)).toEqual([D, D, D])
    expect([previous(D), previous(B)]).toEqual([[C, B, A], [A]])
  })

  it('is followed also where its id changes twice within the hour', () => {
    const { sync, successor, previous } = begin()
    sync(...replaced(A, B))
    sync(...replaced(B, C))
    expect([successor(A), successor(B), previous(C)]).toEqual([C, C, [B, A]])
  })

  it('is not followed to a contact that came much later, or had come long before', () => {
    const { sync, later, successor } = begin()
    sync(['deleted', A], ['created', C, { last: 'Beth Ann Hill' }])
    later(MAX_GAP_MS + 1)
    sync(['created', B], ['deleted', C, { last: 'Beth Ann Hill' }])
    later(MAX_GAP_MS + 1)
    sync(['created', D, { last: 'Beth Ann Hill' }])
    expect([A, C].map(successor)).toEqual([undefined, undefined])
  })

  it('is not followed to a contact that was deleted again, although its record cannot be read', () => {
    const { idHistory, eventOf, sync, successor } = begin()
    sync(['created', B])
    idHistory.addEvent({ ...eventOf(['deleted', B]), user: undefined })
    sync(['deleted', A])
    expect(successor(A)).toBeUndefined()
  })

  it('is not followed to another person, nor by an update, nor through a record that cannot be read', () => {
    const { idHistory, eventOf, sync, successor } = begin()
    sync(['deleted', A], ['created', B, { last: 'Beth Ann Hill' }], ['updated', C])
    idHistory.addEvent({ ...eventOf(['created', D]), user: undefined })
    expect(successor(A)).toBeUndefined()
  })
})

describe('where several could be meant', () => {
  it('none is: two came for one', () => {
    const { sync, successor, previous } = begin()
    sync(['deleted', A], ['created', B])
    expect(successor(A)).toBe(B)
    sync(['created', C])
    expect([successor(A), previous(B), previous(C)]).toEqual([undefined, [], []])
  })

  it('none is: one came for two', () => {
    const { sync, successor, previous } = begin()
    sync(['created', C], ['deleted', A], ['deleted', B])
    expect([successor(A), successor(B), previous(C)]).toEqual([undefined, undefined, []])
  })

  it('none is, also when the first of them is about to be dropped', () => {
    const { sync, later, successor } = begin()
    sync(['created', C], ['deleted', A])
    later(HOUR / 2)
    sync(['deleted', B])
    later(KEEP_MS - HOUR / 4)
    sync(['updated', D])
    expect([successor(A), successor(B)]).toEqual([undefined, undefined])
  })

  it('another day is not meant', () => {
    const { sync, later, successor } = begin()
    sync(...replaced(A, B))
    later(DAY)
    sync(...replaced(C, D))
    expect([successor(A), successor(C)]).toEqual([B, D])
  })

  it('the order within one sync makes no difference', () => {
    const people = constantFrom<Person>(
      AARON,
      { last: 'Aaron J Collins', phone: AARON.phone },
      { last: 'Mom' },
    )
    const kinds = constantFrom<UserEvent['kind']>('created', 'deleted', 'updated')
    const one = (id: string) => tuple(kinds, constantFrom(id), people)
    const outcome = (told: readonly Told[]) => {
      const { sync, successor, previous } = begin()
      sync(...told)
      return [A, B, C, D].map((id) => [successor(id), [...previous(id)].sort()])
    }
    const both = tuple(one(A), one(B), one(C), one(D)).chain((told) =>
      tuple(constantFrom(told), shuffledSubarray(told, { minLength: told.length })),
    )
    check(
      property(both, ([told, shuffled]) => {
        expect(outcome(shuffled)).toEqual(outcome(told))
      }),
      { numRuns: 300 },
    )
  })
})

describe('a contact that comes back under its old id', () => {
  it('has no successor, and is itself the successor of the contact that had replaced it', () => {
    const { sync, later, successor, previous } = begin()
    sync(...replaced(A, B))
    later(DAY)
    sync(...replaced(B, A))
    expect([successor(A), successor(B), previous(A), previous(B)]).toEqual([undefined, A, [B], []])
  })

  it('has no successor, also when the other one stays', () => {
    const { sync, later, successor } = begin()
    sync(...replaced(A, B))
    later(DAY)
    sync(['created', A])
    expect(successor(A)).toBeUndefined()
  })

  it('goes round in no circle, however often that happens within an hour', () => {
    const { sync, successor, previous } = begin()
    for (let time = 0; time < 3; time += 1) {
      sync(...replaced(A, B))
      sync(...replaced(B, A))
    }
    expect([successor(A), successor(B), previous(A)]).toEqual([undefined, A, [B]])
  })

  it('is still the one whom it had followed before', () => {
    const { sync, later, successor, previous } = begin()
    for (const [from, to] of [
      [A, B],
      [B, C],
      [C, B],
    ] as const) {
      sync(...replaced(from, to))
      later(DAY)
    }
    expect([successor(A), successor(C), previous(B)]).toEqual([B, B, [C, A]])
  })

  it('and goes again for good, leaves no trace of who only looked like it', () => {
    const { sync, successor } = begin()
    sync(['created', A])
    sync(['created', B], ['deleted', A])
    sync(['deleted', B])
    expect([successor(A), successor(B)]).toEqual([B, undefined])
  })
})

describe('the history of id changes', () => {
  it('is forgotten after as long as Clever keeps events', () => {
    const { sync, later, successor, previous } = begin()
    sync(...replaced(A, B))
    later(KEEP_MS)
    expect([successor(A), previous(B)]).toEqual([B, [A]])
    later(1)
    expect([successor(A), previous(B)]).toEqual([undefined, []])
  })

  it('is forgotten at once when the district takes its token back', () => {
    const { idHistory, sync, successor, previous } = begin()
    idHistory.start()
    sync(...replaced(A, B), ['deleted', C])
    idHistory.clear()
    expect([successor(A), previous(B), idHistory.lastId, idHistory.isStarted]).toEqual([
      undefined,
      [],
      undefined,
      false,
    ])
    sync(['created', D])
    expect(successor(C)).toBeUndefined()
  })

  it('stays when events were missed, and no contact is followed that they may be about', () => {
    const { idHistory, sync, later, successor } = begin()
    sync(...replaced(A, B))
    later(DAY)
    sync(...replaced(B, C))
    idHistory.reset()
    expect(successor(A)).toBe(B)
    later(DAY)
    sync(...replaced(C, D))
    expect(successor(C)).toBeUndefined()
    later(HOUR)
    sync(...replaced(D, A))
    expect(successor(D)).toBe(A)
  })

  it('goes on at once if no event came since events were missed, more than an hour ago', () => {
    const { idHistory, sync, later, successor } = begin()
    idHistory.reset()
    idHistory.start()
    later(HOUR)
    sync(...replaced(A, B))
    expect(successor(A)).toBe(B)
  })

  it('ignores a contact with too many students to be a person', () => {
    const { sync, successor } = begin()
    const office = (students: number): Person => ({
      ...AARON,
      entries: Array.from({ length: students }, (_, n) => ({ student: numbered(n) })),
    })
    sync(['deleted', A, office(MAX_STUDENTS)], ['created', B, office(MAX_STUDENTS)])
    expect(successor(A)).toBe(B)
    sync(['deleted', C, office(MAX_STUDENTS + 1)], ['created', D, office(MAX_STUDENTS + 1)])
    expect(successor(C)).toBeUndefined()
  })

  it('says nothing of a student for whom more come and go than can be compared', () => {
    const { sync, successor } = begin()
    sync(['deleted', A], ['created', B])
    for (let n = 0; n < MAX_CANDIDATES; n += 1)
      sync(['created', numbered(n), { last: `Somebody Number ${'x'.repeat(n + 1)}` }])
    expect(successor(A)).toBe(B)
    sync(['deleted', C])
    expect([successor(A), successor(C)]).toEqual([undefined, undefined])
  })

  it('is nothing of an hour in which more came and went than can be held', () => {
    const { sync, later, successor } = begin()
    sync(...replaced(A, B))
    const many = (n: number): Told => [
      'created',
      numbered(n),
      { ...AARON, entries: [{ student: numbered(n) }] },
    ]
    for (let n = 0; n < MAX_OPEN - 2; n += 1) sync(many(n))
    expect(successor(A)).toBe(B)
    sync(many(MAX_OPEN))
    expect(successor(A)).toBeUndefined()
    sync(...replaced(C, D))
    expect(successor(C)).toBeUndefined()
    later(HOUR)
    sync(...replaced(D, C))
    expect(successor(D)).toBe(C)
  })
})

describe('a sync that is not over', () => {
  const LAG = 90_000
  const FATHER: Person = { last: 'Jose Garcia', email: 'jose@example.org', phone: '330-280-1898' }
  const SON: Person = { last: 'Jose Garcia', email: 'jose@example.org', phone: '330-280-1898' }
  const orders: readonly (readonly Told[])[] = [
    [
      ['deleted', A, FATHER],
      ['created', D, SON],
      ['deleted', B, SON],
      ['created', C, FATHER],
    ],
    [
      ['created', C, FATHER],
      ['deleted', B, SON],
      ['created', D, SON],
      ['deleted', A, FATHER],
    ],
    [
      ['deleted', A, FATHER],
      ['created', C, FATHER],
      ['deleted', B, SON],
      ['created', D, SON],
    ],
  ]

  it.each(orders)('O16: reports no id change between father and son, however it is polled', (...told) => {
    const { idHistory, eventOf, later, successor, previous } = begin(LAG)
    const settled = told.flatMap((each) => {
      const found = idHistory.addEvent(eventOf(each))
      later(30_000)
      return [...found, ...idHistory.completeUntil(nowOf(each))]
    })
    later(4 * LAG)
    expect([...settled, ...idHistory.completeUntil(Number.MAX_SAFE_INTEGER)]).toEqual([])
    expect([A, B].map(successor)).toEqual([undefined, undefined])
    expect([C, D].map(previous)).toEqual([[], []])

    function nowOf(_each: Told) {
      return Date.parse('2026-11-22T12:00:00Z') - LAG
    }
  })

  it('O16: settles when nothing has come or gone for twice the lag, and not before', () => {
    const { idHistory, eventOf, successor } = begin(LAG)
    const start = Date.parse('2026-11-22T12:00:00Z')
    for (const each of replaced(A, B)) idHistory.addEvent(eventOf(each))
    expect(idHistory.completeUntil(start + LAG - 1)).toEqual([])
    expect(successor(A)).toBeUndefined()
    expect(idHistory.completeUntil(start + LAG)).toMatchObject([
      { previousId: A, id: B, settledAt: start + 2 * LAG },
    ])
    expect(successor(A)).toBe(B)
    expect(idHistory.completeUntil(start + 3 * LAG)).toEqual([])
  })

  it('O16: settles after an hour where contacts of the district come without end', () => {
    const { idHistory, eventOf, later, successor } = begin(LAG)
    for (const each of replaced(A, B)) idHistory.addEvent(eventOf(each))
    const settled = Array.from({ length: 70 }, (_, n) => {
      later(60_000)
      return idHistory.addEvent(
        eventOf([
          'created',
          numbered(n),
          { last: `Somebody Else ${n}`, entries: [{ student: numbered(n) }] },
        ]),
      )
    })
    expect(settled.flat()).toMatchObject([{ previousId: A, id: B }])
    expect(settled.findIndex((found) => found.length > 0)).toBe(60)
    expect(successor(A)).toBe(B)
  })
})

describe('a contact that may be two people', () => {
  const students = [{ student: '1'.repeat(24) }, { student: '2'.repeat(24) }]
  const BARE: Person = { last: 'Maria Garcia', entries: students }

  it('O17: has no successor, and is none', () => {
    const { sync, successor, previous } = begin()
    sync(['deleted', A, BARE], ['created', B, { last: 'Maria Garcia', email: 'm@example.org' }])
    expect([successor(A), previous(B)]).toEqual([undefined, []])
    sync(['deleted', C, { last: 'Maria Garcia', email: 'm@example.org' }], ['created', D, BARE])
    expect([successor(C), previous(D)]).toEqual([undefined, []])
  })

  it('O17: makes it uncertain which contact replaced another', () => {
    const { sync, successor } = begin()
    const one: Person = { last: 'Maria Garcia', email: 'm@example.org' }
    sync(['deleted', A, BARE], ['deleted', C, one], ['created', B, one])
    expect([A, C].map(successor)).toEqual([undefined, undefined])
  })
})
