import {
  array,
  asyncProperty,
  bigInt,
  boolean,
  assert as check,
  constantFrom,
  integer,
  oneof,
  option,
  property,
  record,
  tuple,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutSpan, MAX_LANES, rowsOfSlice } from '../../src/fetch/cut-spans.ts'
import { CleverRangeUnverified, CleverUnavailable } from '../../src/model/clever-errors.ts'
import type { Range } from '../../src/model/ranges.ts'
import { EVERYTHING, gaps, type Span } from '../../src/store/coverage.ts'
import { idAt, type SimulatedLoad, simulateLoad, untrueIds } from './simulated-load.ts'

/** The highest id that a record can have. */
const HIGHEST = 2n ** 96n - 2n
const PAGE = 10

const anywhere = bigInt({ min: 0n, max: HIGHEST })
const even = array(anywhere, { maxLength: 120 })
/** Ids that lie next to each other, as of one import. */
const adjacent = tuple(bigInt({ min: 0n, max: HIGHEST - 1_000n }), integer({ min: 0, max: 80 })).map(
  ([first, length]) => Array.from({ length }, (_, i) => first + BigInt(i)),
)
const clump = tuple(bigInt({ min: 0n, max: HIGHEST - 2n ** 40n }), array(bigInt(0n, 2n ** 40n))).map(
  ([first, offsets]) => offsets.map((offset) => first + offset),
)
const ends = constantFrom([], [0n], [HIGHEST], [0n, 1n, HIGHEST - 1n, HIGHEST])
const page = constantFrom(PAGE - 1, PAGE, PAGE + 1).map((length) =>
  Array.from({ length }, (_, i) => BigInt(i) * 2n ** 80n),
)
const ids = oneof(
  even,
  page,
  array(oneof(even, adjacent, clump, ends), { maxLength: 4 }).map((parts) => parts.flat()),
).map((all) => [...new Set(all)])

const choices = array(integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 40 })

const district = record({
  ids,
  choices,
  pageRows: constantFrom(1, 2, PAGE),
  maxRows: option(integer({ min: 1, max: 2 * PAGE }), { nil: Number.POSITIVE_INFINITY, freq: 3 }),
  /** Right, wrong or unknown. */
  expectedRows: option(integer({ min: 0, max: 300 }), { nil: undefined }),
  counts: boolean(),
  ranges: constantFrom('USABLE' as const, 'USABLE' as const, 'PAUSED' as const),
})

const changes = array(tuple(integer({ min: 0, max: 60 }), anywhere, boolean()), { maxLength: 20 })
/** Changes of records that are there, and of their neighbors. */
const changing = tuple(district, changes, array(tuple(integer({ max: 60, min: 0 }), boolean()))).map(
  ([roster, elsewhere, here]) => ({
    ...roster,
    changes: [
      ...elsewhere,
      ...here.flatMap(([step, comes], i) => {
        const id = roster.ids[(i * 7) % Math.max(roster.ids.length, 1)]
        return id === undefined ? [] : [[step, id, comes] as const]
      }),
    ],
  }),
)

function isWhole({ coverage }: SimulatedLoad) {
  return gaps(coverage, EVERYTHING, 1).length === 0
}

/** The ids of a gap, at most 100, which is more than change in a case. */
function firstPositionsOf({ after, upTo }: Span): readonly bigint[] {
  const first = after === '' ? 0n : BigInt(`0x${after}`) + 1n
  const length = BigInt(`0x${upTo}`) - first + 1n
  return Array.from({ length: length < 100n ? Number(length) : 100 }, (_, i) => first + BigInt(i))
}

/**
 * A page that ends within its slice has a page's rows of its own, and is cut into nine slices at most; any other page
 * ends its slice.
 */
function maxCalls(rows: number, pageRows: number, maxRows: number) {
  const pages = Math.ceil(rows / Math.min(pageRows, maxRows))
  return 3 + (MAX_LANES + 1) * (pages + 1) + 2 * Math.ceil((300 + rows) / pageRows)
}

