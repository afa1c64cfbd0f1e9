import { matchesContact, matchesStudent } from '../src/quality/filters.ts'
import { readSearch, type Search } from '../src/quality/search.ts'
import type { WarningCode } from '../src/quality/warnings.ts'
import type { RecordTest } from '../src/view/scan.ts'
import { hasContacts as hasVisibleContacts } from '../src/view/students.ts'
import type { View } from '../src/view/view.ts'
import { visibleRecord } from '../src/view/visible.ts'
import { rolesFor, warningsFor } from '../src/view/warnings.ts'
import { given, isBlank } from './blank-arguments.ts'
import { builder, PII } from './builder.ts'
import { ContactDataWarningCode } from './data-quality.ts'
import { RelationshipToStudent, StudentRelationshipType } from './enums.ts'
import { badInput } from './errors.ts'

/**
 * The complexity of a filter, beside that of the page. A filter may scan the whole list of a district, at some
 * microseconds for each record.
 */
export const SCAN_COMPLEXITY = 2_500
/** The complexity of a filter by warnings. It parses phones and compares contacts, at some hundred microseconds for each record. */
const WARNED_COMPLEXITY = 6_000

export function contactsComplexity(filter: Given<typeof ContactFilter.$inferInput>): number {
  if (filter == null || isBlank(filter)) return 1
  return filter.warnings == null ? SCAN_COMPLEXITY : WARNED_COMPLEXITY
}

export function studentsComplexity(filter: Given<typeof StudentFilter.$inferInput>): number {
  return filter == null || isBlank(filter) ? 1 : SCAN_COMPLEXITY
}

/** Characters. Longer than any name that a person types. */
const MAX_SEARCH_LENGTH = 100

export const ContactFilter = builder.inputType('ContactFilter', {
  description:
    'The conditions for contacts. All of them must hold, for the data that the viewer may see. An empty list matches no contact. Cost: a scan of the whole list, which may be read first with one call for 10,000 records.',
  fields: (t) => ({
    relationships: t.field({
      type: [RelationshipToStudent],
      description:
        'The accepted relationships. The contact must have one of them to a student. With `types`, the same relationship entry must match both.',
    }),
    types: t.field({
      type: [StudentRelationshipType],
      description: 'The accepted types. The contact must have one of them for a student.',
    }),
    hasEmail: t.boolean({
      directives: PII,
      description: 'Whether the contact has an e-mail, valid or not.',
    }),
    hasPhone: t.boolean({
      directives: PII,
      description: 'Whether the contact has a phone, valid or not.',
    }),
    warnings: t.field({
      directives: PII,
      type: [ContactDataWarningCode],
      description: 'The accepted warnings. The contact must have one of them.',
    }),
    search: t.string({
      directives: PII,
      description:
        'The beginnings of words of the name, in any order, or the beginning of the e-mail or phone. Case, accents and punctuation do not matter. A blank text matches every contact.',
    }),
  }),
})

export const StudentFilter = builder.inputType('StudentFilter', {
  description:
    'The conditions for students. All of them must hold. Cost: a scan of the whole list, which may be read first with one call for 10,000 records.',
  fields: (t) => ({
    grade: t.string({ description: 'The grade in Clever\'s word, such as "Kindergarten" or "11".' }),
    schoolId: t.id({ description: "Clever's id of one of the schools of the student." }),
    hasContacts: t.boolean({ description: 'Whether the student has a contact that the viewer may see.' }),
    search: t.string({
      directives: PII,
      description:
        'The beginnings of words of the name, in any order, or the beginning of the e-mail. Case, accents and punctuation do not matter. A blank text matches every student.',
    }),
  }),
})

type Given<Field> = Field | null | undefined

/** Undefined if the filter matches every record. Throws BAD_USER_INPUT. */
export function contactTest(
  filter: Given<typeof ContactFilter.$inferInput>,
  view: View,
): RecordTest<'contact'> | undefined {
  if (filter == null || isBlank(filter)) return undefined
  const { relationships, types, hasEmail, hasPhone, warnings, search } = filter
  const asked = {
    relationships: relationships ?? undefined,
    types: types ?? undefined,
    hasEmail: hasEmail ?? undefined,
    hasPhone: hasPhone ?? undefined,
    search: parseSearch(search, view),
  }
  const codes = warnings == null ? undefined : new Set<WarningCode>(warnings)
  const asksForDetails = hasEmail != null || hasPhone != null || codes !== undefined

  return {
    key: JSON.stringify(filter),
    neededRoles: codes === undefined ? [] : rolesFor(codes),
    disclosesMatches: true,
    matches(view, contact) {
      const record = visibleRecord(view, contact)
      if (contact.detail !== 'FULL') {
        const shown = { ...record, email: undefined, phone: undefined }
        return !asksForDetails && matchesContact(shown, asked)
      }
      if (!matchesContact(record, asked)) return false
      return codes === undefined || warningsFor(view, contact, codes).some(({ code }) => codes.has(code))
    },
  }
}

/** Undefined if the filter matches every record. Throws BAD_USER_INPUT. */
export function studentTest(
  filter: Given<typeof StudentFilter.$inferInput>,
  view: View,
): RecordTest<'student'> | undefined {
  if (filter == null || isBlank(filter)) return undefined
  const { grade, schoolId, hasContacts, search } = filter
  const asked = {
    grade: given(grade),
    schoolId: given(schoolId),
    search: parseSearch(search, view),
  }
  return {
    key: JSON.stringify(filter),
    neededRoles: hasContacts == null ? [] : ['student', 'contact'],
    disclosesMatches: true,
    matches(view, { record }) {
      if (!matchesStudent(record, asked)) return false
      return hasContacts == null || hasContacts === hasVisibleContacts(view, record.id, record.districtId)
    },
  }
}

function parseSearch(search: Given<string>, view: View): Search | undefined {
  const asked = given(search)
  // A search field that the user cleared.
  if (asked === undefined) return undefined
  if (asked.length > MAX_SEARCH_LENGTH)
    throw badInput(`\`search\` is longer than ${MAX_SEARCH_LENGTH} characters. Shorten it.`)
  const read = readSearch(asked, view.request.services.phoneCountry)
  if (read === undefined) throw badInput('`search` has no letter or digit. Add one, or leave `search` out.')
  return read
}
