import type { CleverClient } from './clever/client.ts'
import type { Clock } from './clock.ts'
import type { ContactReport } from './quality/report.ts'

export interface DatedReport extends ContactReport {
  /** The oldest as-of time of the data. ISO 8601 */
  readonly asOf: string
}

/**
 * The reports of all districts. Counting takes some tenths of a millisecond a contact, and is shared by all
 * requests.
 */
export interface Reports {
  /**
   * Goes on even if no request waits any more, so that the next request gets the report. Throws the errors of
   * `read`.
   */
  of(client: CleverClient): Promise<DatedReport | undefined>
}

/** The pause after a failed report, because another attempt may cost as many calls. ms */
const FAILURE_MS = 60_000

/** `keptFor`: ms, from the moment when a report is complete. */
export function createReports(
  read: (client: CleverClient) => Promise<DatedReport | undefined>,
  clock: Clock,
  keptFor: number,
): Reports {
  const reports = new Map<
    CleverClient,
    { readonly report: Promise<DatedReport | undefined>; until: number }
  >()
  return {
    of(client) {
      const known = reports.get(client)
      if (known !== undefined && clock.elapsed() < known.until) return known.report
      const entry = { report: read(client), until: Number.POSITIVE_INFINITY }
      reports.set(client, entry)
      entry.report.then(
        () => {
          entry.until = clock.elapsed() + keptFor
        },
        () => {
          entry.until = clock.elapsed() + FAILURE_MS
        },
      )
      return entry.report
    },
  }
}
