import { parseUser } from '../../src/clever/records.ts'
import { type DistrictId, parseDistrictId, parseUserId, type UserId } from '../../src/model/ids.ts'
import type { ContactRecord, RelationshipEntry } from '../../src/model/records.ts'
import { parseEnumValue, RELATIONSHIP_TYPES, RELATIONSHIPS } from '../../src/model/vocabulary.ts'

/** A contact as Clever writes one, with the whole name in `last`. */
export interface Person {
  readonly id?: string
  readonly first?: string | undefined
  readonly last?: string | undefined
  readonly email?: string | undefined
  readonly phone?: string | undefined
  readonly phoneType?: string | undefined
  readonly sisId?: string | undefined
  readonly entries?: readonly Entry[]
}

export interface Entry {
  readonly student: string
  readonly relationship?: string | undefined
  readonly type?: string | undefined
}

export const STUDENT = user('1'.repeat(24))
export const OTHER_STUDENT = user('2'.repeat(24))
const DISTRICT = district('d'.repeat(24))

export function user(text: string): UserId {
  return parseUserId(text) ?? failing(text)
}

function district(text: string): DistrictId {
  return parseDistrictId(text) ?? failing(text)
}

/** Read as the gateway reads it. By default of one student, about whom nothing is said. */
export function contact({ id = 'a'.repeat(24), entries = [{ student: STUDENT }], ...person }: Person = {}) {
  const { first, last, email, phone, phoneType, sisId } = person
  const read: ContactRecord | undefined = parseUser(
    {
      id,
      name: { first, last },
      email,
      roles: { contact: { phone, phone_type: phoneType, sis_id: sisId, student_relationships: entries } },
    },
    DISTRICT,
  )?.contact
  return read ?? failing(id)
}

export function entry(relationship?: string, type?: string): RelationshipEntry {
  return {
    studentId: STUDENT,
    relationship: parseEnumValue(RELATIONSHIPS, relationship),
    type: parseEnumValue(RELATIONSHIP_TYPES, type),
  }
}

function failing(text: string): never {
  throw new Error(`${text} will not do`)
}
