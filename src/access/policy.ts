import { z } from 'zod'
import type { RelationshipEntry } from '../model/records.ts'
import { RELATIONSHIP_TYPES, RELATIONSHIPS } from '../model/vocabulary.ts'
import { type Inferred, inferEntry } from '../quality/inference.ts'

declare const brand: unique symbol
/** A permitted action concerning one student. The policy file names the privileges. */
export type Privilege = string & { readonly [brand]: 'Privilege' }

/**
 * The two that the gateway itself checks; every policy names them. The others are for the applications that query the
 * gateway.
 */
export const VIEW_STUDENT = 'VIEW_STUDENT' as Privilege
export const VIEW_CONTACTS = 'VIEW_CONTACTS' as Privilege

export const ROLES = ['TEACHER', 'SCHOOL_STAFF', 'DISTRICT_ADMIN', 'STUDENT'] as const
export type Role = (typeof ROLES)[number]

const privilege = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*$/)
  .transform((name) => name as Privilege)
const privileges = z.array(privilege).describe('The privileges that the policy grants.')
const words = z.array(z.string().trim().min(1)).min(1)

const row = z
  .strictObject({
    relationship: z
      .array(z.enum(Object.values(RELATIONSHIPS)))
      .min(1)
      .optional()
      .describe(
        "The relationships that Clever documents. OTHER is Clever's word Other, never an unknown word.",
      ),
    type: z
      .array(z.enum(Object.values(RELATIONSHIP_TYPES)))
      .min(1)
      .optional()
      .describe("The types that Clever documents. OTHER is Clever's word Other, never an unknown word."),
    relationshipText: words
      .optional()
      .describe(
        'The words that districts write as the relationship, such as Guardian. The whole text must match, in any case.',
      ),
    typeText: words
      .optional()
      .describe(
        'The words that districts write as the type, such as Mother. The whole text must match, in any case.',
      ),
    privileges,
    comment: z.string().optional().describe('The purpose of the row, for readers of the file.'),
  })
  .refine((row) => row.relationshipText ?? row.typeText ?? (row.relationship && row.type), {
    message: 'a row names both relationship and type, or the text of one',
  })

/**
 * A row matches an entry that meets all its conditions. The grants of all matching rows add up. Without a
 * matching row there is no privilege.
 */
export const policyFile = z
  .strictObject({
    $schema: z.string().optional(),
    privileges: z
      .record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string().min(1))
      .describe('The name of each privilege, with its description.'),
    relationships: z
      .array(row)
      .describe('The rows that say which relationship entry grants which privileges to the contact.'),
    inferredWords: z
      .enum(['GRANT_NOTHING', 'GRANT'])
      .default('GRANT_NOTHING')
      .describe(
        'Whether a row of documented words also matches the inferred meaning of a word, such as PARENT for Mother. An inferred OTHER never matches. The texts of a row match only words as written.',
      ),
    collisions: z
      .enum(['GRANT', 'GRANT_NOTHING'])
      .default('GRANT')
      .describe(
        "Whether rows grant privileges to a contact that may be two people with the same name: a contact with several students, and without e-mail, phone and district's own id. With GRANT_NOTHING, only overrides grant privileges.",
      ),
    restrictions: z
      .enum(['GRANT_NOTHING', 'IGNORE'])
      .default('GRANT_NOTHING')
      .describe(
        'Whether a restriction note, such as NO CONTACT or "court order", withholds every privilege of the pair. The note is in a relationship entry of the pair, or in the name, phone or e-mail of the contact. With GRANT_NOTHING, only an override grants privileges. A truncated record counts as one with a note.',
      ),
    roles: z.strictObject({
      TEACHER: privileges.describe('The privileges of a teacher for the students that she teaches.'),
      SCHOOL_STAFF: privileges.describe('The privileges of school staff for the students of their schools.'),
      DISTRICT_ADMIN: privileges.describe(
        'The privileges of a district administrator for all students of the district.',
      ),
      STUDENT: privileges.describe('The privileges of a student for their own record.'),
    }),
  })
  .superRefine((policy, context) => {
    if (Object.hasOwn(policy.privileges, 'ALL'))
      context.addIssue('no privilege can be named ALL: in the file of overrides it means every privilege')
    for (const name of [VIEW_STUDENT, VIEW_CONTACTS]) {
      if (!Object.hasOwn(policy.privileges, name))
        context.addIssue(`the privileges lack ${name}, which the gateway itself needs`)
    }
    const granted = [
      ...policy.relationships.map(({ privileges }) => privileges),
      ...Object.values(policy.roles),
    ].flat()
    for (const name of new Set(granted)) {
      if (!Object.hasOwn(policy.privileges, name))
        context.addIssue(`${name} is granted, but not among the privileges`)
    }
  })

