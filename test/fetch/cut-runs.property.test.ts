import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cutRuns, type RunBounds } from '../../src/fetch/cut-runs.ts'

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)

/** All ways to part `count` ids: for each gap, whether it is cut. */
function* waysToPart(count: number): Generator<readonly RunBounds[]> {
  for (let cuts = 0; cuts < 2 ** (count - 1); cuts += 1) {
    const ends = Array.from({ length: count }, (_, n) => n + 1).filter(
      (end) => end === count || (cuts & (2 ** (end - 1))) !== 0,
    )
    yield ends.map((end, n) => ({ first: ends[n - 1] ?? 0, end, gapRows: 0 }))
  }
}

it('no way to part the ids costs less, and none of its ranges is too long', () => {
  const cases = fc.record({
    gaps: fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 7 }),
    rowCost: fc.constantFrom(0, 0.01, 0.05, 0.2, 2),
    maxGapRows: fc.integer({ min: 0, max: 120 }),
  })
  fc.assert(
    fc.property(cases, ({ gaps, rowCost, maxGapRows }) => {
      const rowsOf = ({ first, end }: RunBounds) => sum(gaps.slice(first, end - 1))
      const fits = (way: readonly RunBounds[]) =>
        way.every((each) => each.end - each.first === 1 || rowsOf(each) <= maxGapRows)
      const costOf = (way: readonly RunBounds[]) => way.length + rowCost * sum(way.map(rowsOf))
      const found = cutRuns(gaps, rowCost, maxGapRows)
      const ids = found.flatMap(({ first, end }) => Array.from({ length: end - first }, (_, n) => first + n))
      expect(ids).toEqual([...gaps.keys(), gaps.length])
      expect(found.map(({ gapRows }) => gapRows)).toEqual(found.map(rowsOf))
      expect(fits(found)).toBe(true)
      const costs = [...waysToPart(gaps.length + 1)].filter(fits).map(costOf)
      expect(costOf(found)).toBeCloseTo(Math.min(...costs), 6)
    }),
    { numRuns: 500 },
  )
})
