import {
  asyncProperty,
  boolean,
  assert as check,
  constantFrom,
  integer,
  option,
  record,
  uniqueArray,
} from 'fast-check'
import pLimit from 'p-limit'
import { describe, expect, it } from 'vitest'
import { fetchMissing } from '../../src/fetch/fetch-missing.ts'
import type { CacheMiss } from '../../src/fetch/open-cache-misses.ts'
import type { UserId } from '../../src/model/ids.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { isContactOf, type Roster, userId, userOf } from '../sync/world.ts'
import { type Cursors, callerOf, startCounting } from './counting-clever.ts'

const SPACE = 400
/** Somebody beyond all who are wanted: then no page is empty, and none is without proof. */
const LAST = 900

/** Every student has the number of a contact: 1,000 more; so has every second another one. */
function rosterOf(numbers: readonly number[], last: readonly number[]): Roster {
  const users = [...numbers, ...last].flatMap((n) => [
    userOf(n, { isStudent: true, contactOf: undefined }, 1),
    userOf(n + 1_000, { isStudent: false, contactOf: [n] }, 1),
    ...(n % 2 === 0 ? [userOf(n + 2_000, { isStudent: false, contactOf: [n, n + 1] }, 1)] : []),
  ])
  return new Map(users.map((user) => [user.id, user]))
}

const numbers = (maxLength: number) => uniqueArray(integer({ min: 1, max: SPACE }), { maxLength })
const scene = record({
  people: numbers(300),
  wantedStudents: numbers(80),
  wantedContacts: numbers(20),
  wantedContactsOf: numbers(40),
  /** What is known before: the rows up to here. */
  known: option(integer({ min: 1, max: 60 })),
  callsLeft: constantFrom(1_200, 400, 150),
  counts: boolean(),
})
type Scene = typeof scene extends { generate(...args: never): { readonly value: infer Value } }
  ? Value
  : never

/** Answers what is missing, and holds it against the roster. */
async function answer(
  { people, wantedStudents, wantedContacts, wantedContactsOf, known, callsLeft, counts }: Scene,
  cursors: Cursors = 'ranges',
  last: readonly number[] = [LAST],
) {
  const clock = createFakeClock()
  const roster = rosterOf(people, last)
  const { district, calls } = startCounting({ roster, clock, callsLeft, counts, cursors })
  const callContext = callerOf(clock, 1_000)
  const asOf = clock.now()
  if (known !== null)
    await district.reader.range(
      { role: 'student', direction: 'forwards', beyond: undefined, limit: known },
      callContext,
      asOf,
    )
  calls.length = 0

  const miss = (kind: CacheMiss['kind'], n: number): CacheMiss => ({
    kind,
    id: userId(n),
    purpose: 'DISPLAY',
    minAsOf: asOf,
  })
  const misses = [
    ...wantedStudents.map((n) => miss('student', n)),
    ...wantedContacts.map((n) => miss('contact', n + 1_000)),
    ...wantedContactsOf.map((n) => miss('contactsOf', n)),
  ].filter(({ kind, id }) => kind === 'contactsOf' || district.store.find(kind, id, asOf) === undefined)

  const answers = await fetchMissing(district, misses, callContext, clock, pLimit(32))
  expect(answers.size).toBe(misses.length)
  // Contacts of a student that does not exist are never shown, whichever contacts name it.
  const shown = misses.filter(
    ({ kind, id }) => kind !== 'contactsOf' || roster.get(id)?.student !== undefined,
  )
  for (const each of shown) expect(answers.get(each)).toMatchObject({ value: truth(roster, each) })
  return { calls, misses, district }
}

function truth(roster: Roster, { kind, id }: CacheMiss) {
  if (kind !== 'contactsOf') return roster.get(id)?.[kind]
  return contactsOf(roster, id)
}

function contactsOf(roster: Roster, id: UserId) {
  return [...roster.values()]
    .map(({ contact }) => contact)
    .filter((contact) => isContactOf(contact, id))
    .sort((a, b) => ((a?.id ?? '') < (b?.id ?? '') ? -1 : 1))
}

/** Just below the one is the other: a look-up finds her, as a comparison would. */
const NEIGHBORS: Scene = {
  people: [275, 276],
  wantedStudents: [275, 1, 2, 3],
  wantedContacts: [],
  wantedContactsOf: [],
  known: null,
  callsLeft: 400,
  counts: false,
}
const RUNS = { numRuns: 120 }

describe('what is missing', () => {
  it('is answered rightly, each once, with never more calls than misses and one to count', async () => {
    await check(
      asyncProperty(scene, async (each) => {
        const { calls, misses } = await answer(each)
        const counted = calls.filter((call) => call === 'count').length
        expect(counted).toBeLessThanOrEqual(1)
        expect(calls.length - counted).toBeLessThanOrEqual(misses.length)
      }),
      RUNS,
    )
  })

  it('costs never more calls than there are records missing, where no contacts of students are', async () => {
    await check(
      asyncProperty(scene, async (each) => {
        const { calls, misses } = await answer({ ...each, wantedContactsOf: [] })
        expect(calls.length).toBeLessThanOrEqual(misses.length)
      }),
      RUNS,
    )
  })

  it('is not asked for again: neither a record nor a range that is known', async () => {
    await check(
      asyncProperty(scene, async (each) => {
        const { calls } = await answer(each)
        expect(new Set(calls).size).toBe(calls.length)
      }),
      RUNS,
    )
  })

  it('costs no more calls than records if there are none at all', async () => {
    const wantedStudents = [1, 2, 3, 4]
    const nobody = {
      people: [],
      wantedStudents,
      wantedContacts: [],
      wantedContactsOf: [],
      known: null,
      counts: true,
    }
    const { calls } = await answer({ ...nobody, callsLeft: 400 }, 'ranges', [])
    expect(calls.length).toBeLessThanOrEqual(wantedStudents.length)
  })

  it.each<Cursors>(['lookups', 'lookups-empty'])(
    'is answered as rightly where Clever takes cursors for %s, for three calls more at most',
    async (cursors) => {
      await check(
        asyncProperty(scene, async (each) => {
          const { calls, misses } = await answer(
            { ...each, wantedContactsOf: [], wantedContacts: [] },
            cursors,
          )
          expect(calls.length).toBeLessThanOrEqual(misses.length + 3)
        }),
        { ...RUNS, examples: [[NEIGHBORS]] },
      )
    },
  )
})
