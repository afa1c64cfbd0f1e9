import { describe, expect, it } from 'vitest'
import type { CallLimits } from '../../src/fetch/call-costs.ts'
import {
  type CacheMisses,
  type DistrictState,
  plan,
  rolesToCount,
  type Step,
} from '../../src/fetch/planner.ts'
import { estimateGaps } from '../../src/fetch/row-gaps.ts'
import { parseUserId } from '../../src/model/ids.ts'
import type { Role } from '../../src/model/ranges.ts'
import { userId } from '../sync/world.ts'

const NOTHING: CacheMisses = { students: [], contacts: [], contactsOf: [] }
const IGNORANT: DistrictState = {
  ranges: 'USABLE',
  mayFullLoad: true,
  mayCount: () => true,
  rows: () => undefined,
  rowsBetween: () => undefined,
  spacing: () => undefined,
}
const FRESH: CallLimits = { callsLeft: 1_200, allowance: 600, timeLeft: 10_000 }
/** Three quarters of the window are spent. */
const SCARCE: CallLimits = { ...FRESH, callsLeft: 300 }

const ids = (count: number, apart = 1) => Array.from({ length: count }, (_, n) => userId(1 + n * apart))
/** An id of this second. */
function createdAt(seconds: number) {
  const time = Math.floor(seconds).toString(16).padStart(8, '0')
  return parseUserId(time.padEnd(24, '0')) ?? expect.unreachable()
}
const students = (count: number) => ({ ...NOTHING, students: ids(count) })
const contactsOf = (count: number) => ({ ...NOTHING, contactsOf: ids(count) })
const contactsCounted = (rows: number) => ({ ...IGNORANT, rows: () => rows })
const spaced = (rows: number) => ({ ...IGNORANT, spacing: () => rows })

/** `3 records`, `range of 3`, `full load` …, in order. */
function inShort(steps: readonly Step[]): string {
  const words = steps.map(wordOf)
  const [first = 'nothing'] = words
  return words.every((word) => word === first) && words.length > 1
    ? `${words.length} × ${first}`
    : words.join(', ')
}

function wordOf(step: Step): string {
  switch (step.kind) {
    case 'RECORD':
      return 'record'
    case 'RANGE':
      return `range of ${step.ids.length}`
    case 'CONTACTS_OF':
      return 'contacts of'
    case 'FULL_LOAD':
      return `sweep for ${step.studentIds.length}`
  }
}

/** Places in ascending order, the same each time. */
function randomPlaces(count: number, below: number): readonly number[] {
  let state = 1
  const next = () => {
    state = (state * 48_271) % 2_147_483_647
    return Math.floor((state / 2_147_483_647) * below)
  }
  return [...new Set(Array.from({ length: count }, next))].sort((a, b) => a - b)
}

