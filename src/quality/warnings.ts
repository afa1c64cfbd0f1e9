import type { UserId } from '../model/ids.ts'
import type { ContactRecord, RelationshipEntry } from '../model/records.ts'
import { readEmail } from './emails.ts'
import { identityOf } from './identity.ts'
import { inferEntry } from './inference.ts'
import { normalizeText } from './names.ts'
import { type Country, readPhone } from './phones.ts'
import { hasNoteInEntry, hasOwnNote } from './restrictions.ts'

/**
 * Clever has data warnings of its own, for districts, and no way to read them (§8). These are the gateway's. The description
 * is the message for every contact, so it holds nothing personal.
 */
export const WARNINGS = {
  MISSING_EMAIL: { field: 'email', description: 'The contact has no e-mail.' },
  MISSING_PHONE: { field: 'phone', description: 'The contact has no phone.' },
  UNREACHABLE: { field: undefined, description: 'The contact has neither an e-mail nor a phone.' },
  INVALID_EMAIL: { field: 'email', description: 'The e-mail is not written as one address.' },
  INVALID_PHONE: {
    field: 'phone',
    description:
      'The phone is not a complete number with an area code in use, or a note is written beside it.',
  },
  MISSING_RELATIONSHIP: {
    field: 'relationships.relationship',
    description: 'A relationship entry does not say what the contact is to the student.',
  },
  UNKNOWN_RELATIONSHIP: {
    field: 'relationships.relationship',
    description:
      'A relationship entry has a relationship that Clever does not document and the gateway does not understand.',
  },
  RELATIONSHIP_IN_WRONG_FIELD: {
    field: 'relationships.type',
    description: 'A relationship entry has the relationship in the field for the type.',
  },
  MISSING_TYPE: {
    field: 'relationships.type',
    description: 'A relationship entry does not say why the contact is listed.',
  },
  UNKNOWN_TYPE: {
    field: 'relationships.type',
    description:
      'A relationship entry has a type that Clever does not document and the gateway does not understand.',
  },
  UNKNOWN_STUDENT: {
    field: 'relationships.student',
    description: 'A relationship entry names a student that the district does not share, or no longer has.',
  },
  DUPLICATE_ENTRY: {
    field: 'relationships',
    description: 'Two relationship entries for one student have the same relationship and the same type.',
  },
  RESTRICTION_NOTE: {
    field: undefined,
    description:
      'A relationship entry, the name, the phone or the e-mail has a note such as "NO CONTACT" or "court order". Unless the policy ignores such notes, the pair has no privileges.',
  },
  NO_READABLE_ENTRY: {
    field: 'relationships',
    description: 'The contact has no readable relationship entry that names a student.',
  },
  RECORD_CUT: {
    field: undefined,
    description:
      'A text, the list of relationship entries or the record is longer than the gateway keeps. The truncated part may have had a restriction note.',
  },
  UNSTABLE_ID: {
    field: 'id',
    description:
      'The district gives the contact no id of its own. If the name, e-mail or phone changes, the contact may get another Clever id.',
  },
  COLLISION_RISK: {
    field: 'id',
    description:
      'The contact has several students, and little more than a name identifies it. It may be two people.',
  },
  POSSIBLE_DUPLICATE: { field: undefined, description: 'Another contact may be the same person.' },
} as const satisfies Readonly<
  Record<string, { readonly field: string | undefined; readonly description: string }>
>

export type WarningCode = keyof typeof WARNINGS

export interface Warning {
  readonly code: WarningCode
  /** The path of the field, from the contact. Undefined for the contact as a whole. */
  readonly field: string | undefined
  /** In English. Holds no personal data. */
  readonly message: string
}

/** Facts that are not in the record. If one is unknown (undefined), its warnings are not given. */
export interface WarningContext {
  /** The country of phones without a country code. */
  readonly defaultCountry: Country
  /** Whether to check if phones are valid, which is the slowest check. True by default. */
  readonly readsPhones?: boolean
  /** Whether the record has all its entries, including those that the viewer may not see. True by default. */
  readonly hasEveryEntry?: boolean
  readonly isKnownStudent?: ((id: UserId) => boolean | undefined) | undefined
  readonly hasLookAlike?: ((contact: ContactRecord) => boolean | undefined) | undefined
}

