import type { ContactRecord, RelationshipEntry } from '../model/records.ts'
import { wordKey } from './word-key.ts'

type Relationship = RelationshipEntry['relationship']['value']
type Type = RelationshipEntry['type']['value']

/**
 * The meaning of a word, in either of the two fields. It is used for one of them only, so that one word does
 * not count twice.
 */
type Meaning =
  | { readonly relationship: Exclude<Relationship, 'UNSPECIFIED'> }
  | { readonly type: Exclude<Type, 'UNSPECIFIED'> }

/**
 * Words that districts write, as `wordKey` folds them. They are for display and search, and a policy may also
 * grant by them, so they must be reliable. A word that might mean two things is not here and stays OTHER. So
 * does a word with a narrower meaning, such as "great-grandmother".
 */
const WORDS: Readonly<Record<string, Meaning>> = {
  parent: { relationship: 'PARENT' },
  mother: { relationship: 'PARENT' },
  father: { relationship: 'PARENT' },
  mom: { relationship: 'PARENT' },
  mum: { relationship: 'PARENT' },
  dad: { relationship: 'PARENT' },
  // Adoption makes a legal parent. Birth, biological and natural parents are not here, because adoption may
  // have ended their rights.
  adoptiveparent: { relationship: 'PARENT' },
  adoptivemother: { relationship: 'PARENT' },
  adoptivefather: { relationship: 'PARENT' },
  // "Padres" is not here, because it may be two people. "mama" and "papa" are not here, because without
  // accents they may also be grandparents.
  madre: { relationship: 'PARENT' },
  padre: { relationship: 'PARENT' },

  // A stepparent has no rights over a child by marriage alone. If one is a guardian, another word says so.
  stepparent: { relationship: 'OTHER' },
  stepmother: { relationship: 'OTHER' },
  stepfather: { relationship: 'OTHER' },
  stepmom: { relationship: 'OTHER' },
  stepdad: { relationship: 'OTHER' },
  madrastra: { relationship: 'OTHER' },
  padrastro: { relationship: 'OTHER' },
  // A foster parent cares for the child, but a court or an agency decides. Counts as a guardian only if that
  // is written.
  fosterparent: { relationship: 'OTHER' },
  fostermother: { relationship: 'OTHER' },
  fosterfather: { relationship: 'OTHER' },

  grandparent: { relationship: 'GRANDPARENT' },
  grandmother: { relationship: 'GRANDPARENT' },
  grandfather: { relationship: 'GRANDPARENT' },
  grandma: { relationship: 'GRANDPARENT' },
  grandpa: { relationship: 'GRANDPARENT' },
  abuela: { relationship: 'GRANDPARENT' },
  abuelo: { relationship: 'GRANDPARENT' },

  auntuncle: { relationship: 'AUNT_UNCLE' },
  uncleaunt: { relationship: 'AUNT_UNCLE' },
  aunt: { relationship: 'AUNT_UNCLE' },
  auntie: { relationship: 'AUNT_UNCLE' },
  uncle: { relationship: 'AUNT_UNCLE' },
  tia: { relationship: 'AUNT_UNCLE' },
  tio: { relationship: 'AUNT_UNCLE' },

  // "Big brother" is not here, because it may be a mentor of the organization of that name. Step-siblings are
  // not legal siblings.
  sibling: { relationship: 'SIBLING' },
  brother: { relationship: 'SIBLING' },
  sister: { relationship: 'SIBLING' },
  halfbrother: { relationship: 'SIBLING' },
  halfsister: { relationship: 'SIBLING' },
  hermano: { relationship: 'SIBLING' },
  hermana: { relationship: 'SIBLING' },

  // "Student" is not here, because it may mean another student.
  self: { relationship: 'SELF' },

  // A guardian is not a parent. The word is about the type, and means Clever's Parent/Guardian. It is the
  // word that PowerSchool districts write as a relationship (github Clever/clever-python#66). "Guardian ad
  // litem" is not here, because it means a representative in court. Neither is "tutor", which is a guardian
  // in Spanish and a teacher in English.
  guardian: { type: 'PARENT_GUARDIAN' },
  legalguardian: { type: 'PARENT_GUARDIAN' },
  courtappointedguardian: { type: 'PARENT_GUARDIAN' },
  parentguardian: { type: 'PARENT_GUARDIAN' },
  guardianparent: { type: 'PARENT_GUARDIAN' },
  parentorguardian: { type: 'PARENT_GUARDIAN' },

  // "Primary guardian" and "custodial parent" are not here, because they say two things at once.
  emergency: { type: 'EMERGENCY' },
  emergencycontact: { type: 'EMERGENCY' },
  contactodeemergencia: { type: 'EMERGENCY' },
  primary: { type: 'PRIMARY' },
  primarycontact: { type: 'PRIMARY' },
  secondary: { type: 'SECONDARY' },
  secondarycontact: { type: 'SECONDARY' },
  // The word does not say which relative.
  family: { type: 'FAMILY' },
  familymember: { type: 'FAMILY' },
  relative: { type: 'FAMILY' },
}

type PhoneType = ContactRecord['phoneType']

