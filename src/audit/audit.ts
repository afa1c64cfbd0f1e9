import type { Disclosure, Disclosures } from '../access/disclosures.ts'
import { type Principal, principalKey } from '../access/principal.ts'
import { createIsoTime } from '../iso-time.ts'
import type { UserId } from '../model/ids.ts'

export interface AuditSink {
  /** Appends whole lines. Rejects when they are not written. `ticket` is for `cancel`. */
  append(lines: string, ticket: object): Promise<void>
  /** Cancels lines that nothing waits for any more. They are not written unless their write has begun. */
  cancel?(ticket: object): void
  close(): Promise<void>
}

export interface AuditedRequest {
  readonly requestId: string
  readonly principal: Principal
  readonly disclosures: Disclosures
}

const isoTime = createIsoTime()

/**
 * One JSON object and a line feed with everything that the request discloses: ids and reasons, no names.
 * Empty if it discloses nothing.
 */
export function auditLine({ requestId, principal, disclosures }: AuditedRequest, now: number): string {
  if (disclosures.groups.length === 0) return ''
  const disclosed = disclosures.groups.map(groupAsJson).join()
  return `{"audit":"disclosure","time":"${isoTime(now)}","requestId":"${requestId}","principal":${JSON.stringify(principalKey(principal))},"disclosed":[${disclosed}]}\n`
}

/**
 * Built by hand for speed, because a page has hundreds of ids. No id, privilege or reason has a character
 * that JSON escapes.
 */
function groupAsJson({ privilege, reason, students, contacts }: Disclosure): string {
  let text = ''
  for (const [studentId, contactIds] of students) {
    text += `${text === '' ? '' : ','}"${studentId}":${idsAsJson(contactIds)}`
  }
  const alone = contacts.size === 0 ? '' : `,"contacts":${idsAsJson([...contacts])}`
  return `{"privilege":"${privilege}","reason":"${reason}","students":{${text}}${alone}}`
}

function idsAsJson(ids: readonly UserId[]): string {
  if (ids.length === 0) return '[]'
  return ids.length === 1 ? `["${ids[0]}"]` : `["${ids.join('","')}"]`
}
