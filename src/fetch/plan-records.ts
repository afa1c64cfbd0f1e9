import type { UserId } from '../model/ids.ts'
import { MAX_PAGE_ROWS, type Role } from '../model/ranges.ts'
import {
  type CallLimits,
  MAX_CONCURRENT_CALLS,
  OWN_ROW_MS,
  PAGE_MS,
  priceOfCall,
  RECORD_MS,
  ROW_MS,
  rangeMs,
  timeOfCalls,
} from './call-costs.ts'
import { cutRuns, type RunBounds } from './cut-runs.ts'
import type { DistrictState, Step } from './planner.ts'
import { RANGE_MARGINS, type RangeMargin } from './range-margins.ts'
import { estimateGaps, type RowGaps } from './row-gaps.ts'

/** Keeps the calls below the misses: an empty page costs another call, or two if the list is empty. */
const MIN_FOR_RANGE = 2
const MIN_FOR_RANGE_OF_UNKNOWN_LIST = 3
/** The share of the remaining time that a plan may use, as Clever may be slower than observed. */
const TIME_SHARE = 0.5
/** How many times its own cost a probing call must be able to save. */
const PROBE_FACTOR = 2

/** The most rows of a range, in one way to part the wanted ids. */
const MAX_ROWS = [500, 600, 700, 800, 1_000, 1_300, 1_600, 2_500, 5_000, MAX_PAGE_ROWS]

/** The cheapest way to read these records of a role, each once. */
export function planRecords(
  role: Role,
  wanted: readonly UserId[],
  state: DistrictState,
  limits: CallLimits,
): readonly Step[] {
  const ids = wanted.toSorted()
  const records = ids.map((id) => ({ kind: 'RECORD' as const, role, id }))
  const isKnownToHaveRows = (state.rows(role) ?? 0) > 0
  const fewest = isKnownToHaveRows ? MIN_FOR_RANGE : MIN_FOR_RANGE_OF_UNKNOWN_LIST
  if (state.ranges === 'PAUSED' || ids.length < fewest) return records
  const maxRows = Math.min(MAX_PAGE_ROWS, (limits.timeLeft * TIME_SHARE - PAGE_MS) / ROW_MS)
  if (maxRows < 1) return records

  const gaps = rowGaps(role, ids, state)
  if (gaps === 'UNKNOWN') return probe(role, ids, limits) ?? records
  return cheapest(ids, gaps, maxRows, limits).map(({ ids: run, rows }) => {
    const [id] = run
    return run.length === 1 && id !== undefined
      ? { kind: 'RECORD', role, id }
      : { kind: 'RANGE', role, ids: run, limit: rows }
  })
}

/**
 * A short range that shows the spacing. It is worth its cost if it is cheap compared with the calls that it
 * may save.
 */
function probe(role: Role, ids: readonly UserId[], limits: CallLimits): Step[] | undefined {
  const limit = Math.min(2 * ids.length, MAX_PAGE_ROWS)
  const costOfRecord = RECORD_MS / MAX_CONCURRENT_CALLS + priceOfCall(limits, ids.length)
  const isWorthIt = PROBE_FACTOR * rangeMs(limit) < ids.length * costOfRecord
  return isWorthIt ? [{ kind: 'RANGE', role, ids, limit }] : undefined
}

/** The rows of each gap as the store knows them, or estimated. */
function rowGaps(role: Role, ids: readonly UserId[], state: DistrictState): RowGaps | 'UNKNOWN' {
  const total = state.rows(role)
  const usual = state.spacing(role) ?? (total === undefined ? undefined : total / ids.length)
  const estimate = usual === undefined ? undefined : estimateGaps(ids, usual)
  const rows = ids.slice(1).map((id, i) => state.rowsBetween(role, ids[i] ?? id, id) ?? estimate?.rows[i])
  const isKnown = rows.every((each) => each !== undefined)
  return isKnown ? { rows, spread: estimate?.spread ?? 'UNEVEN' } : 'UNKNOWN'
}

interface Run {
  readonly ids: readonly UserId[]
  /** The rows of a range that is likely to hold them all. */
  readonly rows: number
}

/** Compares 10 ways in time and calls. Costs some microseconds for each id. */
function cheapest(
  ids: readonly UserId[],
  gaps: RowGaps,
  maxRows: number,
  limits: CallLimits,
): readonly Run[] {
  const margin = RANGE_MARGINS[gaps.spread]
  const rowCost = OWN_ROW_MS / priceOfCall(limits, 1)
  let best: { readonly runs: readonly Run[]; readonly cost: number } | undefined
  for (const most of MAX_ROWS) {
    const maxGapRows = margin.expectedRowsIn(Math.min(most, maxRows)) - 1
    const runs = cutRuns(gaps.rows, rowCost, maxGapRows).map((each) => runOf(ids, each, margin))
    const cost = costOf(runs, limits)
    const isBetter = cost < (best?.cost ?? Number.POSITIVE_INFINITY)
    const isFewer = cost === best?.cost && runs.length < best.runs.length
    if (best === undefined || isBetter || isFewer) best = { runs, cost }
  }
  return best?.runs ?? []
}

function runOf(ids: readonly UserId[], { first, end, gapRows }: RunBounds, margin: RangeMargin): Run {
  return { ids: ids.slice(first, end), rows: margin.limitFor(1 + gapRows) }
}

function costOf(runs: readonly Run[], limits: CallLimits): number {
  const calls = runs.map(({ ids, rows }) =>
    ids.length === 1 ? { ms: RECORD_MS, rows: 0 } : { ms: rangeMs(rows), rows },
  )
  return timeOfCalls(calls) + runs.length * priceOfCall(limits, runs.length)
}
