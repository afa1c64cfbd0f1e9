import type { ReceivedCall } from './clever.ts'

/** Of Clever, for each token. ms */
const WINDOW_MS = 60_000

/** The most calls that any 60 s contain, for the district with the most. */
export function busiestMinute(calls: readonly ReceivedCall[]): number {
  const districts = Map.groupBy(calls, ({ districtId }) => districtId)
  return Math.max(0, ...[...districts.values()].map(busiestOf))
}

function busiestOf(calls: readonly ReceivedCall[]): number {
  const times = calls.map(({ at }) => at).sort((a, b) => a - b)
  let first = 0
  let busiest = 0
  for (const [last, time] of times.entries()) {
    while (time - (times[first] ?? time) >= WINDOW_MS) first += 1
    busiest = Math.max(busiest, last - first + 1)
  }
  return busiest
}
