import { timeOfEvent } from '../model/events.ts'
import type { Role } from '../model/ranges.ts'
import type { DistrictRecord } from '../model/records.ts'
import type { Schools } from '../model/schools.ts'
import { normalizeText } from '../quality/names.ts'
import type { ContactReport } from '../quality/report.ts'
import type { CursorSemantics } from './examine-cursors.ts'
import { count, type Findings } from './findings.ts'

export function sayDistrict(findings: Findings, { state, lastSyncAt, ...record }: DistrictRecord) {
  // A name from Clever must not look like a line of the doctor.
  const name = normalizeText(record.name) ?? 'without a name'
  const sisType = normalizeText(record.sisType) ?? 'unknown'
  const sync = lastSyncAt === undefined ? 'never synced' : `last synced ${lastSyncAt}`
  findings.say(state.value === 'ERROR' ? 'warn' : 'ok', 'district', `${name}, SIS type ${sisType}, ${sync}`)
  if (state.value === 'ERROR')
    findings.print('                 the last sync failed, so the data comes from the sync before it')
}

/** `newest` is the id of the newest event: null before the first one, undefined where the district has no events. */
export function sayEvents(findings: Findings, newest: string | null | undefined) {
  if (newest === undefined)
    findings.say('warn', 'events', 'off: data is loaded again when it is old; ask Clever to turn events on')
  else if (newest === null) findings.say('ok', 'events', 'on, no events yet')
  else findings.say('ok', 'events', `on, the newest at ${new Date(timeOfEvent(newest)).toISOString()}`)
}

/** False if there is nothing to read. */
export function saySharing(
  findings: Findings,
  { contact, student }: Record<Role, number | undefined>,
): boolean {
  if (contact === 0)
    findings.say('fail', 'sharing', 'no contacts: ask the district to share them with the application')
  if (student === 0) findings.say('fail', 'sharing', 'no students: no relationship leads to a student')
  if (contact === 0 || student === 0) return false
  findings.say('ok', 'sharing', `${count(contact, 'contact')}, ${count(student, 'student')}`)
  return true
}

/** A gateway that may not read schools answers everything else, so that is a warning. */
export function saySchools(findings: Findings, schools: Schools | 'REFUSED') {
  if (schools === 'REFUSED')
    findings.say(
      'warn',
      'schools',
      'Clever refuses them, so school names are not shown; ask the district to share schools',
    )
  else findings.say('ok', 'schools', `${count(schools.size, 'school')} read`)
}

export function sayCursors(findings: Findings, semantics: CursorSemantics) {
  if (semantics === 'COMPARED')
    findings.say('ok', 'cursors', 'compared with ids: many records cost few calls')
  else if (semantics === 'UNKNOWN')
    findings.print('     cursors     too few contacts to tell how Clever reads cursors')
  else
    findings.say(
      'warn',
      'cursors',
      'looked up, not compared with ids as documented: the last pages of lists fail, and each record costs a call; tell Clever',
    )
}

export function sayReport(findings: Findings, { contacts, withWarnings, warnings, missing }: ContactReport) {
  const share = (part: number) => `${part} (${Math.round((part / Math.max(contacts, 1)) * 100)} %)`
  findings.say(
    withWarnings === 0 ? 'ok' : 'warn',
    'contacts',
    `${share(withWarnings)} of ${contacts} with warnings`,
  )
  for (const { code, contacts } of warnings)
    findings.print(`                 ${code.padEnd(28)}${share(contacts)}`)
  for (const { field, contacts } of missing)
    findings.say(
      contacts === 0 ? 'ok' : 'warn',
      'required',
      `${field.padEnd(13)}missing in ${share(contacts)}`,
    )
}
