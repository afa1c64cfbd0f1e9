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
      /** Those without a student. */
      contacts: z.array(z.string()).default([]),
    }),
  ),
})

export type AuditLine = z.infer<typeof auditLineSchema>

/** OTHER is whole JSON that is no audit line, such as a log line. BROKEN is anything else. */
export type ReadLine = AuditLine | 'OTHER' | 'BROKEN'

const BEGINNING = '{"audit":"disclosure"'

/**
 * A line of a captured output. What container tools put in front of it is skipped, and a line that Docker's json-file
 * driver has wrapped is unwrapped.
 */
export function readAuditLine(text: string): ReadLine {
  const beginning = text.indexOf(BEGINNING)
  const json = parseJson(beginning < 0 ? text : text.slice(beginning))
  if (json === undefined) return 'BROKEN'
  if (typeof json !== 'object' || json === null) return 'OTHER'
  if ('log' in json && typeof json.log === 'string') return readWrapped(json.log)
  if (!('audit' in json)) return 'OTHER'
  return auditLineSchema.safeParse(json).data ?? 'BROKEN'
}

function readWrapped(log: string): ReadLine {
  return log.includes(BEGINNING) ? readAuditLine(log) : 'OTHER'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
