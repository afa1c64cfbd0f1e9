/** Clever's window, in ms. */
export const WINDOW_MS = 60_000

/**
 * The calls that may fall into one window of Clever's, wherever that window begins and whatever the headers say of it. A
 * call arrives at Clever between its departure and its end, so it is counted from the one until 60 s after the other.
 */
export interface RecentCalls {
  begin(): void
  /** The call was answered or lost at `now`. All times are ms of a clock that never jumps. */
  end(now: number): void
  /** The call never left. */
  withdraw(): void
  count(now: number): number
  /** When `places` fewer are counted than at `now`; a whole window later where calls under way are among them. */
  freeAt(now: number, places: number): number
}

export function createRecentCalls(): RecentCalls {
  let underWay = 0
  /** When each ended call stops to count, in ascending order. */
  let expiries: number[] = []

  function expire(now: number) {
    const next = expiries.findIndex((at) => at > now)
    if (next !== 0) expiries = next < 0 ? [] : expiries.slice(next)
  }

  return {
    begin() {
      underWay += 1
    },
    end(now) {
      underWay -= 1
      expire(now)
      expiries.push(now + WINDOW_MS)
    },
    withdraw() {
      underWay -= 1
    },
    count(now) {
      expire(now)
      return underWay + expiries.length
    },
    freeAt(now, places) {
      expire(now)
      return expiries[places - 1] ?? now + WINDOW_MS
    },
  }
}
