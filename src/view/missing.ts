import type { Facts } from '../access/decide.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import type { PageRange } from '../model/page-range.ts'
import type { Role } from '../model/ranges.ts'
import type { ContactRecord, DistrictRecord } from '../model/records.ts'
import type { Schools } from '../model/schools.ts'
import type { DatedReport } from '../reports.ts'
import type { Purpose } from '../store/ages.ts'
import type { Dated, RecordOf, RecordPage } from '../store/district-store.ts'
import type { ScanRequest, ScanResult } from './scan.ts'

/**
 * Thrown by a read whose value is not known yet, after the read was recorded. The attempt is discarded and the operation
 * runs again once the value has been fetched.
 */
export const MISSING: Error = Object.assign(new Error('a value is missing'), {
  stack: '',
  /** graphql-js takes an error with a path as it is, and makes no further one with a stack for each place. */
  path: [],
})

/** Fetches one missing value. Every method throws the CleverErrors and CallAllowanceExceeded as rejected promises. */
export interface Fetch {
  /** Reads the tokens, and with them the districts. */
  districts(): Promise<void>
  /** Looks in each of the districts, and stops as soon as one of them has the record. */
  record<R extends Role>(
    role: R,
    id: UserId,
    districtIds: readonly DistrictId[],
    purpose: Purpose,
  ): Promise<Dated<RecordOf<R> | undefined>>
  contactsOf(studentId: UserId, districtId: DistrictId): Promise<Dated<readonly ContactRecord[]>>
  page<R extends Role>(districtId: DistrictId, range: PageRange<R>): Promise<Dated<RecordPage<R>>>
  count(districtId: DistrictId, role: Role): Promise<Dated<number | undefined>>
  district(districtId: DistrictId): Promise<DistrictRecord | undefined>
  schools(districtId: DistrictId): Promise<Dated<Schools>>
  /** Reads past events into the id history of the district, as far as the request may. */
  idHistory(districtId: DistrictId): Promise<void>
  /** Reads the students of a staff member into the facts that the process keeps. */
  staff(): Promise<Dated<Facts>>
  scan<R extends Role>(request: ScanRequest<R>): Promise<ScanResult<R>>
  report(districtId: DistrictId): Promise<DatedReport | undefined>
}

export type Load = (fetch: Fetch) => Promise<unknown>

/** The result of fetching one missing value, kept until the request ends. */
export type Pin = { readonly value: unknown } | { readonly error: unknown }
