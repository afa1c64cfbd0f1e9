import { createFactSource } from '../access/facts.ts'
import { callContextOf, createRequestFetch } from '../fetch/request-fetch.ts'
import { createReports, type Reports } from '../reports.ts'
import type { Services } from '../view/request.ts'
import { createChangingSealer } from '../view/sealed-text.ts'
import { followChanges } from './follow-changes.ts'
import { gatewayItself, readReport } from './report.ts'

export interface ServicesOptions extends Omit<Services, 'facts' | 'createFetch' | 'follow' | 'sealer'> {
  /** The keys of encrypted cursors come from it. */
  readonly cursorSecret: () => string
  /** Aborted, with a TimeoutError, when requests that are still unanswered must be answered as they stand. */
  readonly ending: AbortSignal
  /** ms */
  readonly requestTimeout: number
  /** The limits of the report of one district. */
  readonly report: { readonly maxCalls: number; readonly timeoutMs: number; readonly keptMs: number }
}

/** Connects the parts that all requests share. */
export function createServices(options: ServicesOptions): {
  readonly services: Services
  readonly reports: Reports
} {
  const { districts, clock, ending, requestTimeout, report, cursorSecret } = options
  const reports = createReports(
    (client) =>
      readReport(
        client,
        services,
        gatewayItself('contact-report', report.maxCalls, clock.now() + report.timeoutMs),
      ),
    clock,
    report.keptMs,
  )
  const services: Services = {
    clients: options.clients,
    districts,
    clock,
    rules: options.rules,
    onDecision: options.onDecision,
    onRound: options.onRound,
    phoneCountry: options.phoneCountry,
    sealer: createChangingSealer(cursorSecret),
    requiredFields: options.requiredFields,
    facts: createFactSource(clock, districts.ages.decisionMs),
    createFetch: (request) => createRequestFetch(request, { reports, ending }),
    // Reading a page of past events has the time limit of a request.
    follow: (request, args) =>
      followChanges(request, args, () => callContextOf(request, ending, clock.now() + requestTimeout)),
  }
  return { services, reports }
}
