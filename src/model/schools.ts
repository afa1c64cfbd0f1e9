import type { DistrictId, UserId } from './ids.ts'

/** A school of a district. Clever's record has more, such as a phone and the name of the principal, which is not kept. */
export interface SchoolRecord {
  readonly id: UserId
  readonly districtId: DistrictId
  readonly name: string | undefined
}

/** The schools of one district by id, in ascending order of id. */
export type Schools = ReadonlyMap<string, SchoolRecord>

export function schoolsById(schools: readonly SchoolRecord[]): Schools {
  return new Map(schools.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((school) => [school.id, school]))
}
