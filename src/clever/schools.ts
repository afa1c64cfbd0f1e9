import type { DistrictId } from '../model/ids.ts'
import type { SchoolRecord } from '../model/schools.ts'
import { Fields, Room } from './fields.ts'

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
