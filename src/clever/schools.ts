import type { DistrictId } from '../model/ids.ts'
import type { SchoolRecord } from '../model/schools.ts'
import { Fields, SizeLimit } from './fields.ts'

/** Undefined for a record without a readable id. `onTruncated` receives the name of each field that was truncated. */
export function parseSchool(
  json: unknown,
  districtId: DistrictId,
  onTruncated: (field: string) => void,
): SchoolRecord | undefined {
  const sizeLimit = new SizeLimit()
  const school = Fields.of(json, sizeLimit)
  const id = school?.id('id')
  if (school === undefined || id === undefined) return undefined
  const record = { id, districtId, name: school.text('name') }
  for (const field of sizeLimit.truncatedFields) onTruncated(field)
  return record
}
