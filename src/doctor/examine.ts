import type { CleverClient } from '../clever/client.ts'
import type { DistrictClients } from '../clever/district-clients.ts'
import type { CallContext } from '../clever/transport.ts'
import type { DistrictRegistry } from '../districts.ts'
import { CleverPathRefused, CleverTokenRefused } from '../model/clever-errors.ts'
import type { Role } from '../model/ranges.ts'
import type { DistrictRecord } from '../model/records.ts'
import type { ContactReport } from '../quality/report.ts'
import { sisNotesFor } from '../quality/sis-notes.ts'
import { type CursorSemantics, examineCursors } from './examine-cursors.ts'
import { type CredentialKind, explainFailure, type Phase } from './explain-failure.ts'
import { count, Findings, type Verdict } from './findings.ts'
import { sayCursors, sayDistrict, sayEvents, sayReport, saySchools, saySharing } from './statements.ts'

export interface DoctorOptions {
  readonly clients: DistrictClients
  readonly districts: DistrictRegistry
  readonly credentials: CredentialKind
  readonly callContext: () => CallContext
  /** Undefined if no viewer may see all of a district. */
  readonly report: (client: CleverClient) => Promise<ContactReport | undefined>
  readonly print: (line: string) => void
  /** `of` is undefined where Clever does not count. */
  readonly progress: (role: Role, rows: number, of: number | undefined) => void
}

/** The worst of all verdicts. */
export type Diagnosis = Verdict

/** The number of contacts, from the first on, that are searched for a gap between two ids. */
const MAX_CURSOR_CANDIDATES = 1_000

const CONCLUSIONS: Readonly<Record<Verdict, string>> = {
  ok: 'All is well.',
  warn: 'It works. Ask the district to correct the data that the warnings name.',
  fail: 'It does not work. Correct what failed above.',
}

/**
 * Checks the gateway's requirements for each district, and counts the faults of the contacts. Prints numbers,
 * names of districts and no personal data. Calls go out in the background: other users of the token come
 * first.
 */
export function examine(options: DoctorOptions): Promise<Diagnosis> {
  return new Examination(options).run()
}

class Examination {
  readonly #options: DoctorOptions
  readonly #findings: Findings

  constructor(options: DoctorOptions) {
    this.#options = options
    this.#findings = new Findings(options.print)
  }

  async run(): Promise<Diagnosis> {
    const { clients, callContext, print } = this.#options
    const found = await this.#check('token', async () => clients.all(callContext()), 'CREDENTIALS')
    if (found?.length === 0) this.#findings.say('fail', 'token', 'no district has authorized the application')
    for (const client of found ?? []) await this.#examineDistrict(client)
    const { worst } = this.#findings
    print(`\n${CONCLUSIONS[worst]}`)
    return worst
  }

  async #examineDistrict(client: CleverClient) {
    const { print, report, callContext } = this.#options
    const findings = this.#findings
    print(`\nDistrict ${client.districtId}`)
    const record = await this.#check('token', () => this.#readDistrict(client))
    if (record === undefined) return
    findings.say('ok', 'token', 'Clever accepts it')
    sayDistrict(findings, record)
    const newest = await this.#check('events', async () => ({ id: await client.newestEvent(callContext()) }))
    if (newest !== undefined) sayEvents(findings, newest.id)
    const counts = await this.#check('sharing', () => this.#countShared(client))
    if (counts === undefined || !saySharing(findings, counts)) return
    const schools = await this.#check('schools', () => client.schools(callContext()).catch(orRefused))
    if (schools !== undefined) saySchools(findings, schools)
    for (const role of ['contact', 'student'] as const)
      if (!(await this.#check('reading', () => this.#readAll(client, role, counts[role])))) return
    const semantics = await this.#check('cursors', () => this.#readCursors(client))
    if (semantics !== undefined) sayCursors(findings, semantics)
    const contacts = await this.#check('report', () => report(client))
    if (contacts !== undefined) sayReport(findings, contacts)
    for (const { text } of sisNotesFor(record.sisType)) print(`     expect      ${text}`)
    print(`     calls       ${count(client.callsLeft(), 'call')} left of this minute`)
  }

  /** Undefined, after saying what to do, if the check fails. */
  async #check<Value>(
    subject: string,
    ask: () => Promise<Value>,
    phase: Phase = 'DISTRICT',
  ): Promise<Value | undefined> {
    try {
      return await ask()
    } catch (error) {
      const { credentials } = this.#options
      const explanation = error instanceof Error ? explainFailure(error, phase, credentials) : undefined
      if (explanation === undefined) throw error
      this.#findings.say('fail', subject, explanation)
      return undefined
    }
  }

  /** Every valid token reaches the record of its district. */
  async #readDistrict(client: CleverClient): Promise<DistrictRecord> {
    const record = await client.district(this.#options.callContext()).catch((error: unknown) => {
      throw error instanceof CleverPathRefused ? new CleverTokenRefused(error.message, error.status) : error
    })
    if (record === undefined) throw new CleverTokenRefused('no record of the district', 404)
    return record
  }

  async #countShared(client: CleverClient): Promise<Record<Role, number | undefined>> {
    const { districts, callContext } = this.#options
    const { sizes } = districts.of(client)
    await sizes.count('contact', callContext())
    await sizes.count('student', callContext())
    return { contact: sizes.rows('contact'), student: sizes.rows('student') }
  }

  /** False if the records do not fit into memory. */
  async #readAll(client: CleverClient, role: Role, of: number | undefined): Promise<boolean> {
    const { districts, callContext, progress } = this.#options
    const { store, reader } = districts.of(client)
    const isWhole = await reader.fullLoad(role, callContext(), 0, () => progress(role, store.size(role), of))
    const rows = count(store.size(role), role)
    if (isWhole) this.#findings.say('ok', 'reading', `${rows} read`)
    else
      this.#findings.say(
        'fail',
        'reading',
        `only ${rows} fit into DIRECTORY_MAX_BYTES, or some records cannot be read`,
      )
    return isWhole
  }

  #readCursors(client: CleverClient): Promise<CursorSemantics> {
    const { districts, callContext } = this.#options
    const { store } = districts.of(client)
    const list = (direction: 'forwards' | 'backwards', limit: number) =>
      store.list({ role: 'contact', direction, beyond: undefined, limit }, 0)?.value
    const ids = list('forwards', MAX_CURSOR_CANDIDATES)?.records.map(({ id }) => id) ?? []
    return examineCursors(client, 'contact', ids, list('backwards', 1)?.lastId, callContext)
  }
}

function orRefused(error: unknown): 'REFUSED' {
  if (error instanceof CleverPathRefused) return 'REFUSED'
  throw error
}
