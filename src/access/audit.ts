import type { Disclosures } from './disclosures.ts'
import { type Principal, principalKey } from './principal.ts'

export interface AuditSink {
  /**
   * Appends whole lines. Rejects when they are not written, also when the signal is aborted first: it says that the answer
   * waits no longer.
   */
  append(lines: string, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

export interface AuditedRequest {
  readonly requestId: string
  readonly principal: Principal
  readonly disclosures: Disclosures
}

/** One JSON object and a line feed for all that the request discloses: ids and reasons, no names. Empty if it discloses nothing. */
export function auditLine({ requestId, principal, disclosures }: AuditedRequest, now: number): string {
  const disclosed = disclosures.all()
  if (disclosed.length === 0) return ''
  const time = new Date(now).toISOString()
  const line = { audit: 'disclosure', time, requestId, principal: principalKey(principal), disclosed }
  return `${JSON.stringify(line)}\n`
}
