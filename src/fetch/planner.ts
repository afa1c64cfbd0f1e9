import type { UserId } from '../model/ids.ts'
import { ROLES, type Role } from '../model/ranges.ts'
import {
  type CallLimits,
  CONTACTS_OF_MS,
  MANY_RECORDS,
  MAX_CONCURRENT_CALLS,
  PAGE_MS,
  priceOfCall,
  ROW_MS,
} from './call-costs.ts'
import { costOfFullLoad } from './cut-spans.ts'
import { planRecords } from './plan-records.ts'

/**
 * Finds the cheapest way to read the values that the store does not have. Clever has no fetch-many, but three
 * ways to many records:
 *
 *     a record         GET /users/{id}                     1 call, 25 ms
 *     a range          GET /users?role=…&starting_after=…  1 call, 45 ms + 0.1 ms a row, all rows from one id to another
 *     a full load      ranges over a whole role            1 call for each 9,500 rows, 8 at a time
 *
 * and for the contacts of a student GET /users/{id}/mycontacts (1 call, 66 ms), or a full load of the contacts, which are
 * then known of every student.
 *
 * All costs are compared in milliseconds. A call has a price besides its time: see `priceOfCall`. Up to 64 calls of one
 * request run side by side, so a plan takes as long as its longest call, or as all calls 64 at a time, and then as long as the
 * gateway needs to read the rows.
 *
 * Neighbors go into one range where the rows between them are few. How few depends on all other wanted records, so
 * `planRecords` compares 10 ways to part them. By these costs, 168 students from all over 50,000 take 66 ms and 168 calls as
 * single records; some 220 ms and 53 calls as ranges, with 20,000 rows in all; and a second and 7 calls as the whole role.
 *
 * Where the rows between two records are not known, the number of records of the role is counted first, or a short
 * range is read: the number of wanted records in it shows the spacing. A range begins just below a wanted id, so it
 * always answers at least that one, and there are never more calls than misses, besides those that count.
 *
 * The steps are in the order in which they begin. The longest ranges are first, because the plan ends with the last of them.
 * The contacts of students are between them: their answers arrive earlier, and are read while ranges are awaited.
 */
export function plan(misses: CacheMisses, state: DistrictState, limits: CallLimits): readonly Step[] {
  const records = [
    ...planRecords('student', misses.students, state, limits),
    ...planRecords('contact', misses.contacts, state, limits),
  ]
  const longestFirst = records.toSorted((a, b) => rowsOf(b) - rowsOf(a))
  return alternately(longestFirst, planContactsOf(misses.contactsOf, state, limits))
}

function rowsOf(step: Step): number {
  return step.kind === 'RANGE' ? step.limit : 1
}

/** One of each in turn, as long as there are both. */
function alternately<Item>(some: readonly Item[], others: readonly Item[]): readonly Item[] {
  const most = Math.max(some.length, others.length)
  return Array.from({ length: most }, (_, i) => [...some.slice(i, i + 1), ...others.slice(i, i + 1)]).flat()
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
  readonly mayCount: (role: Role) => boolean
}

export type Step =
  | { readonly kind: 'RECORD'; readonly role: Role; readonly id: UserId }
  | { readonly kind: 'RANGE'; readonly role: Role; readonly ids: readonly UserId[]; readonly limit: number }
  | { readonly kind: 'CONTACTS_OF'; readonly studentId: UserId }
  | { readonly kind: 'FULL_LOAD'; readonly role: Role; readonly studentIds: readonly UserId[] }

/** The share of the remaining time that a plan may use, as Clever may be slower than observed. */
const TIME_SHARE = 0.5
/** How many times longer than the contacts of each student a full load may take in a fresh window. */
const MAX_SLOWER = 2
/** How many times its own cost a call to count must be able to save. */
const COUNT_FACTOR = 2
function planContactsOf(studentIds: readonly UserId[], state: DistrictState, limits: CallLimits): Step[] {
  if (studentIds.length === 0) return []
  const each = studentIds.map((studentId) => ({ kind: 'CONTACTS_OF' as const, studentId }))
  const total = state.rows('contact')
  if (total === undefined || !state.mayFullLoad) return each

  const rows = Math.max(total, 1)
  const { calls, turns, rowsInTurn } = costOfFullLoad(rows, state.ranges)
  const fullLoadMs = turns * PAGE_MS + rowsInTurn * ROW_MS
  const eachMs = Math.ceil(each.length / MAX_CONCURRENT_CALLS) * CONTACTS_OF_MS
  // The less it leaves of the window to read each, the longer a request waits for a full load.
  const patience = MAX_SLOWER / Math.max(1 - each.length / limits.callsLeft, 0)
  const isInTime = fullLoadMs < Math.min(limits.timeLeft * TIME_SHARE, patience * eachMs)
  const isFeasible = calls <= each.length && isInTime
  const costOf = (takes: number, count: number) => takes + count * priceOfCall(limits, count)
  return isFeasible && costOf(fullLoadMs, calls) < costOf(eachMs, each.length)
    ? [{ kind: 'FULL_LOAD', role: 'contact', studentIds }]
    : each
}

/** The roles whose number of records is worth a call before the plan is made. */
export function rolesToCount(misses: CacheMisses, state: DistrictState, limits: CallLimits): readonly Role[] {
  const { students, contacts } = misses
  const isUseful: Readonly<Record<Role, boolean>> = {
    student: isSpacingUseful('student', students, state),
    contact: isSpacingUseful('contact', contacts, state) || isContactCountUseful(misses, state, limits),
  }
  return ROLES.filter((role) => isUseful[role])
}

function isSpacingUseful(role: Role, wanted: readonly UserId[], state: DistrictState): boolean {
  const isSpaced = state.rows(role) !== undefined || state.spacing(role) !== undefined
  return wanted.length >= MANY_RECORDS && state.mayCount(role) && state.ranges === 'USABLE' && !isSpaced
}

/** Only the number of contacts shows whether a full load is cheaper than the contacts of each student. */
function isContactCountUseful(
  { contactsOf }: CacheMisses,
  state: DistrictState,
  limits: CallLimits,
): boolean {
  const { rows, mayFullLoad, mayCount } = state
  const each =
    contactsOf.length * (CONTACTS_OF_MS / MAX_CONCURRENT_CALLS + priceOfCall(limits, contactsOf.length))
  return (
    mayFullLoad &&
    mayCount('contact') &&
    rows('contact') === undefined &&
    each > COUNT_FACTOR * (PAGE_MS + priceOfCall(limits, 1))
  )
}
