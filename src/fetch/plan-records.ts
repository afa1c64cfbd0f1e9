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
import { estimateGaps } from './row-gaps.ts'

/** Keeps the calls below the misses: an empty page costs another call, or two if the list is empty. */
const MIN_FOR_RANGE = 2
const MIN_FOR_RANGE_OF_UNKNOWN_LIST = 3
/**
 * How much longer a range is than its expected rows, because the spacing is uneven. In 60 pages of contacts of the sandbox, 5 of
 * 2,500 ranges were too short. The ids beyond such a range cost another round, which takes some 35 ms.
 */
const MARGIN = 1.35
const SPARE_ROWS = 2
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

/** For each id but the last, the number of rows up to the next: as the store knows it, or estimated. */
function rowGaps(role: Role, ids: readonly UserId[], state: DistrictState): readonly number[] | 'UNKNOWN' {
  const total = state.rows(role)
  const usual = state.spacing(role) ?? (total === undefined ? undefined : total / ids.length)
  const estimates = usual === undefined ? [] : estimateGaps(ids, usual)
  const gaps = ids.slice(1).map((id, i) => state.rowsBetween(role, ids[i] ?? id, id) ?? estimates[i])
  return gaps.every((gap) => gap !== undefined) ? gaps : 'UNKNOWN'
}

interface Run {
  readonly ids: readonly UserId[]
  /** The rows of a range that is likely to hold them all. */
  readonly rows: number
}

/** Compares 10 ways in time and calls. Costs some microseconds for each id. */
function cheapest(
  ids: readonly UserId[],
  gaps: readonly number[],
  maxRows: number,
  limits: CallLimits,
): readonly Run[] {
  const rowCost = (OWN_ROW_MS * MARGIN) / priceOfCall(limits, 1)
  let best: { readonly runs: readonly Run[]; readonly cost: number } | undefined
  for (const most of MAX_ROWS) {
    const maxGapRows = (Math.min(most, maxRows) - SPARE_ROWS) / MARGIN - 1
    const runs = cutRuns(gaps, rowCost, maxGapRows).map((each) => runOf(ids, each))
    const cost = costOf(runs, limits)
    const isBetter = cost < (best?.cost ?? Number.POSITIVE_INFINITY)
    const isFewer = cost === best?.cost && runs.length < best.runs.length
    if (best === undefined || isBetter || isFewer) best = { runs, cost }
  }
  return best?.runs ?? []
}

function runOf(ids: readonly UserId[], { first, end, gapRows }: RunBounds): Run {
  return { ids: ids.slice(first, end), rows: Math.ceil((1 + gapRows) * MARGIN) + SPARE_ROWS }
}

function costOf(runs: readonly Run[], limits: CallLimits): number {
  const calls = runs.map(({ ids, rows }) =>
    ids.length === 1 ? { ms: RECORD_MS, rows: 0 } : { ms: rangeMs(rows), rows },
  )
  return timeOfCalls(calls) + runs.length * priceOfCall(limits, runs.length)
}
