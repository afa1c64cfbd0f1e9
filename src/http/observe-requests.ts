import type { Metrics } from '../metrics.ts'
import type { RequestOutcome, RequestSummary } from '../model/request-summary.ts'

interface Timer {
  observe(seconds: number): void
}

/** Counts an ended request. The child of each label is looked up once. */
export function observeRequests({ requests, requestErrors, requestRounds }: Metrics) {
  const times = new Map<string, Map<string, Timer>>()
  const timeOf = (status: string, outcome: RequestOutcome) => {
    const byStatus = times.get(outcome) ?? new Map<string, Timer>()
    const timer = byStatus.get(status) ?? requests.labels(status, outcome)
    times.set(outcome, byStatus.set(status, timer))
    return timer
  }
  return (summary: RequestSummary, status: string, outcome: RequestOutcome, milliseconds: number) => {
    timeOf(status, outcome).observe(milliseconds / 1_000)
    if (summary.isExecuted) requestRounds.observe(summary.rounds)
    for (const code of summary.codes) requestErrors.inc({ code })
  }
}

/** The counters of sign-ins by outcome, each looked up once. */
export function signInCounters({ signIns }: Metrics) {
  return {
    KNOWN: signIns.labels('known'),
    MISSING: signIns.labels('missing'),
    INVALID: signIns.labels('invalid'),
    UNAVAILABLE: signIns.labels('unavailable'),
  }
}
