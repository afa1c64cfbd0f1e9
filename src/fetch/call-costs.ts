/**
 * What calls to Clever cost, in milliseconds. The times of Clever were observed on the wire. How a page grows with its
 * rows is a guess, as only pages of 100 rows were recorded.
 */
export const RECORD_MS = 25
export const PAGE_MS = 45
export const ROW_MS = 0.1
export const CONTACTS_OF_MS = 66
/**
 * The gateway's own work for a row of 0.8 kB, which it receives and steps over if it is not wanted. Measured in a process that
 * has just started; a warm one needs half of it.
 */
export const OWN_ROW_MS = 0.005

/** Calls of one request that are under way at the same time: all connections of a token. */
export const MAX_CONCURRENT_CALLS = 64

/** From so many wanted records on, a call to count the records of a role is better than a range that shows their spacing. */
export const MANY_RECORDS = 64

const WINDOW_CALLS = 1_200
const PRICE_OF_FRESH_WINDOW_MS = 4

export interface CallLimits {
  /** The calls left in the window of the token. */
  readonly callsLeft: number
  /** The calls that the request may still make. */
  readonly allowance: number
  /** Time until the request's deadline. ms */
  readonly timeLeft: number
}

/**
 * The price of each call, if this many are made, besides the time that it takes. 1,200 calls in a window of 60 s are 50 ms
 * each if all are wanted; a fresh window is seldom used up, so a call in it costs a fraction of that. The price doubles
 * each time the remaining calls are halved. A plan that uses much of the remaining calls costs up to twice as much, and a
 * plan with more calls than remain is excluded:
 *
 *     price = 4 ms × 1,200 / calls left ÷ (1 − share of them that is wanted / 2)
 */
export function priceOfCall({ callsLeft, allowance }: CallLimits, calls: number): number {
  const share = calls / Math.max(Math.min(callsLeft, allowance), 1)
  if (share > 1) return Number.POSITIVE_INFINITY
  return (PRICE_OF_FRESH_WINDOW_MS * WINDOW_CALLS) / callsLeft / (1 - share / 2)
}

/** How long a range of so many rows takes Clever. */
export const rangeMs = (rows: number) => PAGE_MS + rows * ROW_MS

/** How long a call takes Clever, and the rows of its answer that are stored or stepped over: none for a single record. */
export interface CallTime {
  readonly ms: number
  readonly rows: number
}

/**
 * How long these calls take side by side: as long as the longest, or as all of them, 64 at a time; and then as long as the gateway
 * needs for all rows, some of which it reads before the last page is there, at the expense of other requests.
 */
export function timeOfCalls(calls: readonly CallTime[]): number {
  let [longest, all, allRows] = [0, 0, 0]
  for (const { ms, rows } of calls) {
    longest = Math.max(longest, ms)
    all += ms
    allRows += rows
  }
  return Math.max(longest, all / MAX_CONCURRENT_CALLS) + allRows * OWN_ROW_MS
}
