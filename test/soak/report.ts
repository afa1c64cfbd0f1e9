import { printMarkdown } from '../bench/table.ts'
import type { ReceivedCall } from './clever.ts'
import type { SoakRecord } from './record.ts'
import type { Subscriber } from './subscribers.ts'

const HEAD = [
  'Minute',
  'What happens',
  'Failures by code',
  'Requests',
  'Refused',
  'p50 ms',
  'p99 ms',
  'RSS MB',
  'Lag p99 ms',
  'Calls',
]
const MINUTE_MS = 60_000

/** A row for each minute. RSS and lag are those of the gateway with the most. */
export function printMinutes({ minutes, startedAt }: SoakRecord, calls: readonly ReceivedCall[]): string {
  const callsOf = Map.groupBy(calls, ({ at }) => Math.floor((at - startedAt) / MINUTE_MS))
  const rows = minutes.map((minute, index) => {
    const latencies = minute.latencies.toSorted((a, b) => a - b)
    const at = (share: number) => (latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(0)
    const failures = [...minute.failures].map(([code, count]) => `${code} ${count}`)
    return [
      String(index + 1),
      minute.steps.join(', '),
      failures.join(', '),
      String(minute.requests),
      String(minute.refused),
      at(0.5),
      at(0.99),
      minute.rssMb.toFixed(0),
      minute.lagMs.toFixed(0),
      String(callsOf.get(index)?.length ?? 0),
    ]
  })
  return printMarkdown(HEAD, rows, 3)
}

export function printSubscribers(subscribers: readonly Subscriber[]): string {
  const sum = (of: (each: Subscriber) => number) => subscribers.reduce((total, each) => total + of(each), 0)
  const [changes, resumed] = [sum(({ heard }) => heard.flat().length), sum((each) => each.resumed)]
  return `${subscribers.length} subscribers heard ${changes} changes, and continued ${resumed} times.`
}