export type PolicyFile = z.infer<typeof policyFile>
type Row = z.infer<typeof row>

/** Whether a row matched the written words or only their inferred meaning. */
export type GrantReason = 'RELATIONSHIP' | 'INFERRED_RELATIONSHIP'

export interface Policy {
  /** Each privilege with its description, in the order of the file. */
  readonly privileges: ReadonlyMap<Privilege, string>
  /** Whether rows also grant privileges to a contact who may be two people. */
  readonly collisions: PolicyFile['collisions']
  /** Whether a restriction note withholds the privileges that rows grant. */
  readonly restrictions: PolicyFile['restrictions']
  /**
   * The privileges that one entry grants, computed once for each entry. Empty, missing and unknown words
   * grant nothing unless the file says that they do.
   */
  grantedBy(entry: RelationshipEntry): ReadonlyMap<Privilege, GrantReason>
  /** The privileges of a role concerning its own students. */
  grantedTo(role: Role): ReadonlySet<Privilege>
}

export function createPolicy(file: PolicyFile): Policy {
  const grants = (ground: GrantReason, matches: (row: Row) => boolean) =>
    file.relationships
      .filter(matches)
      .flatMap(({ privileges }) => privileges.map((privilege) => [privilege, ground] as const))
  const inferred = (entry: RelationshipEntry) => {
    if (file.inferredWords === 'GRANT_NOTHING') return []
    const understood = asInferred(entry)
    return grants('INFERRED_RELATIONSHIP', (row) => !hasText(row) && matches(row, understood))
  }
  // The written words come last and win, so a privilege counts as inferred only if inference alone grants it.
  const readGrants = (entry: RelationshipEntry): ReadonlyMap<Privilege, GrantReason> =>
    new Map([...inferred(entry), ...grants('RELATIONSHIP', (row) => matches(row, entry))])
  const known = new WeakMap<RelationshipEntry, ReadonlyMap<Privilege, GrantReason>>()
  return {
    privileges: new Map(Object.entries(file.privileges) as [Privilege, string][]),
    collisions: file.collisions,
    restrictions: file.restrictions,
    grantedBy(entry) {
      const granted = known.get(entry)
      if (granted !== undefined) return granted
      const read = readGrants(entry)
      known.set(entry, read)
      return read
    },
    grantedTo: (role) => new Set(file.roles[role]),
  }
}

/** The entry with Clever's words in place of the district's words, where a meaning is inferred. */
function asInferred(entry: RelationshipEntry): RelationshipEntry {
  const { relationship, type } = inferEntry(entry)
  return {
    ...entry,
    relationship: asKnown(entry.relationship, relationship),
    type: asKnown(entry.type, type),
  }
}

/**
 * An inferred OTHER, such as that of Stepmother, is not one of Clever's words, so the entry stays unknown.
 */
function asKnown<Word extends RelationshipEntry['type' | 'relationship']>(
  written: Word,
  { value, isInferred }: Inferred<Word['value']>,
): Word {
  return isInferred && value !== 'OTHER' ? { ...written, value, isKnown: true } : written
}

function hasText({ relationshipText, typeText }: Row): boolean {
  return (relationshipText ?? typeText) !== undefined
}

function matches(row: Row, { relationship, type }: RelationshipEntry): boolean {
  return (
    isAmong(row.relationship, relationship) &&
    isAmong(row.type, type) &&
    isWritten(row.relationshipText, relationship.raw) &&
    isWritten(row.typeText, type.raw)
  )
}

function isAmong(
  values: readonly string[] | undefined,
  { value, isKnown }: RelationshipEntry['type' | 'relationship'],
): boolean {
  return values === undefined || (isKnown && values.includes(value))
}

function isWritten(words: readonly string[] | undefined, raw: string | undefined): boolean {
  if (words === undefined) return true
  const written = raw?.trim().toLowerCase()
  return words.some((word) => word.toLowerCase() === written)
}
