import { open } from 'node:fs/promises'
import type { Disclosures } from './disclosures.ts'
import { type Principal, principalKey } from './principal.ts'

/** Appends whole lines; rejects when they are not written. */
export interface AuditSink {
  append(lines: string): Promise<void>
  close(): Promise<void>
}

export interface AuditedRequest {
  readonly requestId: string
  readonly principal: Principal
  readonly disclosures: Disclosures
}

/** One JSON object a line for each student of whom the request told something: ids and grounds, no names. */
export function auditLines({ requestId, principal, disclosures }: AuditedRequest, now: number): string {
  const time = new Date(now).toISOString()
  const lines = disclosures.all().map((disclosure) =>
    JSON.stringify({
      audit: 'disclosure',
      time,
      requestId,
      principal: principalKey(principal),
      ...disclosure,
    }),
  )
  return lines.map((line) => `${line}\n`).join('')
}

/** A file that is only ever appended to; created for its owner alone. Rejects when it cannot be opened. */
export async function openAuditFile(path: string): Promise<AuditSink> {
  const file = await open(path, 'a', 0o600)
  return { append: (lines) => file.appendFile(lines), close: () => file.close() }
}

export function auditTo(stream: NodeJS.WritableStream): AuditSink {
  return {
    append: (lines) =>
      new Promise((resolve, reject) => stream.write(lines, (error) => (error ? reject(error) : resolve()))),
    close: async () => {},
  }
}
