import { z } from 'zod'

/** A line of the audit, as `audit.ts` writes it. */
const auditLineSchema = z.object({
  audit: z.literal('disclosure'),
  time: z.string(),
  requestId: z.string(),
  principal: z.string(),
  disclosed: z.array(
    z.object({
      privilege: z.string(),
      reason: z.string(),
      students: z.record(z.string(), z.array(z.string())),
      /** The contacts without a student. */
      contacts: z.array(z.string()).default([]),
    }),
  ),
})

export type AuditLine = z.infer<typeof auditLineSchema>

/** OTHER is valid JSON that is not an audit line, such as a log line. BROKEN is anything else. */
export type ReadLine = AuditLine | 'OTHER' | 'BROKEN'

const BEGINNING = '{"audit":"disclosure"'

/**
 * A line of a captured output. A prefix that container tools add is skipped. A line that is a text in JSON is
 * unwrapped: in `log` by Docker's json-file driver, in `MESSAGE` by journald, in `message` by others.
 */
export function readAuditLine(text: string): ReadLine {
  const beginning = text.indexOf(BEGINNING)
  const json = parseJson(beginning < 0 ? text : text.slice(beginning))
  if (json === undefined) return 'BROKEN'
  if (typeof json !== 'object' || json === null) return 'OTHER'
  // A line by which the gateway tried a sink that had failed.
  if ('audit' in json && json.audit === 'check') return 'OTHER'
  if ('audit' in json) return auditLineSchema.safeParse(json).data ?? 'BROKEN'
  const wrapped = Object.values(json).find((value) => typeof value === 'string' && value.includes(BEGINNING))
  return wrapped === undefined ? 'OTHER' : readAuditLine(wrapped)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
