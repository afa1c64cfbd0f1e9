import type { SandboxDistrict } from '../roster/district.ts'
import type { StudentRelationship } from '../roster/records.ts'

/** A JSON object somebody sent; nothing is known of its values. */
export type Fields = Readonly<Record<string, unknown>>

export class BadInputError extends Error {
  override readonly name = 'BadInputError'
}

/** An empty text is an empty object. Throws BadInputError for anything that is not a JSON object. */
export function readFields(json: string): Fields {
  try {
    const value: unknown = JSON.parse(json || '{}')
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // Said below, together with JSON of the wrong kind.
  }
  throw new BadInputError('the body must be a JSON object')
}

type DistrictAction = (district: SandboxDistrict, fields: Fields) => unknown

/** What can happen to a district, by the last part of the path; the body's fields are named like the parameters. */
export const districtActions: Readonly<Record<string, DistrictAction>> = {
  'end-relationship': (district, f) =>
    district.endRelationship(required(f, 'contactId'), required(f, 'studentId')),
  'add-relationship': (district, f) => district.addRelationship(required(f, 'contactId'), readEntry(f)),
  'correct-email': (district, f) => ({
    id: district.correctEmail(required(f, 'contactId'), required(f, 'email')),
  }),
  'assign-sis-id': (district, f) => ({
    id: district.assignSisId(required(f, 'contactId'), required(f, 'sisId')),
  }),
  'remove-contact': (district, f) => district.removeContact(required(f, 'contactId')),
  'unshare-student': (district, f) => district.unshareStudent(required(f, 'studentId')),
  'share-student': (district, f) => district.shareStudent(required(f, 'studentId')),
  'edit-record': (district, { districtId: _id, ...change }) => district.editRecord(change),
  'rotate-token': (district) => ({ token: district.rotateToken() }),
  sync: (district) => district.sync(),
}

function readEntry(fields: Fields): StudentRelationship {
  const relationship = text(fields, 'relationship')
  const type = text(fields, 'type')
  return {
    ...(relationship === undefined ? {} : { relationship }),
    student: required(fields, 'studentId'),
    ...(type === undefined ? {} : { type }),
  }
}

function text(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  if (value === undefined || typeof value === 'string') return value
  throw new BadInputError(`${name} must be a string`)
}

function required(fields: Fields, name: string): string {
  const value = text(fields, name)
  if (value === undefined) throw new BadInputError(`${name} is missing`)
  return value
}
