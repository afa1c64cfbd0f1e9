import type { CleverClient } from '../clever/client.ts'
import type { Districts } from '../clever/districts.ts'
import { CleverPathRefused, CleverTokenRefused } from '../clever/errors.ts'
import { timeOfEvent } from '../clever/events.ts'
import type { Role } from '../clever/ranges.ts'
import type { DistrictRecord } from '../clever/records.ts'
import type { Caller } from '../clever/transport.ts'
import type { KnownDistricts } from '../directory/districts.ts'
import { normalizeText } from '../quality/names.ts'
import type { ContactReport } from '../quality/report.ts'
import { sisNotesFor } from '../quality/sis-notes.ts'
import { type CursorSemantics, examineCursors } from './examine-cursors.ts'
import { type CredentialKind, explainFailure, type Phase } from './explain-failure.ts'

/** How a check went: what warns works all the same, and worse. */
type Verdict = 'ok' | 'warn' | 'fail'

export interface DoctorOptions {
  readonly districts: Districts
  readonly known: KnownDistricts
  readonly credentials: CredentialKind
  readonly caller: () => Caller
  /** Undefined where nobody may see all of a district. */
  readonly report: (client: CleverClient) => Promise<ContactReport | undefined>
  readonly print: (line: string) => void
  /** `of` is undefined where Clever does not count. */
  readonly progress: (role: Role, rows: number, of: number | undefined) => void
}

/** The worst of all verdicts. */
export type Diagnosis = Verdict

/**
 * Checks what the gateway needs of Clever, district by district, and counts what is wrong with the contacts. Prints
 * numbers, names of districts and nothing of any person. Calls go out in the background: whoever shares the token comes
 * first.
 */
