import type { UserId } from '../model/ids.ts'
import { MAX_PAGE_ROWS, type Role } from '../model/ranges.ts'

/**
 * Finds the cheapest way to read the values that the store does not have. Clever has no fetch-many, but three
 * ways to many records:
 *
 *     a record         GET /users/{id}                     1 call, 25 ms
 *     a range          GET /users?role=…&starting_after=…  1 call, 45 ms + 0.13 ms a row, all rows from one id to another
 *     a full load      ranges over a whole role            1 call for each 10,000 rows
 *
 * and for the contacts of a student GET /users/{id}/mycontacts (1 call, 66 ms), or a full load of the contacts, which are
 * then known of every student.
 *
 * All costs are compared in milliseconds. A call has a price besides its latency: 1,200 calls in a window of
 * 60 s are 50 ms each if all are wanted; a fresh window is seldom used up, so a call in it costs a fifth of
 * that. The price doubles each time the remaining calls are halved. A plan that uses much of the remaining
 * calls costs up to twice as much, and a plan with more calls than remain is excluded:
 *
 *     price = 10 ms × 1,200 / calls left ÷ (1 − share of them that is wanted / 2)
 *
 * So two wanted records with g rows between them go into one range while reading those rows costs less than a call:
 * g × 0.13 ms < price, which is 77 rows in a fresh window, and 308 when three quarters of it are spent. Calls of one
 * kind run side by side, 32 at a time for one request.
 *
 * Where the rows between two records are not known, the first range is a short one; the number of wanted
 * records in it shows the spacing, which gives the length of the next range or shows that single reads are
 * better for the rest. A range begins just below a wanted id, so it always answers at least that one, and
 * there are never more calls than misses.
 */
export function plan(misses: CacheMisses, state: DistrictState, limits: CallLimits): readonly Step[] {
  return [
    ...planRecords('student', misses.students, state, limits),
    ...planRecords('contact', misses.contacts, state, limits),
    ...planContactsOf(misses.contactsOf, state, limits),
  ]
}

/** Ids, each once. */
export interface CacheMisses {
  readonly students: readonly UserId[]
  readonly contacts: readonly UserId[]
  /** The students whose contacts are requested. */
  readonly contactsOf: readonly UserId[]
}

export interface DistrictState {
  /** PAUSED after a page that could not be believed. */
  readonly ranges: 'USABLE' | 'PAUSED'
  /** Whether all of this role fits in memory, and the last full load has not just failed. */
  readonly mayFullLoad: boolean
  /** The records of a role in the district; undefined if unknown. */
  readonly rows: (role: Role) => number | undefined
  /** The number of rows after one id, up to another. Undefined if it is not known. */
  readonly rowsBetween: (role: Role, after: string, upTo: string) => number | undefined
  /**
   * Rows for each wanted row in the last range of this role for this request. Undefined before the first
   * range.
   */
  readonly spacing: (role: Role) => number | undefined
  /** Whether Clever may still be asked for the number of records. */
  readonly mayCount: boolean
}

export interface CallLimits {
  /** The calls left in the window of the token. */
  readonly callsLeft: number
  /** The calls that the request may still make. */
  readonly allowance: number
  /** Time until the request's deadline. ms */
  readonly timeLeft: number
}

export type Step =
  | { readonly kind: 'RECORD'; readonly role: Role; readonly id: UserId }
  | { readonly kind: 'RANGE'; readonly role: Role; readonly ids: readonly UserId[]; readonly limit: number }
  | { readonly kind: 'CONTACTS_OF'; readonly studentId: UserId }
  | { readonly kind: 'FULL_LOAD'; readonly role: Role; readonly studentIds: readonly UserId[] }

/**
 * ms, as observed on the wire. How a page grows with its rows is a guess, as only pages of 100 were recorded: a tenth of
 * a millisecond at Clever, and 0.03 ms of our own to read and keep a row.
 */
const PAGE = 45
const ROW = 0.13
const CONTACTS_OF = 66

/** Keeps the calls below the misses: an empty page costs another call, or two if the list is empty. */
const MIN_FOR_RANGE = 2
const MIN_FOR_RANGE_OF_UNKNOWN_LIST = 3
const WINDOW_CALLS = 1_200
const PRICE_OF_FRESH_WINDOW = 10
export const MAX_CONCURRENT_CALLS = 32
/** How much longer a range is than the spacing requires, because the spacing is uneven. */
const MARGIN = 1.25
/** The share of the remaining time that a plan may use, as Clever may be slower than observed. */
const TIME_SHARE = 0.5
/** How many times its own cost a probing call must be able to save. */
const PROBE_FACTOR = 2

