import type { Reader, VisibleContact } from '../src/access/reader.ts'
import type { UserId } from '../src/clever/ids.ts'
import type { Role } from '../src/clever/ranges.ts'
import { studentIdsOf } from '../src/clever/records.ts'
import { all, type MaybePromise, run, type Steps, wait } from '../src/maybe-promise.ts'
import { ID_BASES, type IdBasis, type Identity } from '../src/quality/identity.ts'
import type { Country } from '../src/quality/phones.ts'
import { WARNINGS, type Warning, type WarningCode, warningsOf } from '../src/quality/warnings.ts'
import { builder } from './builder.ts'

const IdBasisEnum = builder.enumType('IdBasis', {
  description: "What Clever derives a contact's id from.",
  values: Object.fromEntries(
    Object.entries(ID_BASES).map(([name, description]) => [name, { value: name as IdBasis, description }]),
  ),
})

export const ContactIdentity = builder.objectRef<Identity>('ContactIdentity').implement({
  description: 'How far the id of a contact can be relied on, by the rules that Clever documents.',
  fields: (t) => ({
    basis: t.expose('basis', { type: IdBasisEnum, description: 'What the id comes from.' }),
    isStable: t.exposeBoolean('isStable', {
      description: 'Whether the id outlives a corrected name, e-mail or phone.',
    }),
    collisionRisk: t.exposeBoolean('collisionRisk', {
      description: 'Whether this may be two people of one name, related to different students.',
    }),
  }),
})

export const DataWarningCode = builder.enumType('DataWarningCode', {
  description: 'What may be wrong with the data of a contact.',
  values: Object.fromEntries(
    Object.entries(WARNINGS).map(([name, { description }]) => [
      name,
      { value: name as WarningCode, description },
    ]),
  ),
})

export const DataWarning = builder.objectRef<Warning>('DataWarning').implement({
  description: 'Something that may be wrong with the data of a contact, for the district to mend.',
  fields: (t) => ({
    code: t.expose('code', { type: DataWarningCode, description: 'What it is.' }),
    field: t.exposeString('field', { nullable: true, description: 'Where, as a path from the contact.' }),
    message: t.exposeString('message', { description: 'The same in English; says nothing of anybody.' }),
  }),
})

const ALL: ReadonlySet<WarningCode> = new Set(Object.keys(WARNINGS) as WarningCode[])

/** Whom it takes to find these warnings, besides the contact. */
export function rolesFor(codes: ReadonlySet<WarningCode>): readonly Role[] {
  // A student must be known to be there before anybody asks for her contacts.
  if (codes.has('POSSIBLE_DUPLICATE')) return ['student', 'contact']
  return codes.has('UNKNOWN_STUDENT') ? ['student'] : []
}

/**
 * Of a narrowed contact. What takes calls, who the students are and who else there is, is only looked for where `codes`
 * has it. Throws what the reader throws.
 */
export function warningsFor(
  contact: VisibleContact,
  reader: Reader,
  defaultCountry: Country,
  codes = ALL,
): MaybePromise<readonly Warning[]> {
  return run(findWarnings(contact, reader, defaultCountry, codes))
}

function* findWarnings(
  contact: VisibleContact,
  reader: Reader,
  defaultCountry: Country,
  codes: ReadonlySet<WarningCode>,
): Steps<readonly Warning[]> {
  const { record } = contact
  const students = codes.has('UNKNOWN_STUDENT') ? yield* knownStudents(contact, reader) : undefined
  const hasLookAlike = codes.has('POSSIBLE_DUPLICATE') && (yield* wait(reader.hasLookAlike(contact)))
  return warningsOf(record, {
    defaultCountry,
    readsPhones: codes.has('INVALID_PHONE'),
    isKnownStudent: (id) => students?.get(id),
    hasLookAlike: () => hasLookAlike,
    hasEveryEntry: contact.isNarrowed !== true,
  })
}

function* knownStudents({ record }: VisibleContact, reader: Reader): Steps<ReadonlyMap<UserId, boolean>> {
  const { districtId, relationships } = record
  const ids = [...studentIdsOf(relationships)]
  const areKnown = yield* wait(all(ids.map((id) => reader.isStudent({ id, districtId }))))
  return new Map(ids.map((id, i) => [id, areKnown[i] === true]))
}