/**
 * Each code at most once, in the order of the table. Reads all the students in the record, so a viewer who may see only
 * some of them must be given a record with only those. Never throws, unless the context does.
 */
export function warningsOf(contact: ContactRecord, context: WarningContext): readonly Warning[] {
  const { relationships } = contact
  const codes = new Set<WarningCode>([
    ...ofAddresses(contact, context),
    ...when(hasOwnNote(contact), 'RESTRICTION_NOTE'),
    ...when(relationships.length === 0 && context.hasEveryEntry !== false, 'NO_READABLE_ENTRY'),
    // The truncated part may be an entry that the viewer may not see.
    ...when(contact.isTruncated === true && context.hasEveryEntry !== false, 'RECORD_CUT'),
    ...relationships.flatMap((entry) => ofEntry(entry, context)),
    ...when(hasDuplicates(relationships), 'DUPLICATE_ENTRY'),
    ...ofIdentity(contact),
    ...when(context.hasLookAlike?.(contact) === true, 'POSSIBLE_DUPLICATE'),
  ])
  return CODES.filter((code) => codes.has(code)).map(warning)
}

const CODES = Object.keys(WARNINGS) as WarningCode[]

function warning(code: WarningCode): Warning {
  return { code, field: WARNINGS[code].field, message: WARNINGS[code].description }
}

function when(isSo: boolean, code: WarningCode): readonly WarningCode[] {
  return isSo ? [code] : []
}

function ofAddresses(
  { email, phone }: ContactRecord,
  { defaultCountry, readsPhones = true }: WarningContext,
): readonly WarningCode[] {
  const has = { email: normalizeText(email) !== undefined, phone: normalizeText(phone) !== undefined }
  return [
    ...when(!has.email, 'MISSING_EMAIL'),
    ...when(!has.phone, 'MISSING_PHONE'),
    ...when(!has.email && !has.phone, 'UNREACHABLE'),
    ...when(has.email && !readEmail(email).isValid, 'INVALID_EMAIL'),
    ...when(readsPhones && has.phone && !readPhone(phone, defaultCountry).isValid, 'INVALID_PHONE'),
  ]
}

function ofEntry(entry: RelationshipEntry, { isKnownStudent }: WarningContext): readonly WarningCode[] {
  return [...ofWords(entry), ...when(isKnownStudent?.(entry.studentId) === false, 'UNKNOWN_STUDENT')]
}

const knownOfWords = new WeakMap<RelationshipEntry, readonly WarningCode[]>()

/** Found once for each entry: that takes some 20 µs, and a contact may have thousands of entries. */
function ofWords(entry: RelationshipEntry): readonly WarningCode[] {
  const codes = knownOfWords.get(entry) ?? [
    ...inferEntry(entry).problems,
    ...when(hasNoteInEntry(entry), 'RESTRICTION_NOTE'),
  ]
  knownOfWords.set(entry, codes)
  return codes
}

function ofIdentity(contact: ContactRecord): readonly WarningCode[] {
  const { isStable, collisionRisk } = identityOf(contact)
  return [...when(!isStable, 'UNSTABLE_ID'), ...when(collisionRisk, 'COLLISION_RISK')]
}

/** A pair may have several entries (§2.3) with different words. */
function hasDuplicates(entries: readonly RelationshipEntry[]): boolean {
  const distinct = entries.map(({ studentId, relationship, type }) =>
    JSON.stringify([studentId, foldWord(relationship), foldWord(type)]),
  )
  return new Set(distinct).size < entries.length
}

/** Blank words are equal, such as N/A and a missing word. */
function foldWord({ value, raw }: RelationshipEntry['relationship' | 'type']): string {
  return value === 'UNSPECIFIED' ? '' : (normalizeText(raw)?.toLowerCase() ?? '')
}
