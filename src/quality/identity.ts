import { personalEmails, personalPhones, readId } from '../identity/clues.ts'
import { type ContactRecord, studentIdsOf } from '../model/records.ts'

/**
 * The values from which Clever derives the id of a contact, in the order of its rule
 * (dev.clever.com/docs/student-contacts).
 */
export const ID_BASES = {
  SIS_ID: "The district's own id of the contact. The Clever id changes only with it.",
  NAME_EMAIL: 'The name and the e-mail. The Clever id changes with either of them.',
  NAME_PHONE:
    'The name and the phone, because there is no e-mail. The Clever id changes with either of them.',
  NAME_TYPE:
    'The name, type, relationship and phone type, because there is nothing else. Two people with the same values become one contact.',
} as const

export type IdBasis = keyof typeof ID_BASES

export interface Identity {
  readonly basis: IdBasis
  /** Whether the Clever id survives a corrected name, e-mail or phone. */
  readonly isStable: boolean
  /** Whether two people with the same name may have become one contact. Most such contacts are one person. */
  readonly collisionRisk: boolean
}

type Identified = Pick<ContactRecord, 'sisId' | 'email' | 'phone' | 'relationships' | 'shared'>

const known = new WeakMap<Identified, Identity>()

/**
 * Clever does not document what it does without a name. Here a missing name counts as an empty one. Computed
 * once for each record, because the cost is linear in its entries and each entry's privileges depend on it.
 * Never throws.
 */
export function identityOf(contact: Identified): Identity {
  const identity = known.get(contact)
  if (identity !== undefined) return identity
  const computed = computeIdentity(contact)
  known.set(contact, computed)
  return computed
}

function computeIdentity(contact: Identified): Identity {
  const basis = basisOf(contact)
  return {
    basis,
    isStable: basis === 'SIS_ID' && isDistinctive(basis, contact),
    collisionRisk: studentIdsOf(contact.relationships).size > 1 && !isDistinctive(basis, contact),
  }
}

/**
 * Whether the value that the id is derived from is a person's own. A placeholder, such as "none" or zeros,
 * and a value that many contacts of the district share are not.
 */
function isDistinctive(basis: IdBasis, contact: Identified): boolean {
  switch (basis) {
    case 'SIS_ID':
      return readId(contact.sisId) !== undefined && !contact.shared?.has('sisId')
    case 'NAME_EMAIL':
      return [...personalEmails(contact)].some((email) => email.includes('@'))
    case 'NAME_PHONE':
      return personalPhones(contact).size > 0
    case 'NAME_TYPE':
      return false
  }
}

/** An empty string means "no value", as everywhere in Clever's records (§2.1). */
function basisOf({ sisId, email, phone }: Identified): IdBasis {
  if (sisId) return 'SIS_ID'
  if (email) return 'NAME_EMAIL'
  return phone ? 'NAME_PHONE' : 'NAME_TYPE'
}
