import { array, assert as check, constant, constantFrom, integer, oneof, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addInterval,
  asOfTime,
  type Coverage,
  coveredDownTo,
  coveredUpTo,
  END,
  EVERYTHING,
  gaps,
  idAfter,
  idBefore as idBelow,
  NO_COVERAGE,
  oldestAsOf,
  removeOlder,
  removeSpan,
  renew,
  type Span,
  START,
  singleId,
  spansNotNewerThan,
} from '../../src/store/coverage.ts'

/** A tiny world of ids: the lowest, some in the middle, the highest. */
const IDS: readonly string[] = [
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => n.toString(16).padStart(24, '0')),
  `8${'0'.repeat(23)}`,
  `${'f'.repeat(23)}d`,
  `${'f'.repeat(23)}e`,
  END,
]
const id = (n: number) => IDS[n] ?? END

/** What each id has been known since: coverage as a child would keep it. */
type Model = Map<string, number>

const within = ({ after, upTo }: Span) => IDS.filter((each) => each > after && each <= upTo)

const edge = constantFrom(START, ...IDS)
const span = record({ one: edge, other: edge }).map(
  ({ one, other }): Span => (one < other ? { after: one, upTo: other } : { after: other, upTo: one }),
)
const asOf = integer({ min: 0, max: 6 })
const operation = oneof(
  { weight: 6, arbitrary: record({ kind: constant('cover' as const), span, asOf }) },
  { weight: 2, arbitrary: record({ kind: constant('forget' as const), span, asOf }) },
  { weight: 1, arbitrary: record({ kind: constant('renew' as const), span, asOf }) },
  { weight: 1, arbitrary: record({ kind: constant('forgetOlder' as const), span, asOf }) },
)
type Operation = typeof operation extends { filter(use: (each: infer Each) => boolean): unknown }
  ? Each
  : never

function apply(coverage: Coverage, { kind, span: place, asOf: when }: Operation): Coverage {
  switch (kind) {
    case 'cover':
      return addInterval(coverage, { ...place, asOf: when })
    case 'forget':
      return removeSpan(coverage, place)
    case 'renew':
      return renew(coverage, when, when + 2)
    case 'forgetOlder':
      return removeOlder(coverage, when)
  }
}

function applyToModel(model: Model, { kind, span: place, asOf: when }: Operation) {
  switch (kind) {
    case 'cover':
      for (const each of within(place)) model.set(each, Math.max(model.get(each) ?? 0, when))
      return
    case 'forget':
      for (const each of within(place)) model.delete(each)
      return
    case 'renew':
      for (const [each, known] of model) if (known >= when && known < when + 2) model.set(each, when + 2)
      return
    case 'forgetOlder':
      for (const [each, known] of model) if (known < when) model.delete(each)
  }
}

/** Runs through what happens to coverage and to its model, and shows both after each step. */
function throughout(look: (coverage: Coverage, model: Model) => void) {
  return (operations: readonly Operation[]) => {
    let coverage = NO_COVERAGE
    const model: Model = new Map()
    for (const each of operations) {
      coverage = apply(coverage, each)
      applyToModel(model, each)
      look(coverage, model)
    }
  }
}

const lives = array(operation, { minLength: 1, maxLength: 14 })
const RUNS = { numRuns: 300 }