describe('the plan', () => {
  it.each<[string, CacheMisses, DistrictState, CallLimits, string]>([
    ['of nothing is nothing', NOTHING, IGNORANT, FRESH, ''],
    ['of one record asks for it', students(1), IGNORANT, FRESH, 'record'],
    ['of a few records asks for each', students(3), IGNORANT, FRESH, '3 × record'],
    ['of many probes with one range', students(60), IGNORANT, FRESH, 'range of 60'],
    [
      'of few probes as well, when calls are scarce',
      students(4),
      IGNORANT,
      { ...FRESH, callsLeft: 20 },
      'range of 4',
    ],
    ['reads neighbors in one range', students(60), spaced(5), FRESH, 'range of 60'],
    ['reads what lies far apart one by one', students(60), spaced(400), FRESH, '60 × record'],
    [
      'reads any gap in one range when there are fewer calls than records',
      students(9),
      spaced(900),
      { ...FRESH, callsLeft: 8 },
      'range of 9',
    ],
    [
      'heeds the allowance of the request as it does the window',
      students(9),
      spaced(900),
      { ...FRESH, allowance: 1 },
      'range of 9',
    ],
    [
      'asks one by one where cursors are looked up',
      students(60),
      { ...spaced(1), ranges: 'PAUSED' },
      FRESH,
      '60 × record',
    ],
    [
      'asks one by one when there is no time for a page',
      students(60),
      spaced(1),
      { ...FRESH, timeLeft: 80 },
      '60 × record',
    ],
    [
      'asks one by one when the time is up',
      students(60),
      spaced(1),
      { ...FRESH, timeLeft: -5 },
      '60 × record',
    ],
    ['asks for the contacts of one student', contactsOf(1), contactsCounted(1_000), FRESH, 'contacts of'],
    [
      'sweeps a small district for many students',
      contactsOf(60),
      contactsCounted(900),
      FRESH,
      'sweep for 60',
    ],
    [
      'does not sweep a large district for a few',
      contactsOf(3),
      contactsCounted(90_000),
      FRESH,
      '3 × contacts of',
    ],
    ['does not sweep what nobody has counted', contactsOf(60), IGNORANT, FRESH, '60 × contacts of'],
    [
      'does not sweep what memory cannot hold',
      contactsOf(60),
      { ...contactsCounted(900), mayFullLoad: false },
      FRESH,
      '60 × contacts of',
    ],
    [
      'does not sweep when there is no time',
      contactsOf(60),
      contactsCounted(9_000),
      { ...FRESH, timeLeft: 1_000 },
      '60 × contacts of',
    ],
    [
      'sweeps when there are fewer calls than students',
      contactsOf(9),
      contactsCounted(9_000),
      { ...FRESH, callsLeft: 5 },
      'sweep for 9',
    ],
    [
      'never sweeps with more calls than there are students',
      contactsOf(2),
      contactsCounted(25_000),
      { ...FRESH, callsLeft: 3 },
      '2 × contacts of',
    ],
  ])('%s', (_name, misses, state, limits, expected) => {
    expect(inShort(plan(misses, state, limits))).toBe(expected)
  })

  it('parts a range where the gap is wide, as far as gaps are known', () => {
    const wanted = [userId(1), userId(2), userId(3_000), userId(3_001), userId(9_000)]
    const rowsBetween: DistrictState['rowsBetween'] = (_role, after, upTo) =>
      Number.parseInt(upTo, 16) - Number.parseInt(after, 16)
    const steps = plan({ ...NOTHING, contacts: wanted }, { ...IGNORANT, rowsBetween }, SCARCE)
    expect(steps.map((step) => (step.kind === 'RANGE' ? step.ids.length : step.kind))).toEqual([
      2,
      2,
      'RECORD',
    ])
  })

  it('bears wider gaps the fewer calls are left', () => {
    const callsWith = (callsLeft: number) => plan(students(40), spaced(150), { ...FRESH, callsLeft }).length
    const counts = [1_200, 300, 60, 20].map(callsWith)
    expect(counts).toEqual(counts.toSorted((a, b) => b - a))
    expect(new Set(counts).size).toBeGreaterThan(2)
  })

  it('reads 168 students from all over 50,000 with at most 60 calls, and less than three quarters of the district', () => {
    // Uneven, as the places of a sample are.
    const places = Array.from({ length: 168 }, (_, n) => (n * 0.618_034) % 1).map((x) => x * x * 50_000)
    const wanted = { ...NOTHING, students: places.map((place) => createdAt(place)) }
    const steps = plan(wanted, contactsCounted(50_000), FRESH)
    const rows = steps.map((step) => (step.kind === 'RANGE' ? step.limit : 1))
    expect(steps.length).toBeLessThanOrEqual(60)
    expect(rows.reduce((sum, each) => sum + each, 0)).toBeLessThan(37_500)
  })

  it('reads 500 students from all over 50,000 in pages of at most 2,500 rows, so that the first can be read early', () => {
    const wanted = { ...NOTHING, students: Array.from({ length: 500 }, (_, n) => createdAt(n * 100)) }
    const steps = plan(wanted, contactsCounted(50_000), FRESH)
    const rows = steps.map((step) => (step.kind === 'RANGE' ? step.limit : 1))
    expect(Math.max(...rows)).toBeLessThanOrEqual(2_500)
    expect(steps.length).toBeLessThanOrEqual(60)
  })

  it('begins with the longest range, and with the contacts of a student after each of the first calls', () => {
    const few = [1, 2, 3].map(userId)
    const many = Array.from({ length: 40 }, (_, n) => userId(100_000 + n))
    const rowsBetween: DistrictState['rowsBetween'] = (_role, after, upTo) =>
      Number.parseInt(upTo, 16) - Number.parseInt(after, 16)
    const wanted = [...few, ...many, userId(900_000)]
    const misses = { ...NOTHING, students: wanted, contactsOf: few }
    expect(inShort(plan(misses, { ...IGNORANT, rowsBetween }, FRESH))).toBe(
      'range of 40, contacts of, range of 3, contacts of, record, contacts of',
    )
  })

  it('takes rows to be as close together as the wanted records around them', () => {
    // Half were created within minutes, half over years.
    const wanted = Array.from({ length: 400 }, (_, n) => createdAt(n < 200 ? n : 1e6 + n * 1e5))
    const { rows, spread } = estimateGaps(wanted, 10)
    const sum = (from: number, to: number) => rows.slice(from, to).reduce((a, b) => a + b, 0)
    expect(spread).toBe('UNEVEN')
    expect(rows).toHaveLength(399)
    for (const [from, to] of [[0, 150] as const, [250, 399] as const])
      expect(sum(from, to) / (to - from)).toBeCloseTo(10, 0)
  })

  it.each([0.3, 0.5, 0.8])(
    'sees that ids are spread unevenly if an import created a part of them: %d',
    (share) => {
      const spread = randomPlaces(200, 1e8)
      const imported = randomPlaces(200, 600).map((second) => 5e7 + second)
      const count = Math.round(168 * share)
      const wanted = [
        ...spread.filter((_, i) => i % 2 === 0).slice(0, 168 - count),
        ...imported.slice(0, count),
      ]
      expect(estimateGaps(wanted.toSorted((a, b) => a - b).map(createdAt), 300).spread).toBe('UNEVEN')
    },
  )

  it('takes the rows of a gap for its share of the whole distance where the records are spread at random', () => {
    const rows = Array.from({ length: 50_000 }, (_, n) => n * 10)
    const places = randomPlaces(168, rows.length)
    const estimate = estimateGaps(
      places.map((place) => createdAt(rows[place] ?? 0)),
      rows.length / places.length,
    )
    expect(estimate.spread).toBe('EVEN')
    const between = places.slice(1).map((place, i) => place - (places[i] ?? 0))
    const isClose = between.map((gap, i) => Math.abs((estimate.rows[i] ?? 0) - gap) <= 0.02 * gap + 1)
    expect(isClose).not.toContain(false)
  })

  it('asks for no more rows than there is time for, nor than Clever puts on a page', () => {
    for (const timeLeft of [200, 1_000, 60_000]) {
      const steps = plan(students(200), spaced(70), { ...FRESH, callsLeft: 220, timeLeft })
      for (const step of steps) {
        if (step.kind !== 'RANGE') continue
        expect(step.limit).toBeLessThanOrEqual(10_000)
        expect(45 + step.limit * 0.13).toBeLessThanOrEqual(timeLeft)
      }
      const planned = steps.flatMap((step) =>
        step.kind === 'RANGE' ? step.ids : step.kind === 'RECORD' ? [step.id] : [],
      )
      expect(planned.toSorted()).toEqual(ids(200))
    }
  })

  it('sorts what is wanted, so that ranges are of neighbors', () => {
    const [step] = plan({ ...NOTHING, students: ids(60).reverse() }, spaced(2), FRESH)
    expect(step).toMatchObject({ kind: 'RANGE', ids: ids(60) })
  })
})