export async function examine(options: DoctorOptions): Promise<Diagnosis> {
  const { districts, caller, print } = options
  const verdicts: Verdict[] = []

  function say(verdict: Verdict, subject: string, text: string) {
    verdicts.push(verdict)
    print(`${verdict.padEnd(5)}${subject.padEnd(12)}${text}`)
  }

  async function check<Value>(
    subject: string,
    ask: () => Promise<Value>,
    phase: Phase = 'DISTRICT',
  ): Promise<Value | undefined> {
    try {
      return await ask()
    } catch (error) {
      const told = error instanceof Error ? explainFailure(error, phase, options.credentials) : undefined
      if (told === undefined) throw error
      say('fail', subject, told)
      return undefined
    }
  }

  /** Every token reaches the record of its district, so that without it the token is good for nothing. */
  async function readDistrict(client: CleverClient): Promise<DistrictRecord> {
    const record = await client.district(caller()).catch((error: unknown) => {
      throw error instanceof CleverPathRefused ? new CleverTokenRefused(error.message, error.status) : error
    })
    if (record === undefined) throw new CleverTokenRefused('no record of the district', 404)
    return record
  }

  async function examineDistrict(client: CleverClient) {
    print(`\nDistrict ${client.districtId}`)
    const record = await check('token', () => readDistrict(client))
    if (record === undefined) return
    say('ok', 'token', 'Clever takes it')
    sayDistrict(record)
    await sayEvents(client)
    const counts = await check('sharing', () => countShared(client))
    if (counts === undefined || !saySharing(counts)) return
    await saySchools(client)
    for (const role of ['contact', 'student'] as const)
      if (!(await check('reading', () => readAll(client, role, counts[role])))) return
    const semantics = await check('cursors', () => readCursors(client))
    if (semantics !== undefined) sayCursors(semantics)
    const report = await check('report', () => options.report(client))
    if (report !== undefined) sayReport(report)
    for (const { text } of sisNotesFor(record.sisType)) print(`     expect      ${text}`)
    print(`     calls       ${count(client.callsLeft(), 'call')} left of this minute`)
  }

  function sayDistrict({ state, lastSyncAt, ...record }: DistrictRecord) {
    // Whatever Clever has must not look like a line of ours.
    const name = normalizeText(record.name) ?? 'without a name'
    const sisType = normalizeText(record.sisType) ?? 'unknown'
    const sync = lastSyncAt === undefined ? 'never synced' : `last synced ${lastSyncAt}`
    say(state.value === 'ERROR' ? 'warn' : 'ok', 'district', `${name}, by ${sisType}, ${sync}`)
    if (state.value === 'ERROR')
      print('                 its last sync failed: the data are those of the sync before')
  }

  async function sayEvents(client: CleverClient) {
    const newest = await check('events', async () => ({ id: await client.newestEvent(caller()) }))
    if (newest === undefined) return
    if (newest.id === undefined)
      return say('warn', 'events', 'off: what is known ages, and is read anew; ask Clever to turn them on')
    say(
      'ok',
      'events',
      newest.id === null
        ? 'on, and none so far'
        : `on, the newest of ${new Date(timeOfEvent(newest.id)).toISOString()}`,
    )
  }

  async function countShared(client: CleverClient) {
    return {
      contact: await client.count('contact', caller()),
      student: await client.count('student', caller()),
    }
  }

  function saySharing({ contact, student }: Record<Role, number | undefined>): boolean {
    if (contact === 0)
      say('fail', 'sharing', 'no contacts: the district has to share them with the application')
    if (student === 0) say('fail', 'sharing', 'no students: no relationship leads to anybody')
    if (contact === 0 || student === 0) return false
    say('ok', 'sharing', `${count(contact, 'contact')}, ${count(student, 'student')}`)
    return true
  }

  /** A gateway that may not read schools answers everything else, so that is a warning. */
  async function saySchools(client: CleverClient) {
    const schools = await check('schools', () => client.schools(caller()).catch(orRefused))
    if (schools === 'REFUSED')
      say('warn', 'schools', 'Clever refuses them: their names are not shown; the district has to share them')
    else if (schools !== undefined) say('ok', 'schools', `${count(schools.size, 'school')} read`)
  }

  /** False where it does not fit into memory. */
  async function readAll(client: CleverClient, role: Role, of: number | undefined): Promise<boolean> {
    const { directory, reads } = options.known.of(client)
    const isWhole = await reads.sweep(role, caller(), 0, () =>
      options.progress(role, directory.size(role), of),
    )
    const rows = count(directory.size(role), role)
    if (isWhole) say('ok', 'reading', `${rows} read`)
    else
      say('fail', 'reading', `only ${rows} fit into DIRECTORY_MAX_BYTES, or Clever lists what cannot be read`)
    return isWhole
  }

  function readCursors(client: CleverClient): Promise<CursorSemantics> {
    const { directory } = options.known.of(client)
    const list = (direction: 'forwards' | 'backwards', limit: number) =>
      directory.list({ role: 'contact', direction, beyond: undefined, limit }, 0)?.value
    const ids = list('forwards', MAX_CURSOR_CANDIDATES)?.records.map(({ id }) => id) ?? []
    return examineCursors(client, 'contact', ids, list('backwards', 1)?.lastId, caller)
  }

  function sayCursors(semantics: CursorSemantics) {
    if (semantics === 'COMPARED') say('ok', 'cursors', 'compared with ids: many records cost few calls')
    else if (semantics === 'UNKNOWN') print('     cursors     too few contacts to tell how Clever takes them')
    else
      say(
        'warn',
        'cursors',
        'looked up, not compared with ids as documented: the last pages of lists fail, and each record costs a call; tell Clever',
      )
  }

  function sayReport({ contacts, withWarnings, warnings, missing }: ContactReport) {
    const share = (part: number) => `${part} (${Math.round((part / Math.max(contacts, 1)) * 100)} %)`
    say(withWarnings === 0 ? 'ok' : 'warn', 'contacts', `${share(withWarnings)} of ${contacts} with warnings`)
    for (const { code, contacts } of warnings) print(`                 ${code.padEnd(28)}${share(contacts)}`)
    for (const { field, contacts } of missing)
      say(contacts === 0 ? 'ok' : 'warn', 'required', `${field.padEnd(13)}lacking in ${share(contacts)}`)
  }

  const clients = await check('token', async () => districts.all(caller()), 'CREDENTIALS')
  if (clients?.length === 0) say('fail', 'token', 'no district has authorized the application')
  for (const client of clients ?? []) await examineDistrict(client)
  const worst = (['fail', 'warn'] as const).find((verdict) => verdicts.includes(verdict)) ?? 'ok'
  print(`\n${CONCLUSIONS[worst]}`)
  return worst
}

function orRefused(error: unknown): 'REFUSED' {
  if (error instanceof CleverPathRefused) return 'REFUSED'
  throw error
}

/** Among the first contacts of a district, a gap between two ids is sought. */
const MAX_CURSOR_CANDIDATES = 1_000

const CONCLUSIONS: Readonly<Record<Verdict, string>> = {
  ok: 'All is well.',
  warn: 'It works; what warns is for the district to mend.',
  fail: 'It does not work: see what fails.',
}

function count(rows: number | undefined, unit: string): string {
  return rows === undefined ? `an unknown number of ${unit}s` : `${rows} ${unit}${rows === 1 ? '' : 's'}`
}
