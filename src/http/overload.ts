import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'

/** ms */
const QUIET_MS = 60_000

const MESSAGES = {
  process:
    'requests are refused, because MAX_REQUESTS_IN_FLIGHT are in progress: look whether Clever is slow or the event loop is blocked, and add instances if neither is so',
  connection: 'requests are refused, because one client has too many in progress on one connection',
}

/** Counts a refused request, and logs that requests are refused once a minute. */
export function countOverload({
  metrics,
  log,
  clock,
}: {
  readonly metrics: Metrics
  readonly log: Logger
  readonly clock: Clock
}) {
  let warnedAt = Number.NEGATIVE_INFINITY
  return (where: 'process' | 'connection') => {
    metrics.requestsOverloaded.inc({ where })
    if (clock.elapsed() - warnedAt < QUIET_MS) return
    warnedAt = clock.elapsed()
    log.warn({ reason: 'OVERLOADED' }, MESSAGES[where])
  }
}