describe('counting', () => {
  it.each<[string, CacheMisses, DistrictState, CallLimits, readonly Role[]]>([
    [
      'is worth a call before the contacts of many students are read',
      contactsOf(60),
      IGNORANT,
      FRESH,
      ['contact'],
    ],
    ['is not worth it for a few', contactsOf(3), IGNORANT, FRESH, []],
    [
      'is worth it before many records of unknown spacing are read',
      students(64),
      IGNORANT,
      FRESH,
      ['student'],
    ],
    ['is not for a few records', students(63), IGNORANT, FRESH, []],
    ['is not for records of known spacing', students(500), spaced(9), FRESH, []],
    ['is not where ranges are paused', students(500), { ...IGNORANT, ranges: 'PAUSED' }, FRESH, []],
    ['is done when it has been', contactsOf(60), contactsCounted(5), FRESH, []],
    [
      'is not tried where Clever does not count',
      contactsOf(60),
      { ...IGNORANT, mayCount: () => false },
      FRESH,
      [],
    ],
    [
      'is of no use where nothing may be swept',
      contactsOf(60),
      { ...IGNORANT, mayFullLoad: false },
      FRESH,
      [],
    ],
    ['is not worth the only call that is left', contactsOf(1), IGNORANT, { ...FRESH, callsLeft: 1 }, []],
  ])('%s', (_name, misses, state, limits, expected) => {
    expect(rolesToCount(misses, state, limits)).toEqual(expected)
  })
})