describe('a full load', () => {
  it('covers exactly the records of the role, whatever ids there are', async () => {
    await check(
      asyncProperty(district, async (options) => {
        const load = await simulateLoad(options)
        expect([load.outcome, isWhole(load)]).toEqual([true, true])
        expect(load.store.size('student')).toBe(options.ids.length)
        expect(untrueIds(load)).toEqual([])
        expect(load.atOnce).toBeLessThanOrEqual(options.ranges === 'USABLE' ? MAX_LANES : 1)
        expect(load.calls).toBeLessThanOrEqual(
          maxCalls(options.ids.length, options.pageRows, options.maxRows),
        )
      }),
      { numRuns: 300 },
    )
  })

  it('covers what was true when it says so, while records come, change and go', async () => {
    await check(
      asyncProperty(changing, async (options) => {
        const load = await simulateLoad(options)
        expect([load.outcome, isWhole(load)]).toEqual([true, true])
        expect(untrueIds(load)).toEqual([])
        expect(load.atOnce).toBeLessThanOrEqual(MAX_LANES)
        const everyId = new Set(load.past.flatMap(({ roster }) => [...roster.keys()]))
        expect(load.calls).toBeLessThanOrEqual(maxCalls(everyId.size, options.pageRows, options.maxRows))
      }),
      { numRuns: 300 },
    )
  })

  it('covers what was true when it says so, once the events of that time are applied', async () => {
    await check(
      asyncProperty(changing, integer({ min: 0, max: 10 }), async (options, eventsAfter) => {
        const load = await simulateLoad({ ...options, eventsAfter })
        expect(load.outcome).toBe(isWhole(load))
        // A record whose event cannot be ordered with the answer, such as one that was deleted and created again, is read again.
        const changed = new Set(options.changes.map(([, position]) => position))
        const uncovered = gaps(load.coverage, EVERYTHING, 1).flatMap(firstPositionsOf)
        expect(uncovered.filter((position) => !changed.has(position))).toEqual([])
        expect(untrueIds(load)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('reads few rows twice where most ids of a year are of one hour', async () => {
    const [second, year] = [2n ** 64n, 31_536_000n * 2n ** 64n]
    const seconds = Array.from({ length: 1_700 }, (_, n) =>
      BigInt(n < 1_360 ? n * 4 : 3_600 + (n - 1_360) * 90_000),
    )
    const yearly = [51n, 52n, 53n, 54n].flatMap((n) => seconds.map((at) => n * year + at * second))
    const pages: number[] = []
    const fault = (_call: number, { limit }: Range) => {
      pages.push(limit)
      return undefined
    }
    const load = await simulateLoad({ ids: yearly, pageRows: 100, expectedRows: 6_800, fault })
    expect([load.outcome, isWhole(load)]).toEqual([true, true])
    // Of 68 full pages. Without the calls of one row, 14 or more would be read twice.
    expect(pages.filter((limit) => limit === 100).length).toBeLessThanOrEqual(68 + 6)
    expect(load.calls).toBeLessThanOrEqual(68 + 30)
  })

  it('sends no call after the first failure, waits for those under way, and leaves only true coverage', async () => {
    await check(
      asyncProperty(changing, integer({ min: 0, max: 30 }), async (options, failing) => {
        const failure = new CleverUnavailable('500')
        const fault = (call: number) => (call >= failing ? failure : undefined)
        const load = await simulateLoad({ ...options, fault })
        if (load.hasFailed) expect(load.outcome).toEqual({ error: failure })
        else expect(load.outcome).toBe(true)
        expect([load.callsAfterFailure, load.leftUnderWay]).toEqual([0, 0])
        expect(untrueIds(load)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('reads page after page from the start when a cursor that it made up is not compared with ids', async () => {
    await check(
      asyncProperty(changing, async (options) => {
        const known = new Set([...options.ids, ...options.changes.map(([, id]) => id)].map(idAt))
        const load = await simulateLoad({
          ...options,
          fault: (_call, { beyond }) =>
            beyond === undefined || known.has(idAt(BigInt(`0x${beyond}`)))
              ? undefined
              : new CleverRangeUnverified('not beyond its cursor'),
        })
        expect([load.outcome, isWhole(load)]).toEqual([true, true])
        expect(untrueIds(load)).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it('ends with false after a page that cannot be stored as a range', async () => {
    await check(
      asyncProperty(district, integer({ min: 0, max: 10 }), async (options, odd) => {
        const fault = (call: number) => (call === odd ? { hasNameless: true } : undefined)
        const load = await simulateLoad({ ...options, fault })
        const isOdd = load.calls > odd
        // What an odd page left out may lie on a page that another lane reads.
        if (load.outcome === false) expect([isOdd, isWhole(load)]).toEqual([true, false])
        else expect([load.outcome, isWhole(load)]).toEqual([true, true])
        expect(untrueIds(load)).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  it('ends with false, and sends no call, once a part was evicted for lack of memory', async () => {
    await check(
      asyncProperty(district, integer({ min: 1, max: 60 }), async (options, room) => {
        let [calls, callsAtEviction] = [0, Number.POSITIVE_INFINITY]
        const load = await simulateLoad({
          ...options,
          // Apart from each other, so that an evicted part is more than one id.
          ids: [...new Set(options.ids.map((id) => 2n * (id / 4n + 1n)))],
          onCall: () => {
            calls += 1
          },
          onStored: (store) => {
            while (store.size('student') > room) {
              store.evictSome()
              callsAtEviction = Math.min(callsAtEviction, calls)
            }
          },
        })
        expect(load.outcome).toBe(isWhole(load))
        expect(load.calls).toBeLessThanOrEqual(callsAtEviction)
        expect(untrueIds(load)).toEqual([])
      }),
      { numRuns: 200 },
    )
  })
})

describe('the slices of a span', () => {
  const span = tuple(bigInt({ min: 0n, max: HIGHEST }), bigInt({ min: 0n, max: HIGHEST })).filter(
    ([a, b]) => a !== b,
  )
  const density = record({
    rows: integer({ min: 1, max: 10_000 }),
    length: bigInt({ min: 1n, max: HIGHEST }),
  })

  it('lie end to end, and are few', () => {
    check(
      property(span, density, option(integer({ min: 0, max: 1_000_000 })), ([a, b], nearby, rows) => {
        const [after, upTo] = [idAt(a < b ? a : b), idAt(a < b ? b : a)]
        const slices = cutSpan({ after, upTo }, nearby, rowsOfSlice(10_000), rows ?? undefined)
        expect([slices.at(0)?.after, slices.at(-1)?.upTo]).toEqual([after, upTo])
        slices.forEach((slice, i) => {
          expect(slice.after < slice.upTo).toBe(true)
          if (i > 0) expect(slice.after).toBe(slices[i - 1]?.upTo)
        })
        expect(slices.length).toBeLessThanOrEqual(Math.max(MAX_LANES + 1, Math.ceil((rows ?? 0) / 9_500)))
      }),
    )
  })

  it('have as many rows each where ids lie evenly, and else follow the density before them', () => {
    const everyId = { after: '', upTo: 'f'.repeat(24) }
    const evenly = { rows: 500, length: 2n ** 96n / 200n }
    expect(cutSpan(everyId, evenly, 9_500, 100_000)).toHaveLength(11)
    const closely = { rows: 500, length: 500n }
    const slices = cutSpan(everyId, closely, 9_500, 30_000)
    expect(slices.map(({ upTo }) => Number.parseInt(upTo, 16))).toEqual([9_500, 19_001, 28_502, 2 ** 96])
    expect(cutSpan(everyId, closely, 9_500, undefined)).toHaveLength(MAX_LANES + 1)
    expect(cutSpan(everyId, { rows: 1, length: 2n ** 95n }, 9_500, 30_000)).toEqual([everyId])
  })
})