describe('coverage, whatever happens to it', () => {
  it('knows of each id since when the latest to tell of it did, and nothing of what was forgotten', () => {
    const look = throughout((coverage, model) => {
      for (const each of IDS) expect(asOfTime(coverage, each)).toBe(model.get(each))
    })
    check(property(lives, look), RUNS)
  })

  it('ascends, never overlaps, has nothing empty, and no two neighbors that could be one', () => {
    const look = throughout((coverage) => {
      for (const { after, upTo } of coverage) expect(after < upTo).toBe(true)
      coverage.slice(1).forEach((next, i) => {
        const last = coverage[i] ?? expect.unreachable()
        expect(last.upTo <= next.after).toBe(true)
        expect(last.upTo === next.after && last.asOf === next.asOf).toBe(false)
      })
    })
    check(property(lives, look), RUNS)
  })

  it('finds the parts of a span that are not newer than a time, or are gaps, each in one piece', () => {
    check(
      property(lives, span, asOf, (operations, place, when) => {
        throughout((coverage, model) => {
          const isBehind = (each: string) => (model.get(each) ?? -1) <= when
          const parts = spansNotNewerThan(coverage, place, when)
          expect(parts.flatMap(within)).toEqual(within(place).filter(isBehind))
          parts.slice(1).forEach(({ after }, i) => {
            expect((parts[i]?.upTo ?? END) < after).toBe(true)
          })
          expect(gaps(coverage, place, when + 1)).toEqual(parts)
        })(operations)
      }),
      RUNS,
    )
  })

  it('finds how far coverage goes, up and down', () => {
    check(
      property(lives, edge, asOf, (operations, from, when) => {
        throughout((coverage, model) => {
          const isKnown = (each: string) => (model.get(each) ?? -1) >= when
          const above = within({ after: from, upTo: END })
          const end = above.findIndex((each) => !isKnown(each))
          expect(coveredUpTo(coverage, from, when)).toBe(end < 0 ? END : (above[end - 1] ?? from))
          const below = within({ after: START, upTo: from }).filter((each) => !isKnown(each))
          expect(coveredDownTo(coverage, from, when)).toBe(below.at(-1) ?? START)
        })(operations)
      }),
      RUNS,
    )
  })

  it('is as old over a span as the oldest in it, and not known when any of it is not', () => {
    check(
      property(lives, span, (operations, place) => {
        throughout((coverage, model) => {
          const known = within(place).map((each) => model.get(each))
          const all = known.filter((each) => each !== undefined)
          const isWhole = all.length === known.length
          expect(oldestAsOf(coverage, place)).toBe(isWhole ? Math.min(...all) : undefined)
        })(operations)
      }),
      RUNS,
    )
  })

  it('is never changed in place: each change is another coverage', () => {
    check(
      property(lives, operation, (operations, last) => {
        const coverage = operations.reduce(apply, NO_COVERAGE)
        const was = structuredClone(coverage)
        apply(coverage, last)
        expect(coverage).toEqual(was)
      }),
      { numRuns: 100 },
    )
  })
})

describe('coverage', () => {
  const between = (after: number, upTo: number, when: number) => ({
    after: id(after),
    upTo: id(upTo),
    asOf: when,
  })

  it('joins two pages of one full load', () => {
    const swept = addInterval(addInterval(NO_COVERAGE, between(0, 2, 5)), between(2, 4, 5))
    expect(swept).toEqual([between(0, 4, 5)])
  })

  it('is split by a single record that is read later', () => {
    const read = addInterval([between(0, 4, 5)], { ...singleId(id(2)), asOf: 9 })
    expect(read).toEqual([between(0, 1, 5), between(1, 2, 9), between(2, 4, 5)])
  })

  it('keeps what is known since later when an older answer arrives at last', () => {
    const read = addInterval([between(1, 3, 9)], between(0, 5, 4))
    expect(read).toEqual([between(0, 1, 4), between(1, 3, 9), between(3, 5, 4)])
  })

  it('becomes one again when it is renewed as a whole', () => {
    const parts = [between(0, 1, 5), between(1, 2, 9), between(2, 4, 5)]
    expect(renew(parts, 5, 20)).toEqual([between(0, 4, 20)])
  })

  it('is not renewed where it is older than the feed', () => {
    expect(renew([between(0, 1, 4), between(1, 2, 5)], 5, 20)).toEqual([between(0, 1, 4), between(1, 2, 20)])
  })

  it('is not made older by an earlier moment', () => {
    expect(renew([between(0, 1, 9)], 0, 5)).toEqual([between(0, 1, 9)])
  })

  it('loses what has aged, and nothing else', () => {
    expect(removeOlder([between(0, 1, 4), between(1, 2, 5)], 5)).toEqual([between(1, 2, 5)])
  })

  it('loses the middle of what it knew when that is evicted', () => {
    expect(removeSpan([between(0, 5, 4)], { after: id(1), upTo: id(3) })).toEqual([
      between(0, 1, 4),
      between(3, 5, 4),
    ])
  })

  it('of everything reaches from before the lowest id to the highest', () => {
    const all = addInterval(NO_COVERAGE, { ...EVERYTHING, asOf: 1 })
    expect(IDS.map((each) => asOfTime(all, each))).toEqual(IDS.map(() => 1))
    expect(idBelow(id(0))).toBe(START)
  })

  it('of one id holds no neighbor', () => {
    const one = addInterval(NO_COVERAGE, { ...singleId(id(3)), asOf: 1 })
    expect([id(2), id(3), id(4)].map((each) => asOfTime(one, each))).toEqual([undefined, 1, undefined])
    expect(idAfter(idBelow(id(3)))).toBe(id(3))
  })
})
