import { Fields, Room } from './fields.ts'
import type { DistrictId, UserId } from './ids.ts'

/** A school of a district. Clever's record has more, such as a phone and the name of the principal, which is not kept. */
export interface SchoolRecord {
  readonly id: UserId
  readonly districtId: DistrictId
  readonly name: string | undefined
}

/** The schools of one district by id, in ascending order of id. */
export type Schools = ReadonlyMap<string, SchoolRecord>

/** Undefined for a record without a readable id. `onCut` receives the name of each field that was cut. */
export function parseSchool(
  json: unknown,
  districtId: DistrictId,
  onCut: (field: string) => void,
): SchoolRecord | undefined {
  const room = new Room()
  const school = Fields.of(json, room)
  const id = school?.id('id')
  if (school === undefined || id === undefined) return undefined
  const record = { id, districtId, name: school.text('name') }
  for (const field of room.cutFields) onCut(field)
  return record
}

export function schoolsById(schools: readonly SchoolRecord[]): Schools {
  return new Map(schools.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((school) => [school.id, school]))
}