/** The price in ms of each call, if this many are made. */
function priceOfCall({ callsLeft, allowance }: CallLimits, calls: number): number {
  const share = calls / Math.max(Math.min(callsLeft, allowance), 1)
  if (share > 1) return Number.POSITIVE_INFINITY
  return (PRICE_OF_FRESH_WINDOW * WINDOW_CALLS) / callsLeft / (1 - share / 2)
}

function planRecords(
  role: Role,
  wanted: readonly UserId[],
  state: DistrictState,
  limits: CallLimits,
): Step[] {
  const ids = wanted.toSorted()
  const records = ids.map((id) => ({ kind: 'RECORD' as const, role, id }))
  const isKnownToHaveRows = (state.rows(role) ?? 0) > 0
  const fewest = isKnownToHaveRows ? MIN_FOR_RANGE : MIN_FOR_RANGE_OF_UNKNOWN_LIST
  if (state.ranges === 'PAUSED' || ids.length < fewest) return records
  const maxRows = Math.min(MAX_PAGE_ROWS, (limits.timeLeft * TIME_SHARE - PAGE) / ROW)
  if (maxRows < 1) return records

  const gaps = rowGaps(role, ids, state)
  if (gaps === 'UNKNOWN') return probe(role, ids, limits) ?? records
  return runsOf(ids, gaps, priceOfCall(limits, ids.length) / ROW, maxRows).map(({ ids: run, rows }) => {
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
  const isWorthIt = PROBE_FACTOR * (PAGE + limit * ROW) < ids.length * priceOfCall(limits, ids.length)
  return isWorthIt ? [{ kind: 'RANGE', role, ids, limit }] : undefined
}

/**
 * For each id but the first, the number of rows after the id before it: from the store if known, otherwise
 * estimated from the spacing.
 */
function rowGaps(role: Role, ids: readonly UserId[], state: DistrictState): readonly number[] | 'UNKNOWN' {
  const spacing = state.spacing(role)
  const total = state.rows(role)
  const usual = spacing ?? (total === undefined ? undefined : total / ids.length)
  const gaps = ids.slice(1).map((id, i) => state.rowsBetween(role, ids[i] ?? id, id) ?? usual)
  return gaps.every((gap) => gap !== undefined) ? gaps : 'UNKNOWN'
}

interface Run {
  readonly ids: readonly UserId[]
  /** The rows of a range that is likely to hold them all. */
  readonly rows: number
}

/** Neighbors go together while the rows between them cost less than a call, and fit on a page. */
function runsOf(ids: readonly UserId[], gaps: readonly number[], maxGap: number, maxRows: number): Run[] {
  const runs: { ids: UserId[]; rows: number }[] = []
  ids.forEach((id, i) => {
    const last = runs.at(-1)
    const gap = gaps[i - 1] ?? 0
    if (last !== undefined && gap < maxGap && (last.rows + gap) * MARGIN <= maxRows) {
      last.ids.push(id)
      last.rows += gap
    } else runs.push({ ids: [id], rows: 1 })
  })
  return runs.map(({ ids: run, rows }) => ({ ids: run, rows: Math.ceil(rows * MARGIN) }))
}

function planContactsOf(studentIds: readonly UserId[], state: DistrictState, limits: CallLimits): Step[] {
  if (studentIds.length === 0) return []
  const each = studentIds.map((studentId) => ({ kind: 'CONTACTS_OF' as const, studentId }))
  const total = state.rows('contact')
  if (total === undefined || !state.mayFullLoad) return each

  const rows = Math.max(total, 1)
  // A full load from both ends may cost one more call.
  const calls = Math.ceil(rows / MAX_PAGE_ROWS) + (rows > MAX_PAGE_ROWS ? 1 : 0)
  const fullLoadMs = (calls * PAGE + rows * ROW) / Math.min(calls, 2)
  const eachMs = Math.ceil(each.length / MAX_CONCURRENT_CALLS) * CONTACTS_OF
  const isFeasible = calls <= each.length && fullLoadMs < limits.timeLeft * TIME_SHARE
  const costOf = (takes: number, count: number) => takes + count * priceOfCall(limits, count)
  return isFeasible && costOf(fullLoadMs, calls) < costOf(eachMs, each.length)
    ? [{ kind: 'FULL_LOAD', role: 'contact', studentIds }]
    : each
}

/**
 * Whether it is worth a call to learn the number of contacts, before the contacts of this many students are
 * read.
 */
export function isWorthCounting(
  { contactsOf }: CacheMisses,
  state: DistrictState,
  limits: CallLimits,
): boolean {
  const { rows, mayFullLoad, mayCount } = state
  const each = contactsOf.length * priceOfCall(limits, contactsOf.length)
  return (
    mayFullLoad &&
    mayCount &&
    rows('contact') === undefined &&
    each > PROBE_FACTOR * (PAGE + priceOfCall(limits, 1))
  )
}
