import type { AuditLine } from './audit-line.ts'

/** The conditions of a search. A disclosure must meet all that are given. */
export interface AuditQuery {
  /** The id of a student. */
  readonly student?: string
  /** The principal as in the audit, such as `guardian:<id>`, or only the id in it. */
  readonly principal?: string
}

/**
 * A student in a line of the audit, with the contacts that were disclosed with the student; or the contacts without a
 * student.
 */
export interface AuditRow {
  readonly time: string
  readonly requestId: string
  readonly principal: string
  readonly privilege: string
  readonly reason: string
  /** Empty for contacts without a student. */
  readonly student: string
  readonly contacts: readonly string[]
}

export function findRows(line: AuditLine, { student, principal }: AuditQuery): AuditRow[] {
  if (principal !== undefined && !isOf(line.principal, principal)) return []
  const { time, requestId } = line
  return line.disclosed.flatMap(({ privilege, reason, students, contacts: alone }) =>
    [...Object.entries(students), ...(alone.length > 0 ? [['', alone] as const] : [])]
      .filter(([id]) => student === undefined || id === student)
      .map(([id, contacts]) => ({
        time,
        requestId,
        principal: line.principal,
        privilege,
        reason,
        student: id,
        contacts,
      })),
  )
}

/** A guardian may be several contacts, `guardian:<id>+<id>`: each of the ids finds the guardian. */
function isOf(principal: string, wanted: string): boolean {
  if (principal === wanted) return true
  const [kind, ids = ''] = splitOnce(principal, ':')
  if (kind !== 'guardian') return ids === wanted
  const [wantedKind, wantedIds = wantedKind] = splitOnce(wanted, ':')
  if (wantedKind !== 'guardian' && wantedIds !== wantedKind) return false
  const own = new Set(ids.split('+'))
  return wantedIds.split('+').every((id) => own.has(id))
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
