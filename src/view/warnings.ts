import { isSamePerson } from '../identity/same-contact.ts'
import type { UserId } from '../model/ids.ts'
import type { Role } from '../model/ranges.ts'
import { type ContactRecord, hasEntryTo, studentIdsOf } from '../model/records.ts'
import { WARNINGS, type Warning, type WarningCode, warningsOf } from '../quality/warnings.ts'
import type { ContactNode } from './contact-node.ts'
import { collect } from './contacts.ts'
import { MISSING } from './missing.ts'
import type { View } from './view.ts'
import { visibleRecord } from './visible.ts'

const ALL: ReadonlySet<WarningCode> = new Set(Object.keys(WARNINGS) as WarningCode[])
/** A contact with more students is not one person, and would take long to compare. */
const MAX_STUDENTS_TO_COMPARE = 50

/** The roles that must be known to find these warnings, besides the contact. */
export function rolesFor(codes: ReadonlySet<WarningCode>): readonly Role[] {
  if (codes.has('POSSIBLE_DUPLICATE')) return ['student', 'contact']
  return codes.has('UNKNOWN_STUDENT') ? ['student'] : []
}

/**
 * Warnings about what the viewer may see of a contact: a warning about a student discloses that there is one. Students and
 * other contacts are read only if `codes` has a warning that needs them.
 */
export function warningsFor(view: View, contact: ContactNode, codes = ALL): readonly Warning[] {
  const record = visibleRecord(view, contact)
  const students = codes.has('UNKNOWN_STUDENT') ? knownStudents(view, record) : undefined
  const isDuplicate = codes.has('POSSIBLE_DUPLICATE') && hasLookAlike(view, record)
  if (view.missing.size > 0) throw MISSING
  return warningsOf(record, {
    defaultCountry: view.request.services.phoneCountry,
    readsPhones: codes.has('INVALID_PHONE'),
    isKnownStudent: (id) => students?.has(id),
    hasLookAlike: () => isDuplicate,
    // Even if the viewer may see no entry, the contact may have entries.
    hasEveryEntry: contact.isWhole,
  })
}

function knownStudents(view: View, { districtId, relationships }: ContactRecord): ReadonlySet<UserId> {
  const ids = [...studentIdsOf(relationships)].filter((id) => view.viewer.access(id).student.allowed)
  const known = ids.filter(
    (id) => collect(view, () => [view.record('student', { id, districtId }).value])[0] !== undefined,
  )
  return new Set(known)
}

/**
 * Compares only with contacts of students whose contacts the viewer may see, and uses only those
 * relationships.
 */
function hasLookAlike(view: View, record: ContactRecord): boolean {
  const students = new Set(
    [...studentIdsOf(record.relationships)].filter((id) => view.viewer.access(id).contacts.allowed),
  )
  if (students.size > MAX_STUDENTS_TO_COMPARE) return false
  const others = new Map<UserId, ContactRecord>()
  for (const id of students) {
    const contacts = collect(view, () => view.contactsOf(id, record.districtId).value)
    for (const contact of contacts) if (hasEntryTo(contact, id)) others.set(contact.id, contact)
  }
  const seen = onlyTo(students, record)
  return others.values().some((other) => isSamePerson(seen, onlyTo(students, other)) !== undefined)
}

function onlyTo(students: ReadonlySet<UserId>, record: ContactRecord): ContactRecord {
  return { ...record, relationships: record.relationships.filter(({ studentId }) => students.has(studentId)) }
}
