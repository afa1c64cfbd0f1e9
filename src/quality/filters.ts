import type { ContactRecord, StudentRecord } from '../model/records.ts'
import { inferEntry } from './inference.ts'
import { normalizeText } from './names.ts'
import { findsContact, findsStudent, type Search } from './search.ts'

/** A condition that is left out matches every record. A record must meet all given conditions. */
export interface ContactFilter {
  /** As shown, including inferred values. With `types`, one entry must match both. */
  readonly relationships: readonly string[] | undefined
  readonly types: readonly string[] | undefined
  readonly hasEmail: boolean | undefined
  readonly hasPhone: boolean | undefined
  readonly search: Search | undefined
}

export interface StudentFilter {
  /** As Clever writes it, in any case. */
  readonly grade: string | undefined
  readonly schoolId: string | undefined
  readonly search: Search | undefined
}

/** Reads all relationships in the record, so a viewer who may see only some must be given a record with only those. */
export function matchesContact(contact: ContactRecord, filter: ContactFilter): boolean {
  const { relationships, types, hasEmail, hasPhone, search } = filter
  return (
    isSo(hasEmail, () => normalizeText(contact.email) !== undefined) &&
    isSo(hasPhone, () => normalizeText(contact.phone) !== undefined) &&
    ((relationships === undefined && types === undefined) ||
      contact.relationships.map(inferEntry).some(({ relationship, type }) => {
        const isWanted = relationships === undefined || relationships.includes(relationship.value)
        return isWanted && (types === undefined || types.includes(type.value))
      })) &&
    (search === undefined || findsContact(search, contact))
  )
}

export function matchesStudent(student: StudentRecord, { grade, schoolId, search }: StudentFilter): boolean {
  return (
    (grade === undefined || student.grade?.toLowerCase() === grade.toLowerCase()) &&
    (schoolId === undefined || student.schoolId === schoolId || student.schoolIds.includes(schoolId)) &&
    (search === undefined || findsStudent(search, student))
  )
}

function isSo(wanted: boolean | undefined, is: () => boolean): boolean {
  return wanted === undefined || wanted === is()
}