/**
 * Words for the type of a phone, in its own field only. Single letters are not here, because they may mean
 * two things.
 */
const PHONE_WORDS: Readonly<Record<string, Exclude<PhoneType['value'], 'UNSPECIFIED'>>> = {
  cell: 'CELL',
  cellphone: 'CELL',
  cellular: 'CELL',
  cellularphone: 'CELL',
  mobile: 'CELL',
  mobilephone: 'CELL',
  smartphone: 'CELL',
  celular: 'CELL',
  telefonocelular: 'CELL',
  movil: 'CELL',
  telefonomovil: 'CELL',
  home: 'HOME',
  homephone: 'HOME',
  house: 'HOME',
  housephone: 'HOME',
  residence: 'HOME',
  casa: 'HOME',
  telefonodecasa: 'HOME',
  hogar: 'HOME',
  work: 'WORK',
  workphone: 'WORK',
  office: 'WORK',
  officephone: 'WORK',
  business: 'WORK',
  trabajo: 'WORK',
  telefonodetrabajo: 'WORK',
  oficina: 'WORK',
  other: 'OTHER',
}

export type EntryProblem =
  | 'MISSING_RELATIONSHIP'
  | 'UNKNOWN_RELATIONSHIP'
  | 'RELATIONSHIP_IN_WRONG_FIELD'
  | 'MISSING_TYPE'
  | 'UNKNOWN_TYPE'

export interface Inferred<Value extends string> {
  readonly value: Value
  /** The common meaning of the word, which Clever does not document. */
  readonly isInferred: boolean
}

export interface InferredEntry {
  readonly relationship: Inferred<Relationship>
  readonly type: Inferred<Type>
  readonly problems: readonly EntryProblem[]
}

/** The meaning of the two words of an entry. A documented word keeps its meaning. Never throws. */
export function inferEntry({
  relationship,
  type,
}: Pick<RelationshipEntry, 'relationship' | 'type'>): InferredEntry {
  const said = { relationship: meaningOf(relationship, 'relationship'), type: meaningOf(type, 'type') }
  const inferredRelationship = infer(
    relationship,
    relationshipIn(said.relationship),
    // Infers a value only for a field that is empty or that has a word of the other field.
    isOpen(relationship, typeIn(said.relationship)) ? relationshipIn(said.type) : undefined,
  )
  const inferredType = infer(
    type,
    typeIn(said.type),
    isOpen(type, relationshipIn(said.type)) ? typeIn(said.relationship) : undefined,
  )
  return {
    relationship: inferredRelationship,
    type: inferredType,
    problems: [
      ...problemsOf(relationship, inferredRelationship, 'MISSING_RELATIONSHIP', 'UNKNOWN_RELATIONSHIP'),
      ...(relationshipIn(said.type) === undefined
        ? problemsOf(type, inferredType, 'MISSING_TYPE', 'UNKNOWN_TYPE')
        : (['RELATIONSHIP_IN_WRONG_FIELD'] as const)),
    ],
  }
}

/** The type of a phone, from a documented word or a common one. Never throws. */
export function inferPhoneType({ value, raw, isKnown }: PhoneType): Inferred<PhoneType['value']> {
  const key = raw === undefined || isKnown ? undefined : wordKey(raw)
  const inferred = key !== undefined && Object.hasOwn(PHONE_WORDS, key) ? PHONE_WORDS[key] : undefined
  return inferred === undefined ? { value, isInferred: false } : { value: inferred, isInferred: true }
}

type Word = RelationshipEntry['relationship' | 'type']

function meaningOf({ raw, isKnown }: Word, field: 'relationship' | 'type'): Meaning | undefined {
  if (raw === undefined || isKnown) return undefined
  const key = wordKey(raw)
  if (key === undefined) return undefined
  // Both fields have this word in Clever's documentation, so it applies to its own field.
  if (key === 'other') return field === 'relationship' ? { relationship: 'OTHER' } : { type: 'OTHER' }
  return Object.hasOwn(WORDS, key) ? WORDS[key] : undefined
}

function relationshipIn(meaning: Meaning | undefined) {
  return meaning !== undefined && 'relationship' in meaning ? meaning.relationship : undefined
}

function typeIn(meaning: Meaning | undefined) {
  return meaning !== undefined && 'type' in meaning ? meaning.type : undefined
}

function isOpen({ value }: Word, meantForTheOther: string | undefined): boolean {
  return value === 'UNSPECIFIED' || meantForTheOther !== undefined
}

/** A documented word needs no inference: the table has no meaning for it, and its field is not empty. */
function infer<Value extends string>(
  { value }: { readonly value: Value },
  own: Value | undefined,
  fromTheOther: Value | undefined,
): Inferred<Value> {
  const inferred = own ?? fromTheOther
  return inferred === undefined ? { value, isInferred: false } : { value: inferred, isInferred: true }
}

function problemsOf(
  { value, isKnown }: Word,
  { isInferred }: Inferred<string>,
  missing: EntryProblem,
  unknown: EntryProblem,
): readonly EntryProblem[] {
  if (isInferred) return []
  if (value === 'UNSPECIFIED') return [missing]
  return isKnown ? [] : [unknown]
}
