import { type ContactRecord, studentIdsOf } from '../clever/records.ts'
import { readEmail } from './emails.ts'
import { isFiller } from './phones.ts'

/** What Clever derives the id of a contact from, in the order in which it looks (dev.clever.com/docs/student-contacts). */
export const ID_BASES = {
  SIS_ID: "The district's own id of the contact: the Clever id stays until that one changes.",
  NAME_EMAIL: 'Name and e-mail: the Clever id changes when either does.',
  NAME_PHONE: 'Name and phone, for want of an e-mail: the Clever id changes when either does.',
  NAME_TYPE:
    'Name, type, relationship and phone type, for want of anything better: two people with the same of all become one contact.',
} as const

export type IdBasis = keyof typeof ID_BASES

export interface Identity {
  readonly basis: IdBasis
  /** The Clever id outlives a corrected name, e-mail or phone. */
  readonly isStable: boolean
  /** Students of two people may have come together under one name. Only "may": most such contacts are one person. */
  readonly collisionRisk: boolean
}

/** What Clever does without a name is not documented; here it counts as an empty one. Never throws. */
export function identityOf(
  contact: Pick<ContactRecord, 'sisId' | 'email' | 'phone' | 'relationships'>,
): Identity {
  const basis = basisOf(contact)
  return {
    basis,
    isStable: basis === 'SIS_ID',
    collisionRisk: !isTelling(basis, contact) && studentIdsOf(contact.relationships).size > 1,
  }
}

/** Whether what the id comes from is somebody's own: what forms are filled with, such as "none" or zeros, is everybody's. */
function isTelling(basis: IdBasis, { email, phone }: Pick<ContactRecord, 'email' | 'phone'>): boolean {
  switch (basis) {
    case 'SIS_ID':
      return true
    case 'NAME_EMAIL':
      return readEmail(email).isValid
    case 'NAME_PHONE':
      return !isFiller(phone)
    case 'NAME_TYPE':
      return false
  }
}

/** An empty string is no value, as everywhere in Clever's records (§2.1). */
function basisOf({ sisId, email, phone }: Pick<ContactRecord, 'sisId' | 'email' | 'phone'>): IdBasis {
  if (sisId) return 'SIS_ID'
  if (email) return 'NAME_EMAIL'
  return phone ? 'NAME_PHONE' : 'NAME_TYPE'
}
