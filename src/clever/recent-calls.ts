/** Clever's window, in ms. */
export const WINDOW_MS = 60_000

/**
 * The calls that may fall into one of Clever's windows, regardless of its beginning and of the headers.
 * Clever receives a call at some time between its start and its end, so it counts from its start until 60 s
 * after its end.
 */
export interface RecentCalls {
  begin(): void
  /** The call was answered or lost at `now`. All times are ms of a clock that never jumps. */
  end(now: number): void
  /** The call was never sent. */
  withdraw(): void
  count(now: number): number
  /**
   * The time when `places` fewer calls are counted than at `now`. It is a whole window later if some of these
   * calls are still under way.
   */
  freeAt(now: number, places: number): number
}

export function createRecentCalls(): RecentCalls {
  let underWay = 0
  /** The times when ended calls stop counting, in ascending order. */
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
