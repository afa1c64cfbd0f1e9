import type { Spread } from './row-gaps.ts'

/** How many rows to ask for, as the number of rows between two ids is an estimate. */
export interface RangeMargin {
  /** The limit of a range that is expected to have so many rows. */
  limitFor(expectedRows: number): number
  /** The expected rows of the longest range with this limit. */
  expectedRowsIn(limit: number): number
}

const SPARE_ROWS = 2
const STANDARD_DEVIATIONS = 3
const UNEVEN = 1.35

/**
 * The wanted ids beyond a range that is too short cost another round, of some 35 ms. In 100 pages of contacts of the sandbox, 8 of 4,000
 * ranges were too short.
 */
export const RANGE_MARGINS: Readonly<Record<Spread, RangeMargin>> = {
  // As many random places fall into an interval as in a Poisson distribution: the variance is the mean.
  EVEN: {
    limitFor: (rows) => Math.ceil(rows + STANDARD_DEVIATIONS * Math.sqrt(rows)) + SPARE_ROWS,
    expectedRowsIn(limit) {
      const half = STANDARD_DEVIATIONS / 2
      return (Math.sqrt(half ** 2 + Math.max(limit - SPARE_ROWS, 0)) - half) ** 2
    },
  },
  UNEVEN: {
    limitFor: (rows) => Math.ceil(rows * UNEVEN) + SPARE_ROWS,
    expectedRowsIn: (limit) => Math.max(limit - SPARE_ROWS, 0) / UNEVEN,
  },
}
